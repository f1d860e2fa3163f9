import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmTools } from './npm-tools.ts';
import { otherTools } from './other-tools.ts';
import { Served } from './served.ts';

const tools = { ...npmTools, ...otherTools };
const build = fileURLToPath(new URL('../build/all/', import.meta.url));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(tools, name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(tools).join(', ')}.`);
  process.exit(2);
}

const served = await Served.start(build);
for (const [name, make] of Object.entries(tools).filter(([name]) => asked.length === 0 || asked.includes(name))) {
  const start = performance.now();
  try {
    await served.try(name, await make(served.document, join(build, name)));
    console.log(`ok      ${name} (${Math.round((performance.now() - start) / 1_000)} s)`);
  } catch (error) {
    console.log(`failed  ${name}\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}
await served.close();
