import { Agent, request } from 'node:http';
import { createTidings, type Tidings } from '@tidings/server';
import { secret } from '../peers/peer.ts';
import { tokenOf } from '../tokens.ts';
import { notificationTo } from './notifications.ts';
import type { Place } from './place.ts';

export interface InboxFigures {
  place: Place['name'];
  notifications: number;
  /** Milliseconds, of one request after the other. */
  reads: { what: string; p50: number; p99: number }[];
}

/** The recipients: one person has half of the notifications, a thousand people the others, and some are for everyone. */
const recipientOf = (n: number): string => (n % 2 === 0 ? 'the-one' : `u${n % 1_000}`);

const seedBatch = 1_000;

/** The first page of an inbox, and its count, among many notifications that were stored through the sender. */
export async function measureInbox(place: Place, total: number, requests: number): Promise<InboxFigures> {
  // One user asks for far more than a server does for one.
  const limits = { actionBurst: 1_000_000, workBurst: 1_000_000 };
  const tidings = await createTidings({ database: place.url, auth: { jwtSecret: secret }, limits });
  try {
    await seed(tidings, total);
    const { port } = await tidings.listen({ port: 0 });
    const reads = [];
    for (const [what, path, user] of [
      ['first page, of half of them', '/api/v1/inbox', 'the-one'],
      ['count, of half of them', '/api/v1/inbox/unread_count', 'the-one'],
      ['first page, of a thousandth', '/api/v1/inbox', 'u501'],
      ['count, of a thousandth', '/api/v1/inbox/unread_count', 'u501'],
      ['unread in a category', '/api/v1/inbox?unread=true&category=seldom', 'the-one'],
      ['text search', '/api/v1/inbox?q=report%20499', 'the-one'],
    ] as const) {
      reads.push({ what, ...(await latencies(port, path, await tokenOf(user), requests)) });
    }
    return { place: place.name, notifications: total, reads };
  } finally {
    await tidings.close();
  }
}

async function seed(tidings: Tidings, total: number): Promise<void> {
  let next = 0;
  const seeder = async () => {
    while (next < total) {
      const from = next;
      next += seedBatch;
      const items = Array.from({ length: Math.min(seedBatch, total - from) }, (_, i) => seeded(from + i));
      const results = await tidings.notifyMany(items, { atomic: true });
      const refused = results.find((result) => !result.ok);
      if (refused && !refused.ok) throw refused.error;
    }
  };
  await Promise.all([seeder(), seeder(), seeder()]);
}

function seeded(n: number) {
  const notification = notificationTo(recipientOf(n), n);
  if (n % 10_000 === 1) return { ...notification, to: { everyone: true as const } };
  return n % 5_000 === 0 ? { ...notification, category: 'seldom' } : notification;
}

/** One request after the other, on one connection, after as many that do not count: no server is asked for the first time often. ms */
async function latencies(port: number, path: string, token: string, count: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = new Float64Array(count);
  for (let n = -count; n < count; n++) {
    const start = performance.now();
    await get(agent, port, path, token);
    if (n >= 0) times[n] = performance.now() - start;
  }
  agent.destroy();
  times.sort();
  return { p50: times[Math.floor(count / 2)] as number, p99: times[Math.floor(count * 0.99)] as number };
}

function get(agent: Agent, port: number, path: string, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    request({ agent, port, path, headers, host: '127.0.0.1' }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path} answered ${response.statusCode}`)),
      );
    })
      .on('error', reject)
      .end();
  });
}
