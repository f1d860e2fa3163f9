import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documentTrials } from './document-trials.ts';
import { npmTools } from './npm-tools.ts';
import { otherTools } from './other-tools.ts';
import { Served } from './served.ts';
import { streamTrials } from './stream-trials.ts';

const tools = { ...npmTools, ...otherTools };
const names = [...Object.keys(tools), ...Object.keys(streamTrials), ...Object.keys(documentTrials)];
const build = fileURLToPath(new URL('../build/all/', import.meta.url));

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${names.join(', ')}.`);
  process.exit(2);
}

const served = await Served.start(build);
const trials: Record<string, (folder: string) => Promise<unknown>> = { ...streamTrials, ...documentTrials };
for (const [name, make] of Object.entries(tools)) {
  trials[name] = async (folder) => served.try(name, await make(served.document, folder));
}
for (const [name, tryIn] of Object.entries(trials).filter(([name]) => asked.length === 0 || asked.includes(name))) {
  const start = performance.now();
  try {
    await tryIn(join(build, name));
    console.log(`ok      ${name} (${Math.round((performance.now() - start) / 1_000)} s)`);
  } catch (error) {
    console.log(`failed  ${name}\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}
await served.close();
