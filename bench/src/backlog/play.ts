import { setTimeout as pause } from 'node:timers/promises';
import { dialects } from '../load/dialects.ts';
import { SocketClient } from '../load/socket-client.ts';
import { type NodeServer, startNodeServer } from '../peers/node-server.ts';
import { host } from '../peers/peer.ts';
import type { BenchDatabase } from '../store/databases.ts';
import { tokenOf } from '../tokens.ts';

/** The one whose records wait, and another, for whom fewer do: the code that sends a backlog is tried on them before anything is counted. */
export const owner = 'the-one';
export const rehearsed = { user: 'another', records: 10_000 };

/** One who connects: somebody new, or the owner of the backlog. */
export type Kind = 'none' | 'backlog';

/** The connects of one kind in one round, ms; CPU is what goes beyond that of a server to which nobody connects meanwhile. */
interface Connects {
  server: number;
  database: number | null;
  first: number;
  time: number;
}

export type Round = Record<Kind, Connects>;

interface RoundOptions {
  round: number;
  connects: number;
  limits: object;
}

/** Time after which a server has done what follows from a connect, ms. */
const settleMs = 150;
/** Connects before anything is counted, for compilers that optimise as they run. */
const warmUp = { none: 300, backlog: 40 };

/** Starts a server, and has each kind connect, in turn. */
export async function playRound(database: BenchDatabase, { round, connects, limits }: RoundOptions): Promise<Round> {
  const module = new URL('../peers/tidings/tidings-process.ts', import.meta.url);
  const server = await startNodeServer(module, [database.url, '0', JSON.stringify(limits)]);
  try {
    for (let n = 0; n < warmUp.none; n++) await connect(server, `warm-${round}-${n}`);
    for (let n = 0; n < warmUp.backlog; n++) await connect(server, rehearsed.user);
    await pause(1_000);
    const found: Record<Kind | 'idle', Measured[]> = { idle: [], none: [], backlog: [] };
    for (let n = 0; n < connects; n++) {
      found.idle.push(await measure(server, database, null));
      found.none.push(await measure(server, database, `nobody-${round}-${n}`));
      found.backlog.push(await measure(server, database, owner));
    }
    return { none: connectsOf(found.none, found.idle), backlog: connectsOf(found.backlog, found.idle) };
  } finally {
    await server.stop();
  }
}

interface Measured {
  server: number;
  database: number | null;
  time: number;
}

/** One connect, or none, and what the server and its database did until nothing more followed from it. */
async function measure(server: NodeServer, { cpuSeconds }: BenchDatabase, user: string | null): Promise<Measured> {
  const [serverBefore, databaseBefore] = [await server.ownCpuSeconds(), cpuSeconds?.() ?? 0];
  const time = user === null ? 0 : await connect(server, user);
  await pause(settleMs);
  return {
    server: ((await server.ownCpuSeconds()) - serverBefore) * 1_000,
    database: cpuSeconds ? (cpuSeconds() - databaseBefore) * 1_000 : null,
    time,
  };
}

function connectsOf(all: readonly Measured[], idle: readonly Measured[]): Connects {
  const server = meanOf(idle, (one) => one.server);
  return {
    server: meanOf(all, (one) => one.server) - server,
    // The system tells it in steps of 10 ms, which even out over all of them.
    database: all[0]?.database === null ? null : databaseOf(all) - databaseOf(idle),
    first: (all[0]?.server ?? Number.NaN) - server,
    time: meanOf(all, ({ time }) => time),
  };
}

const databaseOf = (all: readonly Measured[]): number => meanOf(all, ({ database }) => database ?? 0);

const meanOf = (all: readonly Measured[], pick: (one: Measured) => number): number =>
  all.reduce((sum, one) => sum + pick(one), 0) / all.length;

/** Connects without a cursor, as a new device does, and is gone with the first page. @returns the time until it was there, ms */
async function connect({ port }: NodeServer, user: string): Promise<number> {
  const token = await tokenOf(user);
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const end = () => {
      resolve(performance.now() - begun);
      socket.cut();
    };
    const socket = new SocketClient({
      ...{ host, port, token, dialect: dialects.tidings },
      notified: end,
      closed: () => reject(new Error(`the connection of ${user} ended before its first page`)),
    });
    socket.ready.then(end, reject);
  });
}
