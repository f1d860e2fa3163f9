// `npm run bench -- cluster`: how much later a notification is delivered on another node than on the one it was published on.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSender } from '@tidings/sender';
import { flagsOrExit } from '../flags.ts';
import { buildFolder } from '../folders.ts';
import { startNodeServer } from '../peers/node-server.ts';
import { apiKey, host } from '../peers/peer.ts';
import { percentile } from '../percentile.ts';
import { conclude } from '../report/results.ts';
import { startPostgres } from '../store/postgres-server.ts';
import { tokensFor } from '../tokens.ts';

const values = flagsOrExit({
  name: 'cluster',
  measures: 'How much later a notification arrives on another node than on the one it was published on.',
  flags: {
    rates: { type: 'string', default: '50,200', value: 'N,N', help: 'notifications a second, one play for each' },
    seconds: { type: 'string', default: '10', value: 'N', help: 'seconds of load' },
    postgres: { type: 'string', value: 'URL', help: 'a PostgreSQL of yours; else one is started' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
  },
});
const seconds = values.quick ? 2 : Number(values.seconds);

interface Figures {
  perSecond: number;
  published: number;
  /** Milliseconds from the call of the sender until the socket had it. */
  here: Spread;
  there: Spread;
}

interface Spread {
  delivered: number;
  p50: number;
  p99: number;
  max: number;
}

/** A socket of the user, and when it heard which notification. */
class Receiver {
  readonly at = new Map<number, number>();
  readonly #socket: WebSocket;

  private constructor(url: string, token: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws/?token=${token}`);
  }

  /** Resolves when the user is caught up. */
  static open(url: string, token: string): Promise<Receiver> {
    const receiver = new Receiver(url, token);
    return new Promise((resolve, reject) => {
      receiver.#socket.onerror = () => reject(new Error('a receiver could not connect'));
      receiver.#socket.onmessage = ({ data }) => {
        const at = performance.now();
        const frame = JSON.parse(String(data));
        if (frame.type === 'synced') resolve(receiver);
        else if (frame.data?.n !== undefined) receiver.at.set(frame.data.n, at);
      };
    });
  }

  close(): void {
    this.#socket.close();
  }
}

function spreadOf(made: readonly number[], heardAt: ReadonlyMap<number, number>): Spread {
  const late = [...heardAt].map(([n, at]) => at - (made[n] as number)).sort((a, b) => a - b);
  const at = (share: number) => percentile(late, share);
  return { delivered: late.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Publishes at a steady rate on one node to a user who is connected to both. */
async function measure(urls: readonly [string, string], perSecond: number): Promise<Figures> {
  const [token] = await tokensFor({ claims: (sub) => ({ sub }) }, 1);
  const receivers = await Promise.all(urls.map((url) => Receiver.open(url, token as string)));
  const [here, there] = receivers as [Receiver, Receiver];
  const user = JSON.parse(Buffer.from((token as string).split('.')[1] as string, 'base64url').toString()).sub;
  const sender = createSender({ url: urls[0], apiKey });
  const made: number[] = [];
  const answers: Promise<unknown>[] = [];
  const begun = performance.now();
  while (made.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - begun) / 1_000) * perSecond);
    while (made.length < due) {
      const n = made.push(performance.now()) - 1;
      answers.push(sender.notify({ to: { user }, title: 'Transfer done', data: { n } }));
    }
    await new Promise((next) => setTimeout(next, 1));
  }
  await Promise.all(answers);
  const end = performance.now() + 3_000;
  while (there.at.size < made.length && performance.now() < end) await new Promise((next) => setTimeout(next, 10));
  for (const receiver of receivers) receiver.close();
  await sender.close();
  return { perSecond, published: made.length, here: spreadOf(made, here.at), there: spreadOf(made, there.at) };
}

const folder = await mkdtemp(join(await buildFolder(), 'cluster-'));
const postgres = values.postgres
  ? { url: values.postgres, stop: async () => {} }
  : await startPostgres(`${folder}-postgres`);
const module = new URL('../peers/tidings/tidings-process.ts', import.meta.url);
const figures: Figures[] = [];
const line = ({ delivered, p50, p99, max }: Spread) =>
  `${delivered} delivered  p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)}  max ${max.toFixed(1)}`;
try {
  const nodes = [await startNodeServer(module, [postgres.url]), await startNodeServer(module, [postgres.url])];
  const urls = nodes.map(({ port }) => `http://${host}:${port}`) as [string, string];
  console.log('\nTwo nodes on one PostgreSQL: publish on one; ms from the call until a socket had it');
  try {
    await measure(urls, 50);
    for (const rate of values.rates.split(',').map(Number)) {
      const one = await measure(urls, rate);
      figures.push(one);
      console.log(`  ${String(rate).padStart(4)}/s  on the same node   ${line(one.here)}`);
      console.log(`          on the other node  ${line(one.there)}`);
    }
  } finally {
    for (const node of nodes) await node.stop();
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
await conclude('cluster', { seconds, figures });
