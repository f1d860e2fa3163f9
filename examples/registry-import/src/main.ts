import { parseArgs } from 'node:util';
import { createSender } from '@tidings/sender';
import { generateFile } from './generate-file.ts';
import { runImport } from './import-task.ts';
import { Registry } from './registry.ts';

const usage = `Usage:
  main.ts generate <file> [--lines 200000] [--seed 1]
  main.ts import <file> --owner <user id> [--database registry.db] [--task-id <id>] [--batch 500]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    owner: { type: 'string' },
    database: { type: 'string', default: 'registry.db' },
    'task-id': { type: 'string' },
    batch: { type: 'string', default: '500' },
  },
});
const [command, file] = positionals;

const count = (name: 'lines' | 'seed' | 'batch'): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a number above 0; it is ${JSON.stringify(values[name])}`);
};

async function importRegistry(path: string, owner: string): Promise<void> {
  const batchSize = count('batch');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const sender = createSender();
  const registry = new Registry(values.database);
  try {
    const { status, counts } = await runImport({
      ...{ tasks: sender.tasks, registry, file: path, batchSize, owner, taskId: values['task-id'] },
      ...{ signal: stop.signal, say: console.error },
    });
    console.log(JSON.stringify(counts));
    if (status === 'cancelled') process.exitCode = 130;
  } finally {
    registry.close();
    await sender.close();
  }
}

try {
  if (command === 'generate' && file !== undefined)
    console.log(JSON.stringify(await generateFile(file, count('lines'), count('seed'))));
  else if (command === 'import' && file !== undefined && values.owner !== undefined)
    await importRegistry(file, values.owner);
  else {
    console.error(usage);
    process.exitCode = 2;
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
