import { setTimeout as pause } from 'node:timers/promises';
import { HttpClient } from '../load/http-client.ts';
import type { PublishTarget } from '../load/messages.ts';
import { monotonicMicros } from '../load/monotonic.ts';
import { publishBody } from '../load/notification.ts';
import { percentile } from '../percentile.ts';

/** Milliseconds from the call until it was answered. */
export interface Latency {
  p50: number;
  p99: number;
}

/** Requests that may be under way. A later one waits for its connection, which counts. */
const atOnce = 64;
/** The users to whom is published. */
const users = 1_000;
const load = { audience: 'user', via: 'http', batch: 1, pace: { perSecond: 1 } } as const;

/** Publishes to single users, one notification in each request, at a pace, whatever the answers. Rejects if one was refused. */
export async function publishPaced(target: PublishTarget, perSecond: number, seconds: number): Promise<Latency> {
  const open = () => HttpClient.open(target.url, target.path, target.headers);
  // A server closes connections on which nothing was asked for seconds: these are of this run, and take turns.
  const clients = await Promise.all(Array.from({ length: atOnce }, open));
  const lastOf: Promise<unknown>[] = clients.map(() => Promise.resolve());
  const times: Promise<number>[] = [];
  const begun = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    await pause(Math.max(0, begun + (n * 1_000) / perSecond - performance.now()));
    const at = n % atOnce;
    const time = publish(clients[at] as HttpClient, target, n, lastOf[at] as Promise<unknown>);
    lastOf[at] = time;
    times.push(time);
  }
  const sorted = Float64Array.from(await Promise.all(times)).sort();
  for (const client of clients) client.close();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

async function publish(client: HttpClient, { form }: PublishTarget, number: number, last: Promise<unknown>) {
  const begun = performance.now();
  await last;
  const { status, body } = await client.post(publishBody(form, load, number, monotonicMicros(), users));
  if (status !== 201) throw new Error(`${status}: ${body}`);
  return performance.now() - begun;
}
