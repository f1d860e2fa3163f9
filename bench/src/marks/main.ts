// `npm run bench -- marks`: how long others' publishes take while one user marks as much as the limits allow.
import { createSender } from '@tidings/sender';
import { flagsOrExit } from '../flags.ts';
import type { PublishTarget } from '../load/messages.ts';
import { type NodeServer, startNodeServer } from '../peers/node-server.ts';
import { apiKey, host } from '../peers/peer.ts';
import { tidingsOn } from '../peers/tidings/tidings.ts';
import { Helper } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { type Spread, spreadOf, withSpread } from '../report/spread.ts';
import { type BenchDatabase, openDatabases } from '../store/databases.ts';
import { notificationTo } from '../store/notifications.ts';
import { tokenOf } from '../tokens.ts';
import type { MarkersAnswer, MarkersOrder } from './markers-process.ts';
import { type Latency, publishPaced } from './publishing.ts';

const values = flagsOrExit({
  name: 'marks',
  measures: 'Others’ publishes beside one user who marks as much as the limits allow, on SQLite and PostgreSQL.',
  flags: {
    ids: {
      type: 'string',
      default: '1000,50000',
      value: 'N,N',
      help: 'notifications that are marked, a play for each',
    },
    sockets: { type: 'string', default: '4', value: 'N', help: 'sockets of the user who marks' },
    'per-second': { type: 'string', default: '100', value: 'N', help: 'notifications that others publish a second' },
    seconds: { type: 'string', default: '10', value: 'N', help: 'seconds of each part: quiet, and beside the marks' },
    rounds: { type: 'string', default: '5', value: 'N', help: 'rounds, in which databases and plays take turns' },
    postgres: { type: 'string', value: 'URL', help: 'an empty PostgreSQL of yours; else one is started' },
    quick: { type: 'boolean', default: false, help: 'one round of 5 seconds: a look, not a measurement' },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the table' },
  },
});
const sizes = values.ids.split(',').map(Number);
const sockets = Number(values.sockets);
const perSecond = Number(values['per-second']);
const seconds = values.quick ? 5 : Number(values.seconds);
const rounds = values.quick ? 1 : Number(values.rounds);

/** One user with the sockets that mark. */
interface Marking {
  ids: number;
  helper: Helper;
}

/** A server, with those who mark. */
interface Stage {
  database: BenchDatabase;
  server: NodeServer;
  target: PublishTarget;
  markings: Marking[];
}

interface Round {
  database: BenchDatabase['name'];
  ids: number;
  quiet: Latency;
  beside: Latency;
  marked: number;
  refused: number;
}

interface Line {
  database: BenchDatabase['name'];
  ids: number;
  quiet: Record<keyof Latency, Spread>;
  beside: Record<keyof Latency, Spread>;
  /** The ratio of the two in one round: a multiple of the quiet time. */
  times: Record<keyof Latency, Spread>;
  /** Notifications that were marked a second. */
  marked: Spread;
}

const order = ({ helper }: Marking, message: MarkersOrder): Promise<MarkersAnswer> => helper.ask(message);

async function openMarking(url: string, count: number): Promise<Marking> {
  const user = `marker-${count}`;
  const sender = createSender({ url, apiKey });
  const ids: string[] = [];
  for (let from = 0; from < count; from += 1_000) {
    const part = Array.from({ length: Math.min(1_000, count - from) }, (_, n) => notificationTo(user, from + n));
    for (const result of await sender.notifyMany(part)) {
      if (!result.ok) throw result.error;
      ids.push(result.result.id);
    }
  }
  await sender.close();
  const marking = { ids: count, helper: new Helper(new URL('./markers-process.ts', import.meta.url)) };
  await order(marking, { do: 'open', url, token: await tokenOf(user), sockets, ids });
  return marking;
}

async function openStage(database: BenchDatabase): Promise<Stage> {
  const module = new URL('../peers/tidings/tidings-process.ts', import.meta.url);
  const server = await startNodeServer(module, [database.url]);
  const { load } = tidingsOn(server.port);
  if (load.by === 'itself') throw new Error('Tidings is not published to');
  const markings: Marking[] = [];
  for (const count of sizes) markings.push(await openMarking(`http://${host}:${server.port}`, count));
  return { database, server, target: load.target, markings };
}

/** First nobody marks, then one user does. Marks that a budget allows at once are whole again when it begins. */
async function playRound({ database, target }: Stage, marking: Marking): Promise<Round> {
  const quiet = await publishPaced(target, perSecond, seconds);
  await order(marking, { do: 'go' });
  const beside = await publishPaced(target, perSecond, seconds);
  const { marked, refused } = await order(marking, { do: 'stop' });
  return { database: database.name, ids: marking.ids, quiet, beside, marked, refused };
}

function lineOf(played: readonly Round[]): Line {
  const { database, ids } = played[0] as Round;
  const both = (pick: (round: Round, figure: keyof Latency) => number) => ({
    p50: spreadOf(played.map((round) => pick(round, 'p50'))),
    p99: spreadOf(played.map((round) => pick(round, 'p99'))),
  });
  return {
    ...{ database, ids },
    quiet: both(({ quiet }, figure) => quiet[figure]),
    beside: both(({ beside }, figure) => beside[figure]),
    times: both(({ quiet, beside }, figure) => beside[figure] / quiet[figure]),
    marked: spreadOf(played.map(({ marked }) => marked / seconds)),
  };
}

/** The lines as Markdown, which is also read well at a terminal. */
function table(lines: readonly Line[]): string {
  const head = '| database | ids | marked a second | quiet p50 ms | p99 | beside p50 ms | p99 | p50 × | p99 × |';
  const times = (spread: Spread) => withSpread(spread, (value) => value.toFixed(2));
  const rows = lines.map(({ database, ids, quiet, beside, ...line }) => {
    const cells = [line.marked, quiet.p50, quiet.p99, beside.p50, beside.p99].map((spread) => withSpread(spread));
    const whole = ids.toLocaleString('en-US');
    return `| ${[database, whole, ...cells, times(line.times.p50), times(line.times.p99)].join(' | ')} |`;
  });
  return [head, '|---|--:|--:|--:|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

async function bench(): Promise<void> {
  const databases = await openDatabases('marks', values.postgres ?? null);
  const stages: Stage[] = [];
  const played = new Map<string, Round[]>();
  try {
    for (const database of databases) stages.push(await openStage(database));
    for (let round = -1; round < rounds; round++) {
      for (const stage of stages) {
        for (const marking of stage.markings) {
          const now = await playRound(stage, marking);
          // The first is for compilers that optimise as they run.
          if (round < 0) continue;
          const key = `${now.database} ${now.ids}`;
          played.set(key, [...(played.get(key) ?? []), now]);
          console.error(JSON.stringify(now));
        }
      }
    }
  } finally {
    for (const { server, markings } of stages) {
      await Promise.all(markings.map(({ helper }) => helper.stop()));
      await server.stop();
    }
    for (const database of databases) await database.remove();
  }
  const lines = [...played.values()].map(lineOf);
  const results = { sockets, perSecond, seconds, rounds, lines };
  await conclude('marks', results, values.json ? null : `\n${table(lines)}\n`);
}

try {
  await bench();
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
