import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder } from './build-package.js';
import { root } from './repository.js';
import { fail, say, seconds } from './say.js';
import { clearStamp, hashOf, readStamp, writeStamp } from './stamp.js';

/** The client, and the page of the demo. */
const folders = ['packages/client', 'examples/budget-transfer'];
/** The script that pages name, those that it loads when they are wanted, and the editor of the demo. */
const scripts = [
  ...['', '-inbox', '-task', '-room', '-health', '-news', '-diagnosis', '-transports'].map(
    (part) => `packages/server/public/tidings${part}.js`,
  ),
  'examples/budget-transfer/public/build/editor.js',
];
const sources = [
  'package-lock.json',
  'packages/client/package.json',
  'packages/client/tsconfig.json',
  'packages/client/tsdown.config.ts',
  'packages/client/build',
  'packages/client/src',
  'packages/protocol/src',
  'examples/budget-transfer/package.json',
  'examples/budget-transfer/tsdown.config.ts',
  'examples/budget-transfer/src/page/editor.js',
];

/**
 * Builds what browsers load from the server and from the demo, unless its sources are those of the last build.
 * @returns {Promise<string | undefined>} why it could not
 */
export async function buildBrowser() {
  const wanted = hashOf(sources);
  if (readStamp('browser-built') === wanted && missing().length === 0) return undefined;
  const start = performance.now();
  say('Building the browser client …');
  clearStamp('browser-built');
  for (const folder of folders) {
    const { ok, output } = await buildFolder(folder);
    if (!ok) return `${output}\n\n${folder} does not build; the reason is above.`;
  }
  if (missing().length > 0)
    return `The build made no ${missing().join(', ')}: see tsdown.config.ts of ${folders.join(', ')}.`;
  writeStamp('browser-built', wanted);
  say(`Built in ${seconds(start)}.`);
  return undefined;
}

const missing = () => scripts.filter((script) => !existsSync(join(root, script)));

/** As `buildBrowser`, but ends the script if it could not. */
export async function ensureBrowserBuilt() {
  const problem = await buildBrowser();
  if (problem) fail(problem);
}
