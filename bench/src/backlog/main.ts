// `npm run bench -- backlog`: the first connect of somebody to whom a million notifications were never delivered.
import { setTimeout as pause } from 'node:timers/promises';
import { createTidings } from '@tidings/server';
import { flagsOrExit } from '../flags.ts';
import { secret } from '../peers/peer.ts';
import { systemTellsCpu } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { type Spread, spreadOf, withSpread } from '../report/spread.ts';
import { type BenchDatabase, openDatabases } from '../store/databases.ts';
import { notificationTo } from '../store/notifications.ts';
import { type Kind, owner, playRound, type Round, rehearsed } from './play.ts';

const values = flagsOrExit({
  name: 'backlog',
  measures: 'The first connect of somebody to whom a million records were never delivered, on SQLite and PostgreSQL.',
  flags: {
    records: { type: 'string', default: '1000000', value: 'N', help: 'records that wait for one user' },
    rounds: { type: 'string', default: '5', value: 'N', help: 'rounds, each with a server of its own' },
    connects: { type: 'string', default: '20', value: 'N', help: 'connects of each user in a round' },
    postgres: { type: 'string', value: 'URL', help: 'an empty PostgreSQL of yours; else one is started' },
    quick: { type: 'boolean', default: false, help: '20,000 records, two rounds: a look, not a measurement' },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the table' },
  },
});
const records = values.quick ? 20_000 : Number(values.records);
const rounds = values.quick ? 2 : Number(values.rounds);
const connects = Number(values.connects);

/** As many records as that are kept of one topic. */
const limits = { notificationsPerTopic: 2 * records };

interface Line {
  database: BenchDatabase['name'];
  who: Kind;
  /** CPU of the server for a connect, ms. */
  server: Spread;
  /** CPU of PostgreSQL for a connect, ms; null if it has no processes of its own. */
  database_cpu: Spread | null;
  /** CPU of the server for the first of the round's connects, ms. */
  first: Spread;
  /** From the begin of the connect until the first page is there, ms. */
  time: Spread;
}

/** Stores what waits, through the server itself. */
async function seed({ url }: BenchDatabase): Promise<void> {
  const tidings = await createTidings({ database: url, auth: { jwtSecret: secret }, limits });
  try {
    let next = 0;
    const total = records + rehearsed.records;
    const seeder = async () => {
      while (next < total) {
        const [from, count] = [next, Math.min(1_000, total - next)];
        next += count;
        const userOf = (n: number) => (n < records ? owner : rehearsed.user);
        const items = Array.from({ length: count }, (_, i) => notificationTo(userOf(from + i), from + i));
        const results = await tidings.notifyMany(items, { atomic: true });
        const refused = results.find((result) => !result.ok);
        if (refused && !refused.ok) throw refused.error;
      }
    };
    await Promise.all([seeder(), seeder(), seeder()]);
  } finally {
    await tidings.close();
  }
}

function lineOf(database: BenchDatabase['name'], who: Kind, played: readonly Round[]): Line {
  const all = played.map((round) => round[who]);
  const cpus = all.flatMap(({ database: cpu }) => cpu ?? []);
  return {
    ...{ database, who, server: spreadOf(all.map(({ server }) => server)) },
    database_cpu: cpus.length > 0 ? spreadOf(cpus) : null,
    first: spreadOf(all.map(({ first }) => first)),
    time: spreadOf(all.map(({ time }) => time)),
  };
}

/** The lines as Markdown, which is also read well at a terminal. */
function table(lines: readonly Line[]): string {
  const head = '| database | undelivered | CPU ms of the server | of PostgreSQL | first of a round | time ms |';
  const rows = lines.map(({ database, who, server, database_cpu, first, time }) => {
    const undelivered = who === 'backlog' ? records.toLocaleString('en-US') : '0';
    const cells = [withSpread(server), database_cpu ? withSpread(database_cpu) : '–', withSpread(first)];
    return `| ${[database, undelivered, ...cells, withSpread(time)].join(' | ')} |`;
  });
  return [head, '|---|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

async function bench(): Promise<void> {
  if (!systemTellsCpu) throw new Error('CPU of other processes is read from /proc, which is Linux');
  const databases = await openDatabases('backlog', values.postgres ?? null);
  const played = new Map<BenchDatabase, Round[]>(databases.map((database) => [database, []]));
  try {
    for (const database of databases) {
      await seed(database);
      console.error(`${database.name}: ${records} records are stored`);
    }
    // The work of a database after so much was stored is not to fall on the first connects.
    await pause(values.quick ? 1_000 : 10_000);
    for (let round = 0; round < rounds; round++) {
      for (const [database, before] of played) {
        const now = await playRound(database, { round, connects, limits });
        before.push(now);
        console.error(JSON.stringify({ database: database.name, ...now }));
      }
    }
  } finally {
    for (const database of databases) await database.remove();
  }
  const lines = [...played].flatMap(([{ name }, all]) => [lineOf(name, 'none', all), lineOf(name, 'backlog', all)]);
  await conclude('backlog', { records, rounds, connects, lines }, values.json ? null : `\n${table(lines)}\n`);
}

try {
  await bench();
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
