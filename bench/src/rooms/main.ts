// `npm run bench -- rooms`: cursors, typing and many rooms, beside other servers of shared documents.
import { setTimeout as pause } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { flagsOrExit } from '../flags.ts';
import { host, secret } from '../peers/peer.ts';
import { percentile } from '../percentile.ts';
import { Helper, residentBytes, systemTellsCpu } from '../processes.ts';
import { conclude } from '../report/results.ts';
import type { RoomsAnswer, RoomsOrder } from './clients-process.ts';
import { bringPeers, cpuSecondsOf, type RoomServer, startHocuspocus, startPycrdt, startTidings } from './servers.ts';
import type { ServerName } from './y-wire.ts';

const flags = flagsOrExit({
  name: 'rooms',
  measures: 'Cursors, typing and many rooms, beside other servers of shared documents.',
  flags: {
    members: { type: 'string', default: '50', value: 'N', help: 'members who move cursors' },
    crowd: { type: 'string', default: '500', value: 'N', help: 'the same at Tidings alone' },
    editors: { type: 'string', default: '100', value: 'N', help: 'editors who type into one document' },
    rooms: { type: 'string', default: '10000', value: 'N', help: 'rooms of three members' },
    seconds: { type: 'string', default: '5', value: 'N', help: 'time of cursors and of typing' },
    rounds: { type: 'string', default: '3', value: 'N', help: 'rounds, in which the servers take turns' },
    only: {
      type: 'string',
      value: 'NAMES',
      help: 'some of cursors, crowd, typing, messages and rooms, as cursors,typing',
    },
    alone: { type: 'boolean', default: false, help: 'no other servers, which npm and pip would bring' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the tables' },
  },
});
const seconds = flags.quick ? 2 : Number(flags.seconds);
const rounds = flags.quick ? 1 : Number(flags.rounds);
const movesPerSecond = 10;
const wordsPerSecond = 3;

const size = (flag: 'members' | 'crowd' | 'editors' | 'rooms', quick: number) =>
  flags.quick ? quick : Number(flags[flag]);
/**
 * `crowd` is Tidings' alone, since others pass each move on to each member, some million messages a second; and so is `messages`: what is typed
 * as events of the room.
 */
const plays = {
  cursors: { rooms: 1, members: size('members', 20) },
  crowd: { rooms: 1, members: size('crowd', 50) },
  typing: { rooms: 1, members: size('editors', 20) },
  messages: { rooms: 1, members: size('editors', 20) },
  rooms: { rooms: size('rooms', 200), members: 3 },
} as const;
type PlayName = keyof typeof plays;
const alone: readonly PlayName[] = ['crowd', 'messages'];

/** One play on one server. */
interface Figures {
  delivered: number;
  missing: number;
  /** From the first to the last delivery. */
  seconds: number;
  /** Frames that each member was sent in a second. */
  framesPerSecond: number;
  /** CPU of the server: of a second, in cores, and of each delivery, µs. */
  cores: number;
  cpuPerDelivery: number;
  p50: number;
  p99: number;
  /** Resident memory that a room with its members adds, KB of 1,000 bytes. */
  perRoom: number;
}

async function tokens(count: number): Promise<string[]> {
  const key = new TextEncoder().encode(secret);
  return Promise.all(
    Array.from({ length: count }, (_, user) =>
      new SignJWT({ sub: String(user), grants: ['collaboration:*:rw'] })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(key),
    ),
  );
}

const orderOf: Record<PlayName, RoomsOrder> = {
  cursors: { do: 'move', perSecond: movesPerSecond, seconds },
  crowd: { do: 'move', perSecond: movesPerSecond, seconds },
  typing: { do: 'type', perSecond: wordsPerSecond, seconds },
  messages: { do: 'say', perSecond: wordsPerSecond, seconds },
  rooms: { do: 'once' },
};

async function play(name: PlayName, server: RoomServer): Promise<Figures> {
  const clients = new Helper(new URL('./clients-process.ts', import.meta.url));
  const ask = async <Answer extends object>(order: RoomsOrder): Promise<Answer> => {
    const answer = await clients.ask<Answer | { failed: string }>(order);
    if ('failed' in answer) throw new Error(`${server.name}: ${answer.failed}`);
    return answer;
  };
  try {
    const { rooms, members } = plays[name];
    const users = await tokens(Math.min(rooms * members, 1_000));
    const before = residentBytes(server.pid);
    await ask({
      do: 'open',
      host,
      port: server.port,
      server: server.name,
      rooms,
      members,
      tokens: users,
      hasEvents: name === 'messages',
    });
    await pause(2_000);
    const perRoom = (residentBytes(server.pid) - before) / rooms / 1_000;
    // For compilers that optimise as they run.
    if (name !== 'rooms') await ask({ ...orderOf[name], seconds: 1 } as RoomsOrder);
    const cpuBefore = cpuSecondsOf(server);
    const answer = await ask<RoomsAnswer>(orderOf[name]);
    const cpu = cpuSecondsOf(server) - cpuBefore;
    return {
      ...{ delivered: answer.delivered, missing: answer.missing, seconds: answer.seconds, perRoom },
      framesPerSecond: answer.messages / answer.seconds / (rooms * members),
      cores: cpu / answer.seconds,
      cpuPerDelivery: (cpu / answer.delivered) * 1e6,
      p50: percentile(answer.latencies, 0.5),
      p99: percentile(answer.latencies, 0.99),
    };
  } finally {
    await clients.stop();
    await server.stop();
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const columns: readonly [keyof Figures, string, number][] = [
  ['cpuPerDelivery', 'CPU µs a delivery', 2],
  ['cores', 'cores', 2],
  ['framesPerSecond', 'frames/s a member', 1],
  ['p50', 'p50 ms', 1],
  ['p99', 'p99 ms', 1],
  ['delivered', 'deliveries', 0],
  ['seconds', 'seconds', 1],
  ['missing', 'missing', 0],
  ['perRoom', 'KB a room', 0],
];

function table(name: PlayName, found: Record<string, Figures[]>): string {
  const rows = Object.entries(found).map(([server, figures]) => {
    const cells = columns.map(([column, , digits]) => {
      const values = figures.map((one) => one[column]).sort((a, b) => a - b);
      const [middle, least, most] = [median(values), values[0] as number, values.at(-1) as number];
      if (Number.isNaN(middle)) return '–';
      const spread = values.length > 1 ? ` (${least.toFixed(digits)}–${most.toFixed(digits)})` : '';
      return `${middle.toFixed(digits)}${spread}`;
    });
    return `| ${server} | ${cells.join(' | ')} |`;
  });
  return [
    `| ${name} | ${columns.map(([, title]) => title).join(' | ')} |`,
    `|---|${'--:|'.repeat(columns.length)}`,
    ...rows,
  ].join('\n');
}

async function bench(): Promise<void> {
  if (!systemTellsCpu) throw new Error('memory and CPU of other processes are read from /proc, which is Linux');
  const peers = flags.alone ? null : await bringPeers();
  const starts: Partial<Record<ServerName, () => Promise<RoomServer>>> = {
    tidings: startTidings,
    ...(peers && {
      hocuspocus: () => startHocuspocus(peers.hocuspocus),
      'pycrdt-websocket': () => startPycrdt(peers.python),
    }),
  };
  const chosen = flags.only?.split(',') ?? Object.keys(plays);
  const unknown = chosen.find((name) => !Object.hasOwn(plays, name));
  if (unknown !== undefined) throw new Error(`there is no play "${unknown}": ${Object.keys(plays).join(', ')}`);
  const results: Partial<Record<PlayName, Record<string, Figures[]>>> = {};
  for (const name of chosen as PlayName[]) {
    const found: Record<string, Figures[]> = {};
    for (let round = 0; round < rounds; round++) {
      for (const [server, start] of Object.entries(starts)) {
        if (server !== 'tidings' && alone.includes(name)) continue;
        const figures = await play(name, await start());
        found[server] ??= [];
        found[server].push(figures);
      }
    }
    results[name] = found;
    if (!flags.json) console.log(`${table(name, found)}\n`);
  }
  await conclude('rooms', { plays, seconds, rounds, results }, flags.json ? null : '');
}

try {
  await bench();
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}`);
  process.exitCode = 1;
}
