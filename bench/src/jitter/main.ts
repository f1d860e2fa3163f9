// `npm run bench -- jitter`: clients whose connections break again and again, on each server that keeps what they miss.
import { flagsOrExit } from '../flags.ts';
import type { Load, Published, PublishOrder } from '../load/messages.ts';
import { startCentrifugo } from '../peers/centrifugo/centrifugo.ts';
import { host, type RunningPeer } from '../peers/peer.ts';
import { startSocketIo } from '../peers/socket-io/socket-io.ts';
import { startTidings } from '../peers/tidings/tidings.ts';
import { percentile } from '../percentile.ts';
import { Helper } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { tokensFor } from '../tokens.ts';
import type { JitterAnswer, JitterOrder } from './clients-process.ts';

const values = flagsOrExit({
  name: 'jitter',
  measures: 'Clients whose connections break again and again: what arrives, and how soon.',
  flags: {
    clients: { type: 'string', default: '1000', value: 'N', help: 'clients at once' },
    messages: { type: 'string', default: '120', value: 'N', help: 'notifications to everyone' },
    'per-second': { type: 'string', default: '2', value: 'N', help: 'notifications a second' },
    every: {
      type: 'string',
      default: '15',
      value: 'N',
      help: 'seconds from one cut of a client to the next, on average',
    },
    offline: { type: 'string', default: '2', value: 'N', help: 'seconds until a client that was cut comes back' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
    centrifugo: { type: 'string', value: 'PATH', help: "Centrifugo 6's executable, which then takes part" },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the table' },
  },
});
const clients = values.quick ? 200 : Number(values.clients);
const messages = values.quick ? 30 : Number(values.messages);
const perSecond = Number(values['per-second']);

interface Line {
  server: string;
  sent: number;
  cuts: number;
  /** Percent of what was owed. */
  delivered: number;
  lost: number;
  twice: number;
  replays: number;
  /** Milliseconds from the begin of a return until a missed notification is there. */
  replayP50: number;
  replayP99: number;
  cpuSeconds: number;
}

async function play(peer: RunningPeer): Promise<Line> {
  const receivers = new Helper(new URL('./clients-process.ts', import.meta.url));
  const publisher = new Helper(new URL('../load/publisher-process.ts', import.meta.url));
  const order = <Answer>(message: JitterOrder) => receivers.ask<Answer>(message);
  const publish = (count: number, firstNumber: number): Promise<Published> => {
    if (peer.load.by === 'itself') throw new Error(`${peer.name} is not published to`);
    const load: Load = { audience: 'everyone', via: 'http', batch: 1, pace: { perSecond } };
    const { target } = peer.load;
    const run = { target, load, seconds: count / perSecond, sockets: clients, firstNumber };
    return publisher.ask<Published>({ do: 'run', ...run } satisfies PublishOrder);
  };
  try {
    const { port, dialect } = peer;
    if (dialect === 'bare') throw new Error(`${peer.name} has no way to come back`);
    await order({ do: 'connect', host, port, dialect, tokens: await tokensFor(peer, clients) });
    const cpuBefore = await peer.cpuSeconds();
    // Socket.IO recovers only who has heard something before.
    const first = await publish(1, 0);
    await order({ do: 'cut', everyMs: Number(values.every) * 1000, offlineMs: Number(values.offline) * 1000 });
    const rest = await publish(messages - 1, 1);
    const numbers = [...first.accepted, ...rest.accepted];
    const answer = await order<JitterAnswer>({ do: 'end', numbers, withinMs: 15_000 });
    return lineOf(peer.name, numbers.length, answer, (await peer.cpuSeconds()) - cpuBefore);
  } finally {
    await Promise.all([receivers.stop(), publisher.stop()]);
    await peer.stop();
  }
}

function lineOf(server: string, sent: number, answer: JitterAnswer, cpuSeconds: number): Line {
  const { delivered, owed, twice, cuts, replays } = answer;
  const sorted = replays.sort();
  return {
    ...{ server, sent, cuts, delivered: (100 * delivered) / owed, lost: owed - delivered, twice },
    ...{ replays: sorted.length, replayP50: percentile(sorted, 0.5), replayP99: percentile(sorted, 0.99), cpuSeconds },
  };
}

/** The lines as Markdown, which is also read well at a terminal. */
function table(lines: readonly Line[]): string {
  const head = '| server | delivered | lost | twice | cuts | replayed | replay p50 ms | replay p99 ms | CPU s |';
  const rows = lines.map(
    (line) =>
      `| ${line.server} | ${line.delivered.toFixed(2)} % | ${line.lost} | ${line.twice} | ${line.cuts} | ${line.replays} | ${line.replayP50.toFixed(1)} | ${line.replayP99.toFixed(1)} | ${line.cpuSeconds.toFixed(1)} |`,
  );
  return [head, '|---|--:|--:|--:|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

const starts = [
  () => startTidings(),
  () => startSocketIo({ recovers: true }),
  ...(values.centrifugo ? [() => startCentrifugo(values.centrifugo as string, { recovers: true })] : []),
];
const lines: Line[] = [];
for (const start of starts) lines.push(await play(await start()));
const { every, offline } = values;
const results = { clients, messages, perSecond, every, offline, lines };
await conclude('jitter', results, values.json ? null : `${table(lines)}\n`);
