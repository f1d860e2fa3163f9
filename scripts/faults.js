// `npm run faults -- [options]`: faults strike servers under load, and an oracle counts what was lost.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
process.exitCode = await runNode(['e2e/src/faults/main.ts', ...process.argv.slice(2)]);
