// `npm run fuzz -- [--for 5m] [--seed N] [--only NAME]`: made-up input for a server, and what must hold whatever it is.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
process.exitCode = await runNode(['e2e/src/fuzz/main.ts', ...process.argv.slice(2)]);
