// `npm start`: the demo, on the embedded defaults.
import { ensureBrowserBuilt } from './build-browser.js';
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
await ensureBrowserBuilt();
process.exitCode = await runNode(['examples/budget-transfer/src/main.ts', ...process.argv.slice(2)]);
