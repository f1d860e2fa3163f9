import type { FrameOf, TidingsError } from '@tidings/protocol';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { prepared } from '../../../../../testing/prepared.ts';
import { TempFolder } from '../../../testing/temp-store.ts';
import { until } from '../../../testing/world.ts';
import { createTidings, type Tidings } from '../../server.ts';
import type { TelemetryEvent } from '../../telemetry/events.ts';
import type { TaskContext } from '../task-context.ts';

const folder = new TempFolder();
let tidings: Tidings;
let told: TelemetryEvent[] = [];
beforeAll(async () => {
  tidings = await createTidings({
    database: `sqlite:${prepared(folder.file())}`,
    telemetry: { emit: (event) => void told.push(event) },
  });
});
beforeEach(() => {
  told = [];
});
afterAll(async () => {
  await tidings.close();
  folder.remove();
});

/** Collects the unhandled errors and rejections, which end a process of Node. */
function unhandled(): unknown[] {
  const reasons: unknown[] = [];
  const listener = (reason: unknown) => reasons.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  return reasons;
}
/** Rejections that nobody handles are told after a turn of the loop. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

async function ended(id: string) {
  for (;;) {
    const task = await tidings.tasks.get(id);
    if (['completed', 'failed', 'cancelled'].includes(task.status)) return task;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

let defined = 0;
/** Begins a task of a name of its own. */
async function begin(handler: (context: TaskContext<never>) => unknown): Promise<string> {
  const name = `job ${++defined}`;
  tidings.tasks.define(name, handler);
  return (await tidings.tasks.start(name, null, { owner: 'ann' })).task_id;
}
const run = async (handler: (context: TaskContext<never>) => unknown) => ended(await begin(handler));

test('progress that is not awaited, of a task that is cancelled, is told in the log and ends nothing', async () => {
  const rejected = unhandled();
  const begun = Promise.withResolvers<void>();
  const task_id = await begin(async (context) => {
    begun.resolve();
    while (!context.signal.aborted) {
      context.progress({ progress: 10 });
      await turn();
    }
    context.progress({ progress: 20 });
    context.progress({ progress: 30 });
    context.ask({ title: 'Go on?', actions: [{ id: 'yes', label: 'Yes' }] });
    return 'never mind';
  });
  await begun.promise;
  await tidings.tasks.cancel(task_id);
  expect(await ended(task_id)).toMatchObject({ status: 'completed', result: 'never mind' });
  await turn();
  expect(rejected).toEqual([]);
  expect(told.filter(({ type }) => type === 'task_call_refused')).toEqual([
    { type: 'task_call_refused', task: task_id, call: 'progress', reason: 'the task was cancelled' },
  ]);
});

const loop: { self?: unknown } = {};
loop.self = loop;
const deep = () => {
  let value: unknown = 1;
  for (let level = 0; level < 101; level++) value = [value];
  return value;
};

test.each<[string, unknown, string]>([
  ['a bigint', { rows: [1, 2n] }, 'result.rows[1] cannot be sent as JSON: it is a bigint; send it as a string'],
  ['a cycle', loop, 'result.self cannot be sent as JSON: it is a cycle'],
  ['a function', () => 1, 'result cannot be sent as JSON: it is a function'],
  ['a number that is none', { mean: Number.NaN }, 'result.mean cannot be sent as JSON: it is NaN'],
  [
    'a toJSON that throws',
    {
      toJSON() {
        throw Object.create(null);
      },
    },
    'result could not be read: something was thrown that cannot be read as text',
  ],
  [
    'a getter that throws',
    Object.defineProperty({}, 'rows', {
      enumerable: true,
      get() {
        throw new Error('not loaded');
      },
    }),
    'result could not be read: not loaded',
  ],
  ['more than 1 MiB', { text: 'x'.repeat(1_100_000) }, 'result has 1100011 bytes as JSON, more than 1 MiB'],
  ['too many levels', deep(), 'result may be nested 100 levels deep; this one is deeper'],
  ['NUL', { name: 'a\0b' }, 'result.name must be text without NUL'],
  ['half a surrogate pair', ['\ud800'], 'result.0 must be text without NUL and without halves of surrogate pairs'],
])('a result that is %s fails the task for good, with the reason', async (_, result, reason) => {
  const task = await run(() => result);
  expect(task).toMatchObject({ status: 'failed', result: null });
  expect(task.error).toContain(`the work is done, but its result is lost: ${reason}`);
  // Run again, it would do its work a second time: nobody is offered that.
  const { id } = await tidings.notify({ to: { user: 'ann' }, task_id: task.task_id });
  const { frame } = await tidings.notifications.get(id);
  expect((frame as FrameOf<'user_notification'>).task?.can_retry).toBe(false);
});

