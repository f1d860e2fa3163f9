// The process of the clients of the redeploy play, which come back by themselves when the server is replaced.
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMicros } from '../load/monotonic.ts';
import { returning } from './returning.ts';

export type RedeployOrder =
  | { do: 'connect'; host: string; port: number; kind: keyof typeof returning; tokens: readonly string[] }
  | { do: 'end'; numbers: readonly number[]; replacedAt: number; withinMs: number };

/** The clients' account. */
export interface RedeployAnswer {
  lost: number;
  twice: number;
  neverBack: number;
  /** Of each client that came back: from the begin of the replacement until it was there again, ms. */
  backs: Float64Array;
}

interface Seen {
  numbers: Set<number>;
  /** Monotonic µs. */
  arrivals: number[];
}

const clients: Seen[] = [];
let twice = 0;

async function connect({ host, port, kind, tokens }: Extract<RedeployOrder, { do: 'connect' }>): Promise<void> {
  for (let from = 0; from < tokens.length; from += 50) {
    const some = tokens.slice(from, from + 50).map((token) => {
      const seen: Seen = { numbers: new Set(), arrivals: [] };
      clients.push(seen);
      return new Promise<void>((resolve) => {
        returning[kind](
          { host, port, token },
          {
            back() {
              seen.arrivals.push(monotonicMicros());
              resolve();
            },
            heard(n) {
              if (seen.numbers.has(n)) twice++;
              seen.numbers.add(n);
            },
          },
        );
      });
    });
    await Promise.all(some);
  }
}

/** Waits until all are back and have everything, or the time is over. */
async function end({ numbers, replacedAt, withinMs }: Extract<RedeployOrder, { do: 'end' }>): Promise<RedeployAnswer> {
  const lost = () => clients.reduce((sum, { numbers: has }) => sum + numbers.filter((n) => !has.has(n)).length, 0);
  const backs = () => clients.flatMap(({ arrivals }) => arrivals.find((at) => at > replacedAt) ?? []);
  const until = performance.now() + withinMs;
  while ((lost() > 0 || backs().length < clients.length) && performance.now() < until) await pause(250);
  const found = backs();
  return {
    ...{ lost: lost(), twice, neverBack: clients.length - found.length },
    backs: Float64Array.from(found, (at) => (at - replacedAt) / 1_000),
  };
}

process.on('message', (order: RedeployOrder) => {
  const done = order.do === 'connect' ? connect(order).then(() => ({ done: true })) : end(order);
  void done.then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
