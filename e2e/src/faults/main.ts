import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { millisecondsOf, named, readOrExit, wholeNumber } from '../command-line.ts';
import { metricsOf } from '../metrics-of.ts';
import { Choices, newSeed } from './choices.ts';
import type { Fault } from './fault.ts';
import { faults as allFaults } from './faults.ts';
import { Figures } from './figures.ts';
import type { Finding } from './part.ts';
import { calm, isClean, type Judgement, onStage, possible, strike } from './play.ts';
import { contradictions, growthOf, type Held, heldBy } from './readings.ts';
import type { Stage } from './stage.ts';
import { type PartRow, partTableOf, type Row, tableOf } from './table.ts';
import { nodesOnTheirOwn, sqlite } from './worlds.ts';

const help = `Usage: npm run faults -- [options]

Has each fault strike by itself, on SQLite and on two nodes with PostgreSQL, again and again, under load and with people on all transports.

  --for 10m     how long, as 90s, 10m or 1h (default: each fault once)
  --only NAME   one fault
  --in NAME     one world: "SQLite" or "two nodes on PostgreSQL"
  --long        faults last as long as in practice: half a minute frozen, 10,000 messages missed
  --mixed       all faults at random, one after the other, without a pause to judge between them
  --people 40   how many are connected (default 40)
  --seed N      makes the same choices again
  --json FILE   writes the results there too
`;

const allWorlds = [sqlite, nodesOnTheirOwn];

function readOptions() {
  const { values } = parseArgs({
    options: {
      ...{ for: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' } },
      in: { type: 'string' },
      ...{ people: { type: 'string', default: '40' } },
      ...{ long: { type: 'boolean', default: false }, mixed: { type: 'boolean', default: false } },
      help: { type: 'boolean', default: false },
    },
  });
  const worlds = named(allWorlds, values.in, '--in');
  return {
    ...values,
    worlds,
    faults: named(allFaults, values.only, '--only'),
    seed: values.seed === undefined ? newSeed() : wholeNumber(values.seed, '--seed'),
    people: wholeNumber(values.people, '--people'),
    forMs: values.for === undefined ? null : millisecondsOf(values.for, '--for') / worlds.length,
  };
}

const given = readOrExit('faults', readOptions);
const { faults, worlds, seed, people, forMs } = given;
if (given.help) {
  console.log(help);
  process.exit();
}

const rows = new Map<string, Row>();
/** By the name of the part, and by fault and world. */
const partRows = new Map<string, Map<string, PartRow>>();
const problems: string[] = [];
const readings: { world: string; readings: readonly Held[] }[] = [];

function note(fault: string, world: string, { verdict: { stories, ...verdict }, findings }: Judgement): void {
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
  for (const [part, finding] of findings) notePart(part, { fault, world }, finding);
}

function notePart(
  part: string,
  { fault, world }: { fault: string; world: string },
  { counts, stories }: Finding,
): void {
  const ofPart = partRows.get(part) ?? new Map<string, PartRow>();
  partRows.set(part, ofPart);
  const row = ofPart.get(`${fault} ${world}`) ?? { fault, world, runs: 0, counts: {} };
  ofPart.set(`${fault} ${world}`, row);
  row.runs++;
  for (const [name, count] of Object.entries(counts)) row.counts[name] = (row.counts[name] ?? 0) + count;
  console.log(`${stories.length === 0 ? 'ok  ' : 'FAIL'} ${world}: ${fault}: ${part}: ${JSON.stringify(counts)}`);
  if (stories.length > 0)
    problems.push(`${part}, ${fault} on ${world}: ${JSON.stringify(counts)}\n${stories.join('\n')}`);
}

/** The times and readings of one world, beside the verdicts. */
interface Seen {
  figures: Figures;
  readings: Held[];
}

/** Any faults, one after the other; some of them last as long as in practice, if that is asked for. */
async function playMixed(stage: Stage, world: string, chosen: readonly Fault[], { figures }: Seen): Promise<void> {
  stage.isLong = given.long && stage.choices.below(3) === 0;
  const some = Array.from({ length: 5 }, () => stage.choices.pick(chosen));
  note('mixed', world, await strike(stage, [calm, ...some], { note: (one) => figures.note(one) }));
}

/** Plays until the time is over: each fault by itself, or several without a judgement between them. */
async function play(stage: Stage, world: string, chosen: readonly Fault[], seen: Seen): Promise<void> {
  const begun = Date.now();
  const patient = chosen.filter(({ restarts }) => !restarts);
  do {
    // In the second half no process ends: it has time to grow.
    const isLate = forMs !== null && Date.now() - begun > forMs / 2;
    if (given.mixed) await playMixed(stage, world, isLate && patient.length > 0 ? patient : chosen, seen);
    else {
      for (const fault of stage.choices.shuffled(chosen)) {
        note(fault.name, world, await strike(stage, [fault], { note: (one) => seen.figures.note(one) }));
      }
    }
    for (const server of stage.servers) {
      const found = contradictions(await metricsOf(server));
      problems.push(...found.map((contradiction) => `counters on ${world}: ${contradiction}`));
      seen.readings.push(await heldBy(server));
    }
    for (const { notices } of stage.toClients) seen.figures.noteNotices(notices.splice(0));
  } while (forMs !== null && Date.now() - begun < forMs);
}

console.log(`Seed ${seed}`);
for (const world of worlds) {
  const choices = new Choices(seed);
  const seen: Seen = { figures: new Figures(world.name), readings: [] };
  try {
    await onStage(world, { people, choices, isLong: given.long }, async (stage) => {
      const { faults: chosen, missing } = await possible(stage, faults);
      for (const [{ name }, reason] of missing) {
        const verdict = { accepted: 0, delivered: 0, lost: 0, appliedTwice: 0, outOfOrder: 0, notTheirs: 0 };
        rows.set(`${name} ${world.name}`, { fault: name, world: world.name, runs: 0, verdict, missing: reason });
      }
      if (chosen.length > 0) await play(stage, world.name, chosen, seen);
    });
  } catch (error) {
    console.error(error);
    problems.push(`${world.name}: ${(error as Error).message}`);
  }
  const growth = growthOf(seen.readings);
  problems.push(...seen.figures.problems(), ...growth.problems.map((problem) => `${world.name}: ${problem}`));
  console.log(`\n${seen.figures}\n\n${growth.rows.join('\n')}\n`);
  readings.push({ world: world.name, readings: seen.readings });
}
const order = (fault: string): number => allFaults.findIndex(({ name }) => name === fault);
const inOrder = <R extends { fault: string }>(some: Iterable<R>): R[] =>
  [...some].sort((one, other) => order(one.fault) - order(other.fault));
const sorted = inOrder(rows.values());
const parts = [...partRows].map(([part, ofPart]) => ({ part, rows: inOrder(ofPart.values()) }));
console.log(`\n${tableOf(sorted)}`);
for (const { part, rows: ofPart } of parts) console.log(`\n${part}\n\n${partTableOf(ofPart)}`);
if (given.json)
  writeFileSync(given.json, `${JSON.stringify({ seed, rows: sorted, parts, problems, readings }, null, 2)}\n`);
for (const problem of problems) console.error(`\n${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
