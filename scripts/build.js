// `npm run build`: every package that is published, for publishing, and what the examples serve to browsers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolder, published } from './build-package.js';
import { ensureInstalled } from './install.js';
import { root, workspaceFolders } from './repository.js';
import { fail, say, seconds } from './say.js';

await ensureInstalled();
const packages = published.map((name) => `packages/${name}`);
for (const folder of new Set([...packages, ...workspaceFolders()])) {
  if (!existsSync(join(root, folder, 'tsdown.config.ts'))) continue;
  const start = performance.now();
  const { ok, output } = await buildFolder(folder);
  if (!ok) fail(`${output}\n\n${folder} does not build; the reason is above.`);
  say(`${folder} built in ${seconds(start)}`);
}
