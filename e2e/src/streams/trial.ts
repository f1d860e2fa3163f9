import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import { FaultProxy } from '../faults/fault-proxy.ts';
import type { ServerProcess } from '../server-process.ts';
import { until } from '../until.ts';
import type { Follower } from './follower.ts';

/** Starts a client at an address, with a token. */
export type StartFollower = (url: string, token: string) => Follower | Promise<Follower>;

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
  /** The error that its loop ended with once its token was revoked. */
  end: unknown;
}

/** The account of a client with no fault, but for the number of records. */
export const faultless = { lost: 0, twice: 0, outOfOrder: 0, notResumed: 0, problems: [], end: 'refused with 401' };

/** The time that a client may take to come back, in milliseconds: some wait for longer after each failure, or are silent for 30 s first. */
const patienceMs = 60_000;
/** Pings, 9 s apart, that take longer than the 30 s of silence after which a connection is given up. */
const pingsOfQuiet = 5;

/** Clients that follow a server through a proxy. */
interface Scene {
  server: ServerProcess;
  proxy: FaultProxy;
  followers: readonly Follower[];
  tokens: readonly string[];
  /** Sends a record to all of the users. */
  publish(): Promise<void>;
}

/** A play: the faults that the connections of a scene go through. */
export type Play = (scene: Scene) => Promise<void>;

/** `kill -9`, a proxy that answers 502, and an orderly restart, while records are sent; then a time without any. */
export const breaks: Play = async ({ server, followers, tokens, publish }) => {
  let isOver = false;
  const publishing = (async () => {
    while (!isOver) await publish().then(() => pause(5));
  })();
  try {
    await received(followers, 'probe', 30);
    await server.kill();
    await answersOnly502(server.port, tokens.length);
    await server.start();
    await received(followers, 'connection_established', 2);
    await received(followers, 'synced', 2);
    await server.stop();
    await server.start();
    await received(followers, 'connection_established', 3);
  } finally {
    isOver = true;
  }
  await publishing;
  const connections = followers.map(count('connection_established'));
  const pings = followers.map(count('ping'));
  const isQuiet = () =>
    followers.every((follower, n) => count('ping')(follower) >= (pings[n] as number) + pingsOfQuiet);
  await until('pings at each client', isQuiet, patienceMs);
  const later = followers.map(count('connection_established'));
  if (`${later}` !== `${connections}`)
    throw new Error(`connections before a quiet time ${connections}, after it ${later}`);
};

/** A proxy that keeps connections open whose server is dead, and next requests too, and tells nobody. */
export const silence: Play = async ({ server, proxy, followers, tokens, publish }) => {
  for (let n = 0; n < 60; n++) await publish();
  await received(followers, 'probe', 60);
  const asked = proxy.requests.length;
  const endDark = proxy.holdAll();
  await server.kill();
  await server.start();
  for (let n = 0; n < 60; n++) await publish();
  const isAsked = (token: string) =>
    proxy.requests.slice(asked).some((text) => text.includes('/api/v1/events') && text.includes(token));
  await until('a request of each client after its silence', () => tokens.every(isAsked), patienceMs);
  endDark();
  await received(followers, 'connection_established', 2);
};

/**
 * Follows a server by all of the clients at a time through a play, then revokes their tokens.
 *
 * @returns the account of each, by its name
 */
export async function tryFollowers(
  server: ServerProcess,
  starts: Readonly<Record<string, StartFollower>>,
  play: Play,
): Promise<Record<string, Account>> {
  const users = Object.keys(starts);
  const tokens = users.map((user) => server.token(user, []));
  const followers: Follower[] = [];
  const { url, apiKey } = server;
  const sender = createSender({ url, apiKey, timeoutMs: 60_000, logger: { warn() {} } as never });
  const proxy = await FaultProxy.before(server.port, { jitter: 0, slice: 1_000_000 });
  const accepted: string[] = [];
  async function publish(): Promise<void> {
    const text = 'x'.repeat(accepted.length % 20 === 0 ? 200_000 : 20);
    const { id } = await sender.notify({ to: { users }, type: 'probe', data: { text } });
    accepted.push(id);
  }
  try {
    for (const [n, start] of Object.values(starts).entries())
      followers.push(await start(proxy.url, tokens[n] as string));
    await received(followers, 'synced', 1);
    await play({ server, proxy, followers, tokens, publish });
    await publish();
    const isThere = ({ frames }: Follower) => frames.some(({ id }) => id === accepted.at(-1));
    await until('the last record', () => followers.every(isThere), patienceMs).catch(() => {});
    for (const user of users) await sender.users.revoke({ user });
    await received(followers, 'end', 1).catch(() => {});
    return Object.fromEntries(users.map((user, n) => [user, accountOf(followers[n] as Follower, accepted)]));
  } finally {
    for (const follower of followers) await follower.end();
    await proxy.stop();
    await sender.close();
  }
}

const count =
  (type: string) =>
  ({ frames }: Follower): number =>
    frames.filter((frame) => frame.type === type).length;

/** Waits until each client has so many frames of a type. Throws what one complains of. */
const received = (followers: readonly Follower[], type: string, least: number): Promise<void> =>
  until(
    `${least} frames of type ${type} at each client`,
    () =>
      followers.every((follower) => {
        if (follower.problems.length > 0) throw new Error(follower.problems.join('\n'));
        return count(type)(follower) >= least;
      }),
    patienceMs,
  );

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
    end: frames.find(({ type }) => type === 'end')?.error,
  };
}
