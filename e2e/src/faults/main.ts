import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { millisecondsOf, named, readOrExit, wholeNumber } from '../command-line.ts';
import { metricsOf } from '../metrics-of.ts';
import { Choices, newSeed } from './choices.ts';
import type { Fault } from './fault.ts';
import { faults as allFaults } from './faults.ts';
import type { Verdict } from './oracle.ts';
import { isClean, onStage, possible, strike } from './play.ts';
import { contradictions, heldBy } from './readings.ts';
import type { Stage } from './stage.ts';
import { type Row, tableOf } from './table.ts';
import { nodesOnTheirOwn, sqlite } from './worlds.ts';

const help = `Usage: npm run faults -- [options]

Has each fault strike by itself, on SQLite and on two nodes with PostgreSQL, again and again, under load and with people on all transports.

  --for 10m     how long, as 90s, 10m or 1h (default: each fault once)
  --only NAME   one fault
  --long        faults last as long as in practice: half a minute frozen, 10,000 messages missed
  --mixed       all faults at random, one after the other, without a pause to judge between them
  --people 40   how many are connected (default 40)
  --seed N      makes the same choices again
  --json FILE   writes the results there too
`;

const worlds = [sqlite, nodesOnTheirOwn];

function readOptions() {
  const { values } = parseArgs({
    options: {
      ...{ for: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' } },
      ...{ people: { type: 'string', default: '40' } },
      ...{ long: { type: 'boolean', default: false }, mixed: { type: 'boolean', default: false } },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    faults: named(allFaults, values.only, '--only'),
    seed: values.seed === undefined ? newSeed() : wholeNumber(values.seed, '--seed'),
    people: wholeNumber(values.people, '--people'),
    forMs: values.for === undefined ? null : millisecondsOf(values.for, '--for') / worlds.length,
  };
}

const given = readOrExit('faults', readOptions);
const { faults, seed, people, forMs } = given;
if (given.help) {
  console.log(help);
  process.exit();
}

const rows = new Map<string, Row>();
const problems: string[] = [];

function note(fault: string, world: string, { stories, ...verdict }: Verdict): void {
  const key = `${fault} ${world}`;
  const row = rows.get(key);
  if (row) {
    row.runs++;
    for (const name of Object.keys(verdict) as (keyof typeof verdict)[]) row.verdict[name] += verdict[name];
  } else rows.set(key, { fault, world, runs: 1, verdict });
  const isOk = isClean({ ...verdict, stories });
  console.log(
    `${isOk ? 'ok  ' : 'FAIL'} ${world}: ${fault}: ${verdict.accepted} accepted, ${verdict.delivered} delivered`,
  );
  if (!isOk) problems.push(`${fault} on ${world}: ${JSON.stringify(verdict)}\n${stories.join('\n')}`);
}

/** Plays until the time is over: each fault by itself, or several without a judgement between them. */
async function play(stage: Stage, world: string, chosen: readonly Fault[], until: number): Promise<void> {
  do {
    if (given.mixed) {
      const some = Array.from({ length: 5 }, () => stage.choices.pick(chosen));
      note('mixed', world, await strike(stage, some));
    } else for (const fault of stage.choices.shuffled(chosen)) note(fault.name, world, await strike(stage, [fault]));
    for (const server of stage.servers) {
      const found = contradictions(await metricsOf(server));
      problems.push(...found.map((contradiction) => `counters on ${world}: ${contradiction}`));
    }
  } while (Date.now() < until);
}

console.log(`Seed ${seed}`);
for (const world of worlds) {
  const choices = new Choices(seed);
  await onStage(world, { people, choices, isLong: given.long }, async (stage) => {
    const { faults: chosen, missing } = await possible(stage, faults);
    for (const [{ name }, reason] of missing) {
      const verdict = { accepted: 0, delivered: 0, lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 };
      rows.set(`${name} ${world.name}`, { fault: name, world: world.name, runs: 0, verdict, missing: reason });
    }
    if (chosen.length === 0) return;
    const before = stage.servers.map(heldBy);
    await play(stage, world.name, chosen, forMs === null ? 0 : Date.now() + forMs);
    for (const [n, server] of stage.servers.entries()) {
      const [was, is] = [before[n], heldBy(server)];
      console.log(`${world.name}: memory ${was?.memory} → ${is.memory} MiB, handles ${was?.handles} → ${is.handles}`);
    }
  });
}
const order = (fault: string): number => allFaults.findIndex(({ name }) => name === fault);
const sorted = [...rows.values()].sort((one, other) => order(one.fault) - order(other.fault));
console.log(`\n${tableOf(sorted)}`);
if (given.json) writeFileSync(given.json, `${JSON.stringify({ seed, rows: sorted, problems }, null, 2)}\n`);
for (const problem of problems) console.error(`\n${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