test.each<[string, () => unknown, string]>([
  ['undefined', () => undefined, 'undefined'],
  ['a text', () => 'no luck', 'no luck'],
  ['an object without a prototype', () => Object.create(null), 'something was thrown that cannot be read as text'],
  [
    'an error whose message throws',
    () =>
      Object.defineProperty(new Error(), 'message', {
        get() {
          throw new Error('again');
        },
      }),
    'something was thrown that cannot be read as text',
  ],
  [
    'an error whose message is no text',
    () => Object.assign(new Error(), { message: { a: 1 } }),
    'Error: [object Object]',
  ],
  ['an error that is huge', () => new Error('x'.repeat(2_000_000)), `${'x'.repeat(9_999)}…`],
  ['an error with NUL', () => new Error('a\0b'), 'a\ufffdb'],
  [
    'an error whose retryable throws',
    () =>
      Object.defineProperty(new Error('no luck'), 'retryable', {
        get() {
          throw new Error('again');
        },
      }),
    'no luck',
  ],
  [
    'what throws at every look',
    () =>
      new Proxy(new Error(), {
        get() {
          throw new Error('again');
        },
        getPrototypeOf() {
          throw new Error('again');
        },
      }),
    'something was thrown that cannot be read as text',
  ],
])('a handler that throws %s fails its task, with the reason', async (_, thrown, reason) => {
  const rejected = unhandled();
  const synchronous = await run(() => {
    throw thrown();
  });
  expect(synchronous).toMatchObject({ status: 'failed', error: reason });
  const later = await run(async () => {
    await turn();
    throw thrown();
  });
  expect(later).toMatchObject({ status: 'failed', error: reason });
  expect(rejected).toEqual([]);
});

test.each<[string, object, string]>([
  ['an end', { status: 'completed' }, 'a report of progress has no member "status"'],
  ['no number', { progress: '45' }, 'progress must be number; got "45"'],
  ['too much', { progress: 101 }, 'progress must be <= 100; got 101'],
  ['half a surrogate pair', { message: '\ud800' }, 'without halves of surrogate pairs'],
  ['a bigint', { data: { n: 1n } }, 'progress.data.n cannot be sent as JSON: it is a bigint'],
  ['too many levels', { data: { deep: deep() } }, 'progress may be nested 100 levels deep'],
])('progress of %s is refused to the handler that awaits it', async (_, report, reason) => {
  const task = await run(({ progress }) => progress(report));
  expect(task).toMatchObject({ status: 'failed', error: expect.stringContaining(reason) });
});

test.each<[string, unknown, object, string]>([
  ['input that is no JSON', { file: new Map() }, {}, 'input.file cannot be sent as JSON: it is a Map'],
  ['input that is too large', 'x'.repeat(1_100_000), {}, 'input has 1100002 bytes as JSON, more than 1 MiB'],
  ['input with NUL', { file: 'a\0' }, {}, 'input.file must be text without NUL'],
  ['an id that is too long', null, { taskId: 'x'.repeat(300) }, 'task_id'],
  ['an owner that is no id', null, { owner: 1.5 }, 'owner'],
  ['data that is no object', null, { data: [1] }, 'data must be object'],
  [
    'an option it does not have',
    null,
    { taskID: 'a' },
    'tasks.start() has no option "taskID"; it has owner, followers',
  ],
])('a task that is begun with %s is refused', async (_, input, options, reason) => {
  const name = `job ${++defined}`;
  tidings.tasks.define(name, () => null);
  await expect(tidings.tasks.start(name, input, options)).rejects.toThrow(reason);
});

test('what begins a task may be left unawaited, and what it is defined by is checked', async () => {
  const rejected = unhandled();
  tidings.tasks.define('known', () => null);
  tidings.tasks.start('unknown', null);
  tidings.tasks.start('known', 1n as never);
  await until(() => told.filter(({ type }) => type === 'failure').length === 2);
  expect(told).toContainEqual(expect.objectContaining({ type: 'failure', where: 'tasks.start' }));
  expect(() => tidings.tasks.define('job', undefined as never)).toThrow(
    'tasks.define() needs a name, and a function or options; got string and undefined',
  );
  await turn();
  expect(rejected).toEqual([]);
});

test('a telemetry sink that throws, or fails later, stops neither tasks nor sockets nor the shutdown', async () => {
  const rejected = unhandled();
  for (const [n, emit] of [
    () => {
      throw new Error('the log is full');
    },
    async () => {
      throw new Error('the log is full');
    },
  ].entries()) {
    const loud = await createTidings({ database: `sqlite:${folder.file()}-${n}`, telemetry: { emit } });
    onTestFinished(() => loud.close());
    loud.tasks.define('job', () => 7);
    const { task_id } = await loud.tasks.start('job', null);
    while ((await loud.tasks.get(task_id)).status !== 'completed') await turn();
    expect(await loud.wsSendMessage('ann', 'Hello')).toBe(true);
    await loud.close();
  }
  expect(rejected).toEqual([]);
});

test('what is sent in process passes the checks of a body over HTTP', async () => {
  const to = { user: 'ann' };
  const code = (error: TidingsError) => [error.code, error.index];
  await expect(tidings.notify({ to, data: { deep: deep() } })).rejects.toThrow('nested 100 levels deep');
  await expect(tidings.notify({ to, message: 'a\0' })).rejects.toThrow('NUL');
  await expect(tidings.tasks.report('t', { result: 'x'.repeat(1_100_000) })).rejects.toThrow('more than 1 MiB');
  const items = [{ to }, { to, data: { text: 'x'.repeat(1_100_000) } }, { to }];
  const each = await tidings.notifyMany(items);
  expect(each.map((outcome) => outcome.ok || code(outcome.error))).toEqual([true, ['payload_too_large', 1], true]);
  const together = await tidings.notifyMany(items, { atomic: true });
  expect(together.map((outcome) => outcome.ok || code(outcome.error))).toEqual(
    items.map(() => ['payload_too_large', 1]),
  );
});
