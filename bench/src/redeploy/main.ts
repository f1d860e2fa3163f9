// `npm run bench -- redeploy`: each server is replaced under its clients, while notifications are published.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../packages/server/testing/free-port.ts';
import { flagsOrExit } from '../flags.ts';
import { buildFolder } from '../folders.ts';
import { monotonicMicros } from '../load/monotonic.ts';
import { startCentrifugo } from '../peers/centrifugo/centrifugo.ts';
import { host, type RunningPeer } from '../peers/peer.ts';
import { startSocketIo } from '../peers/socket-io/socket-io.ts';
import { startTidings } from '../peers/tidings/tidings.ts';
import { percentile } from '../percentile.ts';
import { Helper } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { tokensFor } from '../tokens.ts';
import type { RedeployAnswer, RedeployOrder } from './clients-process.ts';
import { byHttp, bySender, publishDuring } from './publishing.ts';

const values = flagsOrExit({
  name: 'redeploy',
  measures: 'A server that is replaced under its clients: what is lost, and when all are back.',
  flags: {
    clients: { type: 'string', default: '1000', value: 'N', help: 'clients at once' },
    'per-second': { type: 'string', default: '10', value: 'N', help: 'notifications a second' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
    centrifugo: { type: 'string', value: 'PATH', help: "Centrifugo 6's executable, which then takes part" },
    json: { type: 'boolean', default: false, help: 'print JSON in place of the table' },
  },
});
const clients = values.quick ? 200 : Number(values.clients);
const perSecond = Number(values['per-second']);
/** Seconds of publishing before the server is replaced, and after. */
const [before, after] = [3, values.quick ? 7 : 15];

interface Line {
  server: string;
  published: number;
  refused: number;
  lost: number;
  twice: number;
  neverBack: number;
  /** From the begin of the replacement until a server listens again, ms. */
  away: number;
  /** From the begin of the replacement until clients are back, ms. */
  backP50: number;
  backAtMost: number;
  /** Clients that came back within one second, at most. */
  mostInOneSecond: number;
}

interface Contender {
  name: string;
  /** The port and the folder are the same for the server and for the one in its place. */
  start(port: number, folder: string): Promise<RunningPeer>;
  publishing: typeof byHttp;
}

async function play({ name, start, publishing }: Contender): Promise<Line> {
  const folder = await mkdtemp(join(await buildFolder(), 'redeploy-'));
  const port = await freePort();
  let peer = await start(port, folder);
  const receivers = new Helper(new URL('./clients-process.ts', import.meta.url));
  const order = <Answer>(message: RedeployOrder) => receivers.ask<Answer>(message);
  try {
    if (peer.load.by === 'itself' || peer.dialect === 'bare') throw new Error(`${name} is not published to`);
    await order({ do: 'connect', host, port, kind: peer.dialect, tokens: await tokensFor(peer, clients) });
    let replacedAt = 0;
    let away = 0;
    const { numbers, refused } = await publishDuring(publishing(peer.load.target), perSecond, async () => {
      await pause(before * 1_000);
      replacedAt = monotonicMicros();
      await peer.stop();
      peer = await start(port, folder);
      away = (monotonicMicros() - replacedAt) / 1_000;
      await pause(after * 1_000);
    });
    const answer = await order<RedeployAnswer>({ do: 'end', numbers, replacedAt, withinMs: 30_000 });
    return { ...lineOf(name, answer), published: numbers.length + refused, refused, away };
  } finally {
    await receivers.stop();
    await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function lineOf(server: string, answer: RedeployAnswer): Omit<Line, 'published' | 'refused' | 'away'> {
  const { lost, twice, neverBack } = answer;
  const backs = answer.backs.sort();
  let mostInOneSecond = 0;
  for (let first = 0, last = 0; last < backs.length; last++) {
    while ((backs[last] as number) - (backs[first] as number) > 1_000) first++;
    mostInOneSecond = Math.max(mostInOneSecond, last - first + 1);
  }
  const [backP50, backAtMost] = [percentile(backs, 0.5), percentile(backs, 1)];
  return { server, lost, twice, neverBack, backP50, backAtMost, mostInOneSecond };
}

/** The lines as Markdown, which is also read well at a terminal. */
function table(lines: readonly Line[]): string {
  const head =
    '| server | published | refused | lost | twice | never back | away s | back p50 s | all back s | most in 1 s |';
  const s = (ms: number) => (ms / 1_000).toFixed(1);
  const rows = lines.map((line) => {
    const counts = [line.published, line.refused, line.lost, line.twice, line.neverBack];
    return `| ${[line.server, ...counts, s(line.away), s(line.backP50), s(line.backAtMost), line.mostInOneSecond].join(' | ')} |`;
  });
  return [head, '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|', ...rows].join('\n');
}

const tidings = { start: (port: number, folder: string) => startTidings({ port, folder }) };
const contenders: Contender[] = [
  { name: 'tidings, its sender', ...tidings, publishing: bySender },
  { name: 'tidings', ...tidings, publishing: byHttp },
  { name: 'socket.io', start: (port) => startSocketIo({ recovers: true, port }), publishing: byHttp },
];
const { centrifugo } = values;
if (centrifugo) {
  const start = (port: number) => startCentrifugo(centrifugo, { recovers: true, port });
  contenders.push({ name: 'centrifugo', start, publishing: byHttp });
}
const lines: Line[] = [];
for (const contender of contenders) {
  lines.push(await play(contender));
  console.error(JSON.stringify(lines.at(-1)));
}
await conclude('redeploy', { clients, perSecond, lines }, values.json ? null : `${table(lines)}\n`);
