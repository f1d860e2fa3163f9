import { setTimeout as pause } from 'node:timers/promises';
import { createSender } from '@tidings/sender';
import type { PublishTarget } from '../load/messages.ts';
import { monotonicMicros } from '../load/monotonic.ts';
import { notification, publishBody } from '../load/notification.ts';
import { apiKey } from '../peers/peer.ts';

/** Publishes one notification to everyone. Rejects if it was not accepted. */
export type Publish = (n: number) => Promise<unknown>;

/** By one request for each, which is made once. */
export const byHttp =
  ({ url, path, headers, form }: PublishTarget): Publish =>
  async (n) => {
    const load = { audience: 'everyone', via: 'http', batch: 1, pace: { perSecond: 1 } } as const;
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: publishBody(form, load, n, monotonicMicros(), 1),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await answer.text();
    // Centrifugo answers 200 and says in the body what went wrong.
    if (!answer.ok || text.startsWith('{"error"')) throw new Error(`${answer.status}: ${text}`);
  };

/** By the sender of Tidings, which tries again. */
export const bySender = ({ url }: PublishTarget): Publish => {
  const sender = createSender({ url, apiKey });
  return (n) => sender.notify({ to: { everyone: true }, ...notification(n, monotonicMicros()) });
};

export interface Accepted {
  numbers: number[];
  refused: number;
}

/** Publishes at a pace, whatever the answers, until the work is over; resolves when all is answered. */
export async function publishDuring(publish: Publish, perSecond: number, work: () => Promise<void>): Promise<Accepted> {
  const accepted: Accepted = { numbers: [], refused: 0 };
  let isOver = false;
  const publishing = (async () => {
    const underWay: Promise<void>[] = [];
    const begun = performance.now();
    for (let n = 0; !isOver; n++) {
      await pause(Math.max(0, begun + (n * 1_000) / perSecond - performance.now()));
      const answered = publish(n).then(
        () => void accepted.numbers.push(n),
        () => void accepted.refused++,
      );
      underWay.push(answered);
    }
    await Promise.all(underWay);
  })();
  await work();
  isOver = true;
  await publishing;
  return accepted;
}
