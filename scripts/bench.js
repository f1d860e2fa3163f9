// `npm run bench -- [options]`: Tidings beside other servers; `npm run bench -- NAME [options]`: another program of
// bench/README.md, as `store`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.js';
import { runNode } from './pinned-node.js';
import { root } from './repository.js';

await ensureInstalled();
const args = process.argv.slice(2);
const named = `bench/src/${args[0]}/main.ts`;
process.exitCode = await runNode(
  existsSync(join(root, named)) ? [named, ...args.slice(1)] : ['bench/src/main.ts', ...args],
);
