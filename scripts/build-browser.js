import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from './build-package.js';
import { root } from './repository.js';
import { fail, say, seconds } from './say.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.js';

const script = 'packages/server/public/tidings.js';
const sources = [
  'package-lock.json',
  'packages/client/package.json',
  'packages/client/tsconfig.json',
  'packages/client/tsdown.config.ts',
  'packages/client/build',
  'packages/client/src',
  'packages/protocol/src',
];

/**
 * Builds what browsers load from the server, unless its sources are those of the last build.
 * @returns {Promise<string | undefined>} why it could not
 */
export async function buildBrowser() {
  const wanted = hashOf(sources);
  if (readStamp('browser-built') === wanted && existsSync(join(root, script))) return undefined;
  const start = performance.now();
  say('Building the browser client …');
  clearStamp('browser-built');
  const { ok, output } = await buildPackage('client');
  if (!ok) return `${output}\n\nThe browser client does not build; the reason is above.`;
  if (!existsSync(join(root, script)))
    return `packages/client was built but made no ${script}: see its tsdown.config.ts.`;
  writeStamp('browser-built', wanted);
  say(`Built in ${seconds(start)}.`);
  return undefined;
}

/** As `buildBrowser`, but ends the script if it could not. */
export async function ensureBrowserBuilt() {
  const problem = await buildBrowser();
  if (problem) fail(problem);
}
