import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleCore, bundleScript } from '../testing/bundles.ts';

test.each([
  ['the client without elements', 8, bundleCore],
  ['the one-script build', 22, bundleScript],
])('%s is at most %i KB, minified and compressed', async (_, kilobytes, bundle) => {
  const { length } = gzipSync(await bundle(), { level: 9 });
  expect(length).toBeLessThanOrEqual(kilobytes * 1024);
});
