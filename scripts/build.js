// `npm run build`: every package that is published, for publishing. Nothing in the repository itself needs it.
import { buildPackage, published } from './build-package.js';
import { ensureInstalled } from './install.js';
import { fail, say, seconds } from './say.js';

await ensureInstalled();
for (const name of published) {
  const start = performance.now();
  const { ok, output } = await buildPackage(name);
  if (!ok) fail(`${output}\n\npackages/${name} does not build; the reason is above.`);
  say(`packages/${name} built in ${seconds(start)}`);
}
