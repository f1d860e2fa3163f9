// `npm run dev-servers`: has clients connect through the dev servers of Vite, webpack and Next, as docs/proxies.md configures them.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
process.exitCode = await runNode(['--conditions=tidings-source', 'e2e/src/proxies/dev-servers.ts']);
