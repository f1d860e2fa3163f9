// `npm run bench -- task`: how late those who watch a task are, when much is reported on it.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSender, type Sender } from '@tidings/sender';
import { createTidings } from '@tidings/server';
import { flagsOrExit } from '../flags.ts';
import { buildFolder } from '../folders.ts';
import { monotonicMicros } from '../load/monotonic.ts';
import { apiKey, host, secret } from '../peers/peer.ts';
import { startTidings } from '../peers/tidings/tidings.ts';
import { Helper } from '../processes.ts';
import { conclude } from '../report/results.ts';
import { tokensFor } from '../tokens.ts';
import { type Lateness, latenessOf } from './lateness.ts';
import type { Heard, WatchOrder } from './watchers-process.ts';

const values = flagsOrExit({
  name: 'task',
  measures: 'How late those are who watch a task on which much is reported.',
  flags: {
    watchers: { type: 'string', default: '100', value: 'N', help: 'sockets that follow the task' },
    seconds: { type: 'string', default: '8', value: 'N', help: 'seconds of load' },
    rates: { type: 'string', default: '200,1000', value: 'N,N', help: 'reports a second, one play for each' },
    quick: { type: 'boolean', default: false, help: 'less of it: a look, not a measurement' },
  },
});
const watchers = Number(values.watchers);
const seconds = values.quick ? 2 : Number(values.seconds);

interface Way {
  name: string;
  sender: Pick<Sender, 'tasks'>;
  url: string;
  stop(): Promise<void>;
}

interface Figures extends Lateness {
  way: string;
  perSecond: number;
  made: number;
  /** Frames that each watcher was sent, on average. */
  frames: number;
  /** Callers that were answered by an error. */
  refused: number;
}

async function overHttp(): Promise<Way> {
  const server = await startTidings();
  const url = `http://${host}:${server.port}`;
  const sender = createSender({ url, apiKey });
  const stop = async () => {
    await sender.close();
    await server.stop();
  };
  return { name: 'over HTTP', sender, url, stop };
}

async function inProcess(): Promise<Way> {
  const folder = await mkdtemp(join(await buildFolder(), 'task-'));
  const sender = await createTidings({ database: `sqlite:${join(folder, 'bench.db')}`, auth: { jwtSecret: secret } });
  const { url } = await sender.listen({ host, port: 0 });
  const stop = async () => {
    await sender.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { name: 'in process', sender, url, stop };
}

/** Reports at a steady rate, then ends the task. */
async function report(tasks: Sender['tasks'], task: string, perSecond: number) {
  const made: number[] = [];
  let refused = 0;
  const answered: Promise<unknown>[] = [];
  const tell = (over: object) => {
    const n = made.push(monotonicMicros()) - 1;
    answered.push(
      tasks.report(task, { status: 'processing', progress: 50, data: { n }, ...over }).catch(() => refused++),
    );
  };
  const began = monotonicMicros();
  while (made.length < perSecond * seconds) {
    const due = Math.floor(((monotonicMicros() - began) / 1e6) * perSecond);
    while (made.length < Math.min(due, perSecond * seconds)) tell({});
    await new Promise((next) => setTimeout(next, 1));
  }
  tell({ status: 'completed' });
  await Promise.all(answered);
  return { made, refused };
}

async function measure({ name, sender, url }: Way, perSecond: number): Promise<Figures> {
  const task = `${name}-${perSecond}`;
  const tokens = await tokensFor({ claims: (sub) => ({ sub }) }, watchers);
  const helper = new Helper(new URL('./watchers-process.ts', import.meta.url));
  await helper.ask<{ watching: number }>({ do: 'watch', url, tokens, task } satisfies WatchOrder);
  const { made, refused } = await report(sender.tasks, task, perSecond);
  const heard = await helper.ask<Heard>({ do: 'report' });
  await helper.stop();
  const frames = heard.reports.reduce((sum, { length }) => sum + length, 0) / watchers;
  return { way: name, perSecond, made: made.length, frames, refused, ...latenessOf(made, heard) };
}

const figures: Figures[] = [];
console.log(
  `\nReports on one task that ${watchers} watch, ${seconds} s of them; ms until a watcher has each or a newer one`,
);
for (const begin of [overHttp, inProcess]) {
  const way = await begin();
  try {
    for (const rate of values.rates.split(',').map(Number)) {
      const one = await measure(way, rate);
      figures.push(one);
      const end = one.end === null ? 'the end did not come' : `end ${one.end.toFixed(0)}`;
      const late = `p50 ${one.p50.toFixed(0)}  p99 ${one.p99.toFixed(0)}  max ${one.max.toFixed(0)}  ${end}`;
      const counts = `${one.made} made, ${one.frames.toFixed(0)} frames, ${one.refused} refused`;
      console.log(`  ${one.way.padEnd(10)}  ${String(rate).padStart(5)}/s  ${late}  (${counts})`);
    }
  } finally {
    await way.stop();
  }
}
await conclude('task', { watchers, seconds, figures });
