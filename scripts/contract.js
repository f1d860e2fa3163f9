// `npm run contract -- [names]`: has other people's tools make clients of the OpenAPI document, and tries them.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
process.exitCode = await runNode(['contract/src/main.ts', ...process.argv.slice(2)]);
