// `npm run bench -- [arguments]`: the measurements.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

ensureInstalled();
process.exitCode = await runNode(['bench/src/main.ts', ...process.argv.slice(2)]);
