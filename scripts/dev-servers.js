// `npm run dev-servers -- [names]`: has clients connect through the dev servers of Vite, webpack and Next, as docs/proxies.md configures them.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
process.exitCode = await runNode(['e2e/src/proxies/dev-servers.ts', ...process.argv.slice(2)]);
