// `npm test [-- vitest arguments]`: every test, in one run; the last line is `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowserBuilt } from './build-browser.js';
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';
import { toolPath } from './repository.js';
import { bringPrograms } from './system-programs.js';
import { countTests } from './test-count.js';

ensureInstalled();
bringPrograms();
await ensureBrowserBuilt();

const folder = mkdtempSync(join(tmpdir(), 'tidings-test-'));
const report = join(folder, 'report.json');
const exitCode = await runNode([
  toolPath('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const { passed, failed } = countTests(readReport(), exitCode);
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined; // vitest ended before it wrote one
  }
}
