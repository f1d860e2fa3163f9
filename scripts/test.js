// `npm test [-- vitest arguments]`: every test, in one run; the last line is always `N passed, N failed`.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBrowser } from './build-browser.js';
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';
import { toolPath } from './repository.js';
import { say } from './say.js';
import { bringPrograms } from './system-programs.js';
import { countTests } from './test-count.js';

/** The most that the files of a run take, with room to spare. */
const neededBytes = 4 * 1024 ** 3;

let count = { passed: 0, failed: 1 };
process.on('exit', () => writeSync(1, `${count.passed} passed, ${count.failed} failed\n`));

// Both at once: either waits for the network most of the time. A line of npm's progress is not written into.
const [programs] = await Promise.all([bringPrograms(), ensureInstalled()]);
for (const line of programs) say(line);
// Tests that need no browser run all the same; the build then counts as one more that failed.
const problem = await buildBrowser();

const folder = mkdtempSync(join(temporaryFolder(), 'tidings-test-'));
chmodSync(folder, 0o711); // PostgreSQL runs as another user where this one is root
process.env.TMPDIR = folder;
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

/** In memory, where Linux has room there: the tests make thousands of databases, and each commit would wait for the disk. */
function temporaryFolder() {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .findLast((line) => line.split(' ')[1] === memory);
    // PostgreSQL's programs may have to be copied there, and run.
    if (mount && !mount.includes('noexec') && bavail * bsize >= neededBytes) return memory;
  } catch {
    // There is no such folder here.
  }
  return tmpdir();
}

function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined; // vitest ended before it wrote one
  }
}
