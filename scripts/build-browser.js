import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from './build-package.js';
import { root } from './repository.js';
import { fail, say, seconds } from './say.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.js';

const folder = 'packages/server/public';
/** The one that pages name, and those that it loads when they are wanted. */
const scripts = ['', '-inbox', '-task', '-room', '-news', '-diagnosis', '-transports'].map(
  (part) => `tidings${part}.js`,
);
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
  if (readStamp('browser-built') === wanted && missing().length === 0) return undefined;
  const start = performance.now();
  say('Building the browser client …');
  clearStamp('browser-built');
  const { ok, output } = await buildPackage('client');
  if (!ok) return `${output}\n\nThe browser client does not build; the reason is above.`;
  if (missing().length > 0)
    return `packages/client was built but made no ${missing().join(', ')} in ${folder}: see its tsdown.config.ts.`;
  writeStamp('browser-built', wanted);
  say(`Built in ${seconds(start)}.`);
  return undefined;
}

const missing = () => scripts.filter((script) => !existsSync(join(root, folder, script)));

/** As `buildBrowser`, but ends the script if it could not. */
export async function ensureBrowserBuilt() {
  const problem = await buildBrowser();
  if (problem) fail(problem);
}
