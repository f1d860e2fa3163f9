// `npm run check`: all that can be said about the sources without running them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage, published, runTool } from './build-package.js';
import { ensureInstalled } from './install.js';
import { root, toolPath, workspaceFolders } from './repository.js';
import { say, seconds } from './say.js';

/** @typedef {{ ok: boolean, output: string }} Result */

/** @type {[string, () => Promise<Result>][]} */
const checks = [
  ['types', checkTypes],
  ['lint and format', () => runTool([toolPath('@biomejs/biome'), 'ci', '--error-on-warnings', '--colors=off'])],
  ['import boundaries', checkBoundaries],
  ['unused code', () => runTool([toolPath('knip'), '--no-progress'])],
  ['package shape', checkPackages],
];

await ensureInstalled();
const results = await Promise.all(checks.map(run));
for (const [index, { ok, output }] of results.entries()) {
  if (!ok) say(`\n── ${checks[index]?.[0]} ──\n${output}`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** @param {[string, () => Promise<Result>]} check */
async function run([name, check]) {
  const start = performance.now();
  const result = await check();
  say(`${result.ok ? 'ok    ' : 'failed'}  ${name} (${seconds(start)})`);
  return result;
}

/** Every tsconfig.json: the root's, and those of folders that run in a browser. */
async function checkTypes() {
  const configs = ['tsconfig.json', ...workspaceFolders().flatMap(tsconfigsUnder)];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return together(configs.map((config) => () => runTool([tsc, '--noEmit', '--pretty', 'false', '-p', config])));
}

/**
 * @param {string} folder relative to the root
 * @returns {string[]}
 */
function tsconfigsUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      return ['node_modules', 'dist'].includes(entry.name) ? [] : tsconfigsUnder(`${folder}/${entry.name}`);
    }
    return entry.name === 'tsconfig.json' ? [`${folder}/${entry.name}`] : [];
  });
}

function checkBoundaries() {
  const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const folders = ['scripts', ...workspaceFolders()].filter((folder) => existsSync(join(root, folder)));
  return runTool([cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', ...folders]);
}

/** Builds what is published and looks at it as npm would pack it. */
function checkPackages() {
  return together(
    published.flatMap((name) => [
      () => buildPackage(name),
      () => runTool([toolPath('publint'), '--strict', join('packages', name)]),
    ]),
  );
}

/**
 * One result for several steps, done in order; all are done, whatever fails.
 * @param {(() => Promise<Result>)[]} steps
 * @returns {Promise<Result>}
 */
async function together(steps) {
  const failed = [];
  for (const step of steps) {
    const result = await step();
    if (!result.ok) failed.push(result.output);
  }
  return { ok: failed.length === 0, output: failed.join('\n') };
}
