// `npm test [-- vitest arguments]`: every test, in one run; the last line is always `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBrowser } from './build-browser.js';
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';
import { toolPath } from './repository.js';
import { bringPrograms } from './system-programs.js';
import { countTests } from './test-count.js';

let count = { passed: 0, failed: 1 };
process.on('exit', () => writeSync(1, `${count.passed} passed, ${count.failed} failed\n`));

await ensureInstalled();
bringPrograms();
// Tests that need no browser run all the same; the build then counts as one more that failed.
const problem = await buildBrowser();

const folder = mkdtempSync(join(tmpdir(), 'tidings-test-'));
const reportFile = join(folder, 'report.json');
const exitCode = await runNode([
  toolPath('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
]);
count = countTests(readReport(), exitCode);
rmSync(folder, { recursive: true, force: true });
if (problem) {
  console.error(`\n${problem}`);
  count.failed += 1;
}
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;

function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined; // vitest ended before it wrote one
  }
}
