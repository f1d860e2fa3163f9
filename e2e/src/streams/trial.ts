import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import type { ServerProcess } from '../server-process.ts';
import { until } from '../until.ts';
import type { Follower } from './follower.ts';

/** Starts a client for a user of a server. */
export type StartFollower = (server: ServerProcess, user: string) => Follower | Promise<Follower>;

/** The account of one client. */
export interface Account {
  /** Records that were accepted for its user. */
  accepted: number;
  lost: number;
  /** Records that it was given more than once, by id and rev. */
  twice: number;
  outOfOrder: number;
  /** Connections after the first that did not go on where the one before had ended. */
  notResumed: number;
  problems: readonly string[];
}

/** The time that a client may take to come back, in milliseconds: some wait for longer after each failure. */
const patienceMs = 30_000;

/**
 * Follows a server by all of the clients at a time, through `kill -9`, a proxy that answers 502, and an orderly restart, while records are
 * sent, large ones among them.
 *
 * @returns the account of each, by its name
 */
export async function tryFollowers(
  server: ServerProcess,
  starts: Readonly<Record<string, StartFollower>>,
): Promise<Record<string, Account>> {
  const users = Object.keys(starts);
  const followers = new Map<string, Follower>();
  const { url, apiKey } = server;
  const sender = createSender({ url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  const accepted: string[] = [];
  let isOver = false;
  try {
    for (const [user, start] of Object.entries(starts)) followers.set(user, await start(server, user));
    const all = [...followers.values()];
    const each = (condition: (follower: Follower) => boolean) =>
      until('a frame of each client', () => all.every(condition), patienceMs);
    await each(has('synced', 1));
    const publishing = (async () => {
      for (let n = 0; !isOver; n++) {
        const text = 'x'.repeat(n % 20 === 0 ? 200_000 : 20);
        const { id } = await sender.notify({ to: { users }, type: 'probe', data: { text } });
        accepted.push(id);
        await pause(5);
      }
    })();
    await each(has('probe', 30));
    await server.kill();
    await answersOnly502(server.port, users.length);
    await server.start();
    await each(has('connection_established', 2));
    await each(has('synced', 2));
    await server.stop();
    await server.start();
    await each(has('connection_established', 3));
    isOver = true;
    await publishing;
    const last = accepted.at(-1);
    await each(({ frames }) => frames.some(({ id }) => id === last)).catch(() => {});
    return Object.fromEntries(users.map((user) => [user, accountOf(followers.get(user) as Follower, accepted)]));
  } finally {
    isOver = true;
    for (const follower of followers.values()) await follower.end();
    await sender.close();
  }
}

const has = (type: string, count: number) => {
  return ({ frames, problems }: Follower): boolean => {
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return frames.filter((frame) => frame.type === type).length >= count;
  };
};

/** Stands in for a proxy whose server is away, until so many clients have asked. */
async function answersOnly502(port: number, clients: number): Promise<void> {
  const asked = new Set<unknown>();
  const proxy = createServer(({ url = '', headers }, response) => {
    if (url.startsWith('/api/v1/events')) asked.add(headers.authorization ?? headers.cookie);
    response.writeHead(502, { 'content-type': 'text/html', connection: 'close' }).end('<h1>Bad Gateway</h1>');
  });
  await new Promise<void>((listening) => proxy.listen(port, '127.0.0.1', listening));
  try {
    await until('a request of each client', () => asked.size === clients, patienceMs);
  } finally {
    const closed = new Promise((resolve) => proxy.close(resolve));
    proxy.closeAllConnections();
    await closed;
  }
}

function accountOf({ frames, problems }: Follower, accepted: readonly string[]): Account {
  const records = frames.filter(({ rev }) => rev !== undefined);
  const revs = records.map(({ rev }) => Number(rev));
  const ids = new Set(records.map(({ id }) => id));
  const [, ...later] = frames.filter(({ type }) => type === 'connection_established');
  return {
    accepted: accepted.length,
    lost: accepted.filter((id) => !ids.has(id)).length,
    twice: records.length - new Set(records.map(({ id, rev }) => `${id} ${rev}`)).size,
    outOfOrder: revs.filter((rev, n) => rev < Math.max(...revs.slice(0, n))).length,
    notResumed: later.filter(({ recovered, cursor }) => !recovered || !cursor).length,
    problems,
  };
}
