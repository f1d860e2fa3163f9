import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { AttackedServer } from '../attacks/attacked-server.ts';
import { millisecondsOf, named, readOrExit, wholeNumber } from '../command-line.ts';
import { newSeed } from '../faults/choices.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

const usage = `npm run fuzz -- [--for 5m] [--seed N] [--only NAME] [--path P]

Sends a server made-up input until the time is over. NAME is one of ${targets.map(({ name }) => name).join(', ')}.
--seed and --path repeat one input that a run has printed.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      for: { type: 'string', default: '5m' },
      seed: { type: 'string' },
      only: { type: 'string' },
      path: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    forMs: millisecondsOf(values.for, '--for'),
    seed: values.seed === undefined ? newSeed() : wholeNumber(values.seed, '--seed'),
    wanted: named(targets, values.only, '--only'),
  };
}

const given = readOrExit('fuzz', readOptions);

/** The inputs between two looks at the server. */
const batch = 200;

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
  const { forMs, seed, wanted, path } = given;
  const server = await AttackedServer.start();
  const begun = performance.now();
  let batches = 0;
  try {
    console.log(`seed ${seed}`);
    do {
      for (const target of wanted) {
        const failed = await runBatch(server, target, seed + Math.floor(batches / wanted.length), path);
        batches++;
        if (failed === null) continue;
        console.error(`\nFound by ${target.name}:\n${failed}`);
        return 1;
      }
    } while (performance.now() - begun < forMs && path === undefined);
    console.log(`${batches * batch} inputs, nothing found`);
    return 0;
  } finally {
    await server.stop();
  }
}

if (given.help) console.log(usage);
else process.exitCode = await fuzz();
