// `npm run bench -- [arguments]`: the measurements; `npm run bench -- store` those of the store, on both databases;
// `npm run bench -- task` those of a task that much is reported on, `npm run bench -- page` those of a page,
// `npm run bench -- cluster` those of two nodes on one PostgreSQL, `npm run bench -- jitter` clients whose connections break,
// `npm run bench -- redeploy` clients whose server is replaced,
// `npm run bench -- connections` new and idle connections, those that come back, and the start of a server.
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';

await ensureInstalled();
const [first, ...rest] = process.argv.slice(2);
const [program, args] =
  first !== undefined && ['store', 'task', 'page', 'cluster', 'jitter', 'redeploy', 'connections'].includes(first)
    ? [`bench/src/${first}/main.ts`, rest]
    : ['bench/src/main.ts', process.argv.slice(2)];
process.exitCode = await runNode([program, ...args]);
