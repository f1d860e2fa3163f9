import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import Metro from 'metro';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chunksOf } from './testing/bundles.ts';

/** Resolves the modules that Metro itself consists of. */
const { resolve } = createRequire(createRequire(import.meta.url).resolve('metro'));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-metro-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The bundle of an entry of this package, by Metro, the bundler of React Native. */
async function bundle(entry: string): Promise<string> {
  for (const { fileName, code } of await chunksOf(entry)) await writeFile(join(folder, fileName), code);
  const config = await Metro.loadConfig(
    { cwd: folder, resetCache: false },
    {
      projectRoot: folder,
      watchFolders: [folder, join(resolve('metro-runtime/package.json'), '..')],
      cacheStores: [],
      maxWorkers: 1,
      reporter: { update() {} },
      resolver: { useWatchman: false },
      transformer: {
        asyncRequireModulePath: resolve('metro-runtime/src/modules/asyncRequire'),
        getTransformOptions: async () => ({ transform: { experimentalImportSupport: true, inlineRequires: false } }),
      },
    },
  );
  const { code } = await Metro.runBuild(config, { entry: 'entry.js', dev: false, minify: false, platform: 'android' });
  return code;
}

test('a bundle of Metro with the client is a script, and has no import.meta', async () => {
  const code = await bundle('src/index.ts');
  expect(code).toContain('tidings.v1');
  expect(code).not.toContain('import.meta');
  expect(() => new Script(code)).not.toThrow();
});

test('a bundle of Metro with Vite’s variable would be none, for which it has an entry of its own', async () => {
  const code = await bundle('src/vite.ts');
  expect(() => new Script(code)).toThrow(SyntaxError);
});
