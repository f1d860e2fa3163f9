import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { AttackedServer } from '../attacks/attacked-server.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

const usage = `npm run fuzz -- [--for 5m] [--seed N] [--only NAME] [--path P]

Sends a server made-up input until the time is over. NAME is one of ${targets.map(({ name }) => name).join(', ')}.
--seed and --path repeat one input that a run has printed.`;

const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '5m' },
    seed: { type: 'string' },
    only: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The inputs between two looks at the server. */
const batch = 200;

/** Milliseconds of a text, as 30s, 5m or 1h. */
function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (!count) throw new Error(`--for must be a time, as 30s, 5m or 1h; got ${text}`);
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
}

function chosen(): readonly Target[] {
  const found = targets.filter(({ name }) => values.only === undefined || name === values.only);
  if (found.length > 0) return found;
  throw new Error(`there is no target ${values.only}; there are ${targets.map(({ name }) => name).join(', ')}`);
}

/** Runs one batch. @returns the report of what failed; null for nothing */
async function runBatch(server: AttackedServer, target: Target, seed: number, path?: string): Promise<string | null> {
  const property = await target.property(server);
  const result = await fc.check(property, { seed, numRuns: batch, ...(path === undefined ? {} : { path }) });
  const repeat = `npm run fuzz -- --only ${target.name} --seed ${seed}`;
  if (result.failed) {
    const input = fc.stringify(result.counterexample);
    return `${input}\n${result.errorInstance}\n\nAgain: ${repeat} --path ${result.counterexamplePath}`;
  }
  const harm = await server.checkUnharmed().then(() => null, String);
  return harm === null ? null : `after a batch of ${target.name}: ${harm}\n\nAgain: ${repeat}`;
}

async function fuzz(): Promise<number> {
  const [time, wanted] = [millisecondsOf(values.for), chosen()];
  const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const server = await AttackedServer.start();
  const begun = performance.now();
  let batches = 0;
  try {
    console.log(`seed ${first}`);
    do {
      for (const target of wanted) {
        const failed = await runBatch(server, target, first + Math.floor(batches / wanted.length), values.path);
        batches++;
        if (failed === null) continue;
        console.error(`\nFound by ${target.name}:\n${failed}`);
        return 1;
      }
    } while (performance.now() - begun < time && values.path === undefined);
    console.log(`${batches * batch} inputs, nothing found`);
    return 0;
  } finally {
    await server.stop();
  }
}

if (values.help) console.log(usage);
else process.exitCode = await fuzz();
