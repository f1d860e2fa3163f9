import { type FrameOf, TidingsError } from '@tidings/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepared } from '../../../../../testing/prepared.ts';
import { TaskNode } from '../../../testing/task-node.ts';
import { sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { until } from '../../../testing/world.ts';
import type { Store } from '../../domain/ports.ts';
import { createTidings, type Tidings } from '../../server.ts';
import type { TaskContext } from '../task-context.ts';

let folder: TempFolder;
let open: Tidings[] = [];
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(async () => {
  for (const tidings of open) await tidings.close();
  open = [];
  folder.remove();
});

async function start(taskConcurrency = 2): Promise<Tidings> {
  const tidings = await createTidings({ database: `sqlite:${prepared(folder.file())}`, limits: { taskConcurrency } });
  open.push(tidings);
  return tidings;
}

const statusOf = async (tidings: Tidings, id: string) => (await tidings.tasks.get(id)).status;
async function ended(tidings: Tidings, id: string) {
  for (;;) {
    const task = await tidings.tasks.get(id);
    if (['completed', 'failed', 'cancelled'].includes(task.status)) return task;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Work that goes on until the test ends it. */
function work() {
  const begun: TaskContext<unknown>[] = [];
  const ends: ((value: unknown) => void)[] = [];
  const handler = (context: TaskContext<never>) => {
    begun.push(context);
    return new Promise((resolve, reject) => {
      ends.push(resolve);
      context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
    });
  };
  return { begun, ends, handler };
}

test('runs what is started, no more at a time than it may, and keeps results and errors', async () => {
  const tidings = await start(2);
  let running = 0;
  let most = 0;
  tidings.tasks.define<number>('double', async ({ input, progress }) => {
    most = Math.max(most, ++running);
    await progress({ progress: 50, step: 'halfway' });
    running--;
    if (input === 3) throw new Error('three is too many');
    return input * 2;
  });
  const tasks = await Promise.all([1, 2, 3, 4].map((n) => tidings.tasks.start('double', n)));
  const results = await Promise.all(tasks.map(({ task_id }) => ended(tidings, task_id)));
  expect(results.map(({ status, result, error }) => [status, result, error])).toEqual([
    ['completed', 2, null],
    ['completed', 4, null],
    ['failed', null, 'three is too many'],
    ['completed', 8, null],
  ]);
  expect(most).toBe(2);
});

test('what failed may be tried again, unless its handler says that it would not help', async () => {
  const tidings = await start();
  tidings.tasks.define<{ retryable?: boolean }>('fail', ({ input }) => {
    throw Object.assign(new Error('no luck'), input);
  });
  const outcomeOf = async (input: { retryable?: boolean }) => {
    const { task_id } = await tidings.tasks.start('fail', input, { owner: 'ann' });
    const { id } = await tidings.notify({ to: { user: 'ann' }, task_id });
    await ended(tidings, task_id);
    const { frame } = await tidings.notifications.get(id);
    return (frame as FrameOf<'user_notification'>).task?.can_retry;
  };
  expect(await outcomeOf({})).toBe(true);
  expect(await outcomeOf({ retryable: true })).toBe(true);
  expect(await outcomeOf({ retryable: false })).toBe(false);
});

test('what is reported as queued again is run again, with what it was given first', async () => {
  const tidings = await start();
  tidings.tasks.define<{ n: number }>('count', ({ input, attempt }) => [input.n, attempt]);
  const { task_id } = await tidings.tasks.start('count', { n: 7 });
  await ended(tidings, task_id);
  await tidings.tasks.report(task_id, { status: 'queued', restart: true });
  expect(await ended(tidings, task_id)).toMatchObject({ status: 'completed', attempt: 2, result: [7, 2] });
});

test('a restart loses no task that waited, and runs again what it interrupted, each to one end', async () => {
  const first = await start(1);
  const before = work();
  first.tasks.define('job', before.handler);
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push((await first.tasks.start('job', { n })).task_id);
  await until(() => before.begun.length === 1);
  await first.close();

  const second = await start(1);
  const order: string[] = [];
  second.tasks.define<{ n: number }>('job', ({ taskId, input, attempt }) => {
    order.push(taskId);
    return [input.n, attempt];
  });
  const results = await Promise.all(ids.map((id) => ended(second, id)));
  expect(results.map(({ status, result }) => [status, result])).toEqual([
    ['completed', [0, 2]],
    ['completed', [1, 1]],
    ['completed', [2, 1]],
    ['completed', [3, 1]],
  ]);
  expect([...order].sort()).toEqual([...ids].sort());
});

test('a task that is interrupted again and again is given up', async () => {
  const id = 'unlucky';
  for (let attempt = 1; attempt <= 3; attempt++) {
    const tidings = await start();
    const { begun, handler } = work();
    tidings.tasks.define('job', handler);
    if (attempt === 1) await tidings.tasks.start('job', null, { taskId: id });
    await until(() => begun.length === 1);
    expect(begun[0]?.attempt).toBe(attempt);
    await tidings.close();
  }
  const last = await start();
  last.tasks.define('job', () => 'never');
  expect(await ended(last, id)).toMatchObject({ status: 'failed', error: expect.stringContaining('3 attempts') });
});

test.each([
  ['data', { order: { cancel_requested: true } }],
  ['data', { note: '"cancel_requested":true' }],
])('what a task reports of its own never cancels it: %s %j', async (_member, data) => {
  const tidings = await start();
  tidings.tasks.define('order', async ({ progress, signal }) => {
    for (const percent of [10, 20, 30]) await progress({ progress: percent, data });
    return { aborted: signal.aborted };
  });
  const { task_id } = await tidings.tasks.start('order', null);
  expect(await ended(tidings, task_id)).toMatchObject({ status: 'completed', result: { aborted: false } });
});

test('cancelling ends what runs by its signal, and what waits before it begins', async () => {
  const tidings = await start(1);
  const { begun, handler } = work();
  tidings.tasks.define('job', handler);
  const running = await tidings.tasks.start('job', 1);
  const waiting = await tidings.tasks.start('job', 2);
  await until(() => begun.length === 1);
  expect((await tidings.tasks.cancel(waiting.task_id)).status).toBe('cancelled');
  await tidings.tasks.cancel(running.task_id);
  expect(await ended(tidings, running.task_id)).toMatchObject({ status: 'cancelled', cancel_requested: true });
  expect(begun).toHaveLength(1);
  await expect(begun[0]?.progress({ progress: 99 })).rejects.toThrow('cancelled');
});

test('a task that ended while it was asked to stop stays as it ended', async () => {
  const tidings = await start();
  const deaf = Promise.withResolvers<string>();
  tidings.tasks.define('deaf', () => deaf.promise);
  const { task_id } = await tidings.tasks.start('deaf', null);
  while ((await statusOf(tidings, task_id)) !== 'processing') await new Promise((resolve) => setTimeout(resolve, 2));
  await tidings.tasks.cancel(task_id);
  deaf.resolve('done');
  expect(await ended(tidings, task_id)).toMatchObject({ status: 'completed', result: 'done' });
  expect((await tidings.tasks.cancel(task_id)).status).toBe('completed');
});

test('what has no handler, or an id that is taken, is refused with a sentence', async () => {
  const tidings = await start();
  await expect(tidings.tasks.start('none', 1)).rejects.toThrow(/no task is named "none"/);
  tidings.tasks.define('job', () => 1);
  expect(() => tidings.tasks.define('job', () => 2)).toThrow(/defined already/);
  await tidings.tasks.start('job', 1, { taskId: 'taken' });
  await expect(tidings.tasks.start('job', 1, { taskId: 'taken' })).rejects.toThrow(/exists already/);
});

test('a task that was given another name while it waited fails with the reason, and can be begun again', async () => {
  const tidings = await start(1);
  const first = Promise.withResolvers<string>();
  tidings.tasks.define('job', () => first.promise);
  tidings.tasks.define('other', () => 'of the other');
  await tidings.tasks.start('job', null);
  const { task_id } = await tidings.tasks.start('job', null);
  await tidings.tasks.report(task_id, { status: 'queued', name: 'unknown' });
  first.resolve('done');
  expect(await ended(tidings, task_id)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('"unknown"'),
  });
  await tidings.tasks.report(task_id, { status: 'queued', name: 'other' });
  expect(await ended(tidings, task_id)).toMatchObject({ status: 'completed', result: 'of the other' });
});

test('what cannot be stored for a while is stored when it can be, and nothing is run twice', async () => {
  const store = sqliteStore(prepared(folder.file()));
  await store.open();
  let refusals = 0;
  const commit: Store['commit'] = async (...args) => {
    if (refusals-- > 0) throw new TidingsError('unavailable', 'the database is away');
    return store.commit(...args);
  };
  const away = new Proxy(store, {
    get(target, name) {
      const member = name === 'commit' ? commit : Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const node = await TaskNode.begin(away, { now: Date.now() });
  let runs = 0;
  node.definitions.define('job', async ({ progress }) => {
    refusals = 2;
    await progress({ progress: 50 });
    refusals = 2;
    return ++runs;
  });
  const { task_id } = await node.runner.start('job', null);
  // Refused as it is taken up, too.
  refusals = 1;
  await until(() => runs > 0);
  const state = async () => (await node.tasks.get(task_id))?.state;
  while ((await state())?.status !== 'completed') await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await state()).toMatchObject({ status: 'completed', result: 1, attempt: 1 });
  expect(node.events.filter(({ type }) => type === 'failure')).toHaveLength(5);
  await node.stop();
  await store.close();
});

test('a task that waits for a person waits on through any number of stops, with one question', async () => {
  const reasons: unknown[] = [];
  const define = (tidings: Tidings) =>
    tidings.tasks.define('transfer', async ({ ask, signal }) => {
      const actions = [{ id: 'approve', label: 'Approve' }];
      try {
        return (await ask({ title: 'Book it?', actions })).action_id;
      } catch (error) {
        reasons.push(error === signal.reason && (error as TidingsError).code);
        throw error;
      }
    });
  let tidings = await start();
  define(tidings);
  await tidings.users.setRoles('ann', []);
  const { task_id } = await tidings.tasks.start('transfer', null, { owner: 'ann' });
  const questions = async () => (await tidings.users.inbox('ann')).items.map(({ id }) => id);
  for (let stops = 0; stops < 4; stops++) {
    await expect.poll(() => statusOf(tidings, task_id)).toBe('waiting');
    expect(await questions()).toHaveLength(1);
    await tidings.close();
    tidings = await start();
    define(tidings);
    await expect.poll(async () => (await tidings.tasks.get(task_id)).attempt).toBe(stops + 2);
  }
  expect(reasons).toEqual(Array(4).fill('unavailable'));
  await expect.poll(() => statusOf(tidings, task_id)).toBe('waiting');
  const [question = ''] = await questions();
  await tidings.notifications.retract(question);
  const error = 'nobody answered "Book it?": the question has expired, or was retracted';
  expect(await ended(tidings, task_id)).toMatchObject({ status: 'failed', attempt: 5, error });
});
