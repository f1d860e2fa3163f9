import { afterAll, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';
import { until } from '../../../testing/world.ts';
import type { TelemetryEvent } from '../../telemetry/events.ts';
import type { TaskContext } from '../task-context.ts';

const events: TelemetryEvent[] = [];
const server = await RunningServer.start({
  limits: { taskLogEntryBytes: 50_000 },
  telemetry: { emit: (event) => void events.push(event) },
});
afterAll(() => server.stop());

const logOf = async (taskId: string) => (await server.call('GET', `/api/v1/tasks/${taskId}/log?limit=1000`)).body.items;

/** Runs a handler to its end. @returns the task */
async function run(name: string, handler: (context: TaskContext<unknown>) => unknown) {
  const { tasks } = server.tidings;
  tasks.define(name, handler);
  const { task_id } = await tasks.start(name, null, { owner: 'ann' });
  await expect.poll(async () => (await tasks.get(task_id)).ended_at, { timeout: 40_000 }).not.toBeNull();
  return tasks.get(task_id);
}

test('what a handler logs and streams without waiting is stored whole and in order, before the task ends', async () => {
  const chunks = Array.from({ length: 10_000 }, (_, n) => `${n} 🦉 `);
  const task = await run('stream', ({ log, stream }) => {
    log('begin', { level: 'debug' });
    for (const [n, chunk] of chunks.entries()) {
      // As a decoder may cut it: in the middle of a character.
      for (const unit of n % 100 === 0 ? chunk.split('') : [chunk]) stream(unit);
      if (n === 5_000) log('half of it', { level: 'warn' });
    }
    log('end');
  });
  expect(task.status).toBe('completed');
  const items = await logOf(task.task_id);
  const streamed = items.filter((entry: { kind: string }) => entry.kind === 'chunk');
  expect(streamed.map((entry: { text: string }) => entry.text).join('') === chunks.join('')).toBe(true);
  expect(streamed.length).toBeLessThan(20);
  const lines = items.filter((entry: { kind: string }) => entry.kind === 'line');
  expect(lines.map(({ level, text }: { level: string; text: string }) => [level, text])).toEqual([
    ['debug', 'begin'],
    ['warn', 'half of it'],
    ['info', 'end'],
  ]);
  const before = items.slice(0, items.indexOf(lines[1])).map((entry: { text: string }) => entry.text);
  expect(before.join('') === `begin${chunks.slice(0, 5_001).join('')}`).toBe(true);
  expect(items.map((entry: { seq: number }) => entry.seq)).toEqual(items.map((_: unknown, i: number) => i + 1));
});

test('a bad call is refused to who awaits it, and told once otherwise; the others are stored', async () => {
  const refusals: unknown[] = [];
  const task = await run('mistakes', async ({ log, stream }) => {
    const calls: [unknown, unknown?][] = [
      [undefined],
      [7],
      ['a\u0000b'],
      ['x\ud83e'],
      ['x', { level: Number.NaN }],
      ['x', { lvl: 'info' }],
      ['y'.repeat(50_001)],
    ];
    for (const [line, options] of calls) {
      await log(line as string, options as object).catch((error) => refusals.push([error.code, error.message]));
    }
    await stream('a\u0000b').catch((error) => refusals.push([error.code, error.message]));
    await stream('z'.repeat(50_000));
    log(null as never);
    log('the rest');
  });
  expect(refusals).toEqual([
    ['bad_request', 'log() and stream() need a text; got undefined'],
    ['bad_request', 'log() and stream() need a text; got number'],
    ['bad_request', expect.stringContaining('NUL')],
    ['bad_request', expect.stringContaining('halves of surrogate pairs')],
    ['bad_request', expect.stringContaining('level')],
    ['bad_request', expect.stringContaining('lvl')],
    ['payload_too_large', expect.stringContaining('50001')],
    ['bad_request', expect.stringContaining('NUL')],
  ]);
  expect(task.status).toBe('completed');
  const texts = (await logOf(task.task_id)).map(({ text }: { text: string }) => text);
  expect([texts.slice(0, -1).join(''), texts.at(-1)]).toEqual(['z'.repeat(50_000), 'the rest']);
  const told = events.filter((event) => event.type === 'task_call_refused' && event.task === task.task_id);
  expect(told).toEqual([expect.objectContaining({ call: 'log', reason: expect.stringContaining('got null') })]);
});

test('a line that is too large is refused by itself, and those beside it are stored', async () => {
  const refusals: unknown[] = [];
  const task = await run('large', ({ log }) => {
    log('before');
    log('y'.repeat(50_001)).catch((error) => refusals.push(error.code));
    log('after');
  });
  expect(refusals).toEqual(['payload_too_large']);
  expect((await logOf(task.task_id)).map(({ text }: { text: string }) => text)).toEqual(['before', 'after']);
});

test('what is logged after a cancel is kept; after the end it is refused', async () => {
  const { tasks } = server.tidings;
  let late: TaskContext<unknown>['log'] | undefined;
  const running = run('cancelled', async (context) => {
    late = context.log;
    await context.log('at work');
    await tasks.cancel(context.taskId);
    await until(() => context.signal.aborted);
    context.log('rolled back');
    throw context.signal.reason;
  });
  const task = await running;
  expect(task.status).toBe('cancelled');
  expect((await logOf(task.task_id)).map(({ text }: { text: string }) => text)).toEqual(['at work', 'rolled back']);
  await expect(late?.('too late')).rejects.toMatchObject({ code: 'conflict' });
});

test('each attempt goes on in the same log', async () => {
  const { tasks } = server.tidings;
  tasks.define('twice', ({ attempt, log }) => {
    log(`attempt ${attempt}`);
    if (attempt === 1) throw new Error('once more');
  });
  const { task_id } = await tasks.start('twice', null, { owner: 'ann' });
  const status = async () => (await tasks.get(task_id)).status;
  await expect.poll(status, { timeout: 40_000 }).toBe('failed');
  await server.callAs('ann', 'POST', `/api/v1/tasks/${task_id}/retry`, {});
  await expect.poll(status, { timeout: 40_000 }).toBe('completed');
  const entries = (await logOf(task_id)).map(
    ({ seq, attempt, text }: { seq: number; attempt: number; text: string }) => [seq, attempt, text],
  );
  expect(entries).toEqual([
    [1, 1, 'attempt 1'],
    [2, 2, 'attempt 2'],
  ]);
});
