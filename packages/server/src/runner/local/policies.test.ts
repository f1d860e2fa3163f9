import { TidingsError } from '@tidings/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { storeForFile } from '../../../testing/file-store.ts';
import { ManualClock } from '../../../testing/manual-clock.ts';
import { TaskNode } from '../../../testing/task-node.ts';
import { cancelTask, retryTask } from '../../commands/tasks.ts';
import type { TaskState } from '../../tasks/task.ts';

const store = storeForFile();
let names = 0;

async function start(clock = new ManualClock(Date.now())) {
  const node = await TaskNode.begin(store, clock);
  onTestFinished(() => node.stop());
  const stateOf = async (id: string) => (await node.tasks.get(id))?.state as TaskState;
  /** Lets all go on that need not wait for a time, until a task is so. */
  async function becomes(id: string, wanted: Partial<TaskState>): Promise<TaskState> {
    for (;;) {
      const state = await stateOf(id);
      try {
        expect(state).toMatchObject(wanted);
        return state;
      } catch {
        await clock.advance(0);
      }
    }
  }
  return { node, clock, stateOf, becomes, name: `job ${++names}` };
}

describe('a task that fails', () => {
  test('is tried again by itself, after a pause that doubles, as often as was said', async () => {
    const { node, clock, stateOf, becomes, name } = await start();
    const attempts: number[] = [];
    node.definitions.define<string>(name, {
      handler: ({ attempt }) => {
        attempts.push(attempt);
        throw new Error('no luck');
      },
      retry: { attempts: 4, firstMs: 1_000, longestMs: 1_500 },
    });
    const { task_id } = await node.runner.start(name, null, {
      owner: 'ann',
      message: 'Begins',
      data: { title: 'A job' },
    });
    const begun = clock.now();
    const waiting = await becomes(task_id, { status: 'queued', attempt: 2 });
    expect(waiting).toMatchObject({
      ...{ message: 'Attempt 1 failed: no luck', error: null, ended_at: null, progress: 0, data: { title: 'A job' } },
      run_at: new Date(begun + 1_000).toISOString(),
    });
    await clock.advance(999);
    expect(await stateOf(task_id)).toEqual(waiting);
    await clock.advance(1);
    expect(await becomes(task_id, { attempt: 3, status: 'queued' })).toMatchObject({
      run_at: new Date(clock.now() + 1_500).toISOString(),
    });
    await clock.advance(1_500);
    await becomes(task_id, { attempt: 4, status: 'queued' });
    await clock.advance(1_500);
    const end = { status: 'failed', attempt: 4, error: 'no luck', message: '', run_at: null } as const;
    await becomes(task_id, end);
    await clock.advance(100_000);
    expect(await stateOf(task_id)).toMatchObject(end);
    expect(attempts).toEqual([1, 2, 3, 4]);
    // By hand it begins as if for the first time.
    await retryTask(node.context, null, task_id);
    await becomes(task_id, { attempt: 6, status: 'queued', message: 'Attempt 5 failed: no luck' });
  });

  test('and says that another attempt would not help is not tried again', async () => {
    const { node, becomes, name } = await start();
    node.definitions.define(name, {
      handler: () => {
        throw Object.assign(new Error('June is closed'), { retryable: false });
      },
      retry: 5,
    });
    const { task_id } = await node.runner.start(name, null);
    await becomes(task_id, { status: 'failed', attempt: 1, error: 'June is closed' });
  });

  test('is cancelled at once while it waits for its next attempt', async () => {
    const { node, clock, stateOf, becomes, name } = await start();
    node.definitions.define(name, { handler: () => Promise.reject(new Error('no luck')), retry: 2 });
    const { task_id } = await node.runner.start(name, null);
    await becomes(task_id, { status: 'queued', attempt: 2 });
    await cancelTask(node.context, null, task_id);
    const cancelled = await stateOf(task_id);
    expect(cancelled).toMatchObject({ status: 'cancelled', attempt: 2, run_at: null });
    await clock.advance(10_000);
    expect(await stateOf(task_id)).toEqual(cancelled);
  });

  test('goes on with its attempts after a restart, and not before their time', async () => {
    const clock = new ManualClock(Date.now());
    const first = await start(clock);
    first.node.definitions.define(first.name, { handler: () => Promise.reject(new Error('no luck')), retry: 3 });
    const { task_id } = await first.node.runner.start(first.name, null);
    await first.becomes(task_id, { status: 'queued', attempt: 2 });
    await first.node.stop();
    const second = await start(clock);
    second.node.definitions.define(first.name, { handler: ({ attempt }) => attempt, retry: 3 });
    await second.node.runner.poll();
    await clock.advance(999);
    expect(await second.stateOf(task_id)).toMatchObject({ status: 'queued', attempt: 2 });
    await clock.advance(1);
    await second.becomes(task_id, { status: 'completed', attempt: 2, result: 2 });
  });
});

describe('an attempt that takes too long', () => {
  test('is aborted, and fails, whatever its handler throws then', async () => {
    const { node, clock, becomes, name } = await start();
    const reasons: unknown[] = [];
    node.definitions.define(name, {
      handler: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(new Error('stopped in the middle'));
          });
        }),
      ...{ timeoutMs: 30_000, retry: 2 },
    });
    const { task_id } = await node.runner.start(name, null);
    await becomes(task_id, { status: 'processing' });
    await clock.advance(29_999);
    await becomes(task_id, { status: 'processing' });
    await clock.advance(1);
    const error = 'it took longer than the 30 s that one attempt may take';
    await becomes(task_id, { status: 'queued', attempt: 2, message: `Attempt 1 failed: ${error}` });
    await clock.advance(1_000);
    await becomes(task_id, { status: 'processing', attempt: 2 });
    await clock.advance(30_000);
    await becomes(task_id, { status: 'failed', attempt: 2, error });
    expect(reasons).toMatchObject([{ code: 'conflict', message: error }, { code: 'conflict' }]);
  });

  test('fails too where its handler does not listen, and holds up no other task', async () => {
    const { node, clock, becomes, name } = await start();
    const never = Promise.withResolvers<never>();
    node.definitions.define(name, { handler: () => never.promise, timeoutMs: 1_000 });
    const other = `${name} after it`;
    node.definitions.define(other, () => 'done');
    const held = [await node.runner.start(name, null), await node.runner.start(name, null)];
    const next = await node.runner.start(other, null);
    for (const { task_id } of held) await becomes(task_id, { status: 'processing' });
    await clock.advance(4_000);
    for (const { task_id } of held) await becomes(task_id, { status: 'failed' });
    await becomes(next.task_id, { status: 'completed' });
    // Its later failure changes nothing, and is no unhandled rejection.
    never.reject(new Error('at last'));
    await clock.advance(0);
    await becomes(held[0]?.task_id as string, { status: 'failed', attempt: 1 });
  });

  test('is not one that waits for a person', async () => {
    const { node, clock, stateOf, becomes, name } = await start();
    node.definitions.define(name, {
      handler: async ({ ask }) => (await ask({ title: 'Go on?', actions: [{ id: 'yes', label: 'Yes' }] })).action_id,
      timeoutMs: 1_000,
    });
    const { task_id } = await node.runner.start(name, null, { owner: 'ann' });
    await becomes(task_id, { status: 'waiting' });
    await clock.advance(86_400_000);
    expect(await stateOf(task_id)).toMatchObject({ status: 'waiting', attempt: 1 });
  });
});

describe('tasks of one kind', () => {
  /** Servers that share the store and define the same job, which goes on until it is told. */
  async function atWork(options: { concurrency?: number; concurrencyKey?: (input: string) => string }) {
    const clock = new ManualClock(Date.now());
    const servers = [await start(clock), await start(clock)] as const;
    const [{ name }] = servers;
    const ends = new Map<string, () => void>();
    let most = 0;
    const begun: string[] = [];
    for (const { node } of servers) {
      node.definitions.define<string>(name, {
        ...options,
        handler: async ({ input, signal }) => {
          begun.push(input);
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          signal.addEventListener('abort', () => reject(signal.reason));
          ends.set(input, resolve);
          await promise.finally(() => ends.delete(input));
        },
      });
    }
    const startAll = (inputs: readonly string[]) =>
      Promise.all(inputs.map((input, n) => servers[n % 2 ? 1 : 0].node.runner.start(name, input)));
    /** Lets all go on for a while, in which other servers find what is queued. */
    const settle = async () => {
      for (let n = 0; n < 20; n++) {
        await clock.advance(100);
        await store.head();
        most = Math.max(most, ends.size);
      }
    };
    return { servers, begun, ends, startAll, settle, most: () => most };
  }

  test('run no more at a time than was said, on all servers together, and all of them in the end', async () => {
    const { begun, ends, startAll, settle, most } = await atWork({ concurrency: 1 });
    const inputs = ['a', 'b', 'c', 'd', 'e', 'f'];
    await startAll(inputs);
    while (begun.length < inputs.length || ends.size > 0) {
      await settle();
      for (const end of ends.values()) end();
    }
    expect(most()).toBe(1);
    expect([...begun].sort()).toEqual(inputs);
  });

  test('run one at a time of each key, and those of other keys beside them', async () => {
    const { begun, ends, startAll, settle } = await atWork({ concurrencyKey: (input) => input.charAt(0) });
    await startAll(['a1', 'a2', 'a3', 'b1', 'c1']);
    while (begun.length < 3) await settle();
    await settle();
    expect(begun.map((input) => input.charAt(0)).sort()).toEqual(['a', 'b', 'c']);
    for (const input of ['b1', 'c1']) ends.get(input)?.();
    await settle();
    expect(begun).toHaveLength(3);
    while (begun.length < 5) {
      for (const end of ends.values()) end();
      await settle();
    }
    expect([...begun].sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
    for (const end of ends.values()) end();
  });

  test('go on with the limit when a server stops in the middle of one', async () => {
    const { servers, begun, ends, startAll, settle } = await atWork({ concurrency: 1 });
    const [first, second] = servers;
    await startAll(['a']);
    while (begun.length < 1) await settle();
    await first.node.runner.start(first.name, 'b');
    await first.node.stop();
    await second.node.runner.poll();
    while (begun.length < 2) await settle();
    await settle();
    expect(begun).toHaveLength(2);
    ends.get(begun[1] as string)?.();
    while (begun.length < 3) await settle();
    expect([...begun].sort()).toEqual(['a', 'a', 'b']);
    for (const end of ends.values()) end();
  });
});

test('a claim that was stored without an answer is found again, with its permit', async () => {
  const clock = new ManualClock(Date.now());
  /** The calls whose answers are lost, once each. */
  const lost = new Set<string>(['takePermit', 'commit']);
  const unreliable = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const answer = await (member as (...given: unknown[]) => unknown).apply(target, args);
        if (isOn && lost.delete(String(name))) throw new TidingsError('unavailable', 'the answer was lost');
        return answer;
      };
    },
  });
  let isOn = false;
  const node = await TaskNode.begin(unreliable, clock);
  onTestFinished(() => node.stop());
  const name = `job ${++names}`;
  let runs = 0;
  node.definitions.define(name, { handler: () => ++runs, concurrency: 1 });
  const ended = async (id: string) => {
    while ((await node.tasks.get(id))?.state.status !== 'completed') await clock.advance(100);
  };
  const runAt = new Date(clock.now() + 1_000);
  const first = await node.runner.start(name, null, { runAt });
  isOn = true;
  await ended(first.task_id);
  expect([runs, lost.size]).toEqual([1, 0]);
  await ended((await node.runner.start(name, null)).task_id);
  expect((await node.tasks.get(first.task_id))?.state.attempt).toBe(1);
});

describe('a start', () => {
  test('waits for its time', async () => {
    const { node, clock, stateOf, becomes, name } = await start();
    node.definitions.define(name, () => 'done');
    const runAt = new Date(clock.now() + 40 * 86_400_000);
    const { task_id, run_at } = await node.runner.start(name, null, { runAt });
    expect(run_at).toBe(runAt.toISOString());
    const past = await node.runner.start(name, null, { runAt: '2026-01-31T09:30:00Z' });
    await becomes(past.task_id, { status: 'completed' });
    await clock.advance(40 * 86_400_000 - 1);
    expect(await stateOf(task_id)).toMatchObject({ status: 'queued', started_at: null });
    await clock.advance(1);
    await becomes(task_id, { status: 'completed', run_at: null });
  });

  test('with a key that is none is refused', async () => {
    const { node, name } = await start();
    node.definitions.define<number>(name, { handler: () => 'done', concurrencyKey: (input) => 'x'.repeat(input) });
    const message = `"concurrencyKey" of the task "${name}" must return a text of 1 to 256 characters; got 0 characters`;
    await expect(node.runner.start(name, 0)).rejects.toMatchObject({ code: 'bad_request', message });
    await expect(node.runner.start(name, 257)).rejects.toThrow('got 257 characters');
    await node.runner.start(name, 256);
  });

  test('that is repeated with its key begins one task', async () => {
    const { node, becomes, name } = await start();
    let runs = 0;
    node.definitions.define(name, () => ++runs);
    const starts = await Promise.all([1, 2, 3].map(() => node.runner.start(name, null, { idempotencyKey: 'june' })));
    const [first] = starts;
    expect(new Set(starts.map(({ task_id }) => task_id)).size).toBe(1);
    await becomes(first?.task_id as string, { status: 'completed', result: 1 });
    expect(await node.runner.start(name, null, { idempotencyKey: 'june' })).toMatchObject({
      ...{ task_id: first?.task_id, status: 'completed' },
    });
    const own = { taskId: `${name} own`, idempotencyKey: 'july' };
    expect(await node.runner.start(name, null, own)).toMatchObject({ task_id: own.taskId });
    expect(await node.runner.start(name, null, own)).toMatchObject({ task_id: own.taskId });
    const other = `${name} other`;
    node.definitions.define(other, () => 'other');
    expect((await node.runner.start(other, null, { idempotencyKey: 'june' })).task_id).not.toBe(first?.task_id);
  });

  test('whose input does not fit is refused with what is wrong with it; one that fits may be converted', async () => {
    const { node, becomes, name } = await start();
    const input = z.object({ file: z.string(), rows: z.array(z.number()), day: z.coerce.date() });
    node.definitions.define(name, {
      input,
      handler: ({ input: { day, rows } }) => [day.getUTCFullYear(), rows.length],
    });
    await expect(node.runner.start(name, { file: 7, rows: [1, 'two'], day: '2026-06-30' })).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/^the input of the task "job \d+" does not fit: file: .*; rows\.1: /),
    });
    const { task_id } = await node.runner.start(name, { file: 'june.csv', rows: [1, 2], day: '2026-06-30' });
    await becomes(task_id, { status: 'completed', result: [2026, 2] });
  });

  test('whose input does not fit any more when it runs fails for good', async () => {
    const { node, becomes, name } = await start();
    let isNew = false;
    const input = z.unknown().refine(() => !isNew, 'a file is needed by now');
    node.definitions.define(name, { input, handler: () => 'done', retry: 5 });
    const { task_id } = await node.runner.start(name, null, { runAt: new Date(Date.now() + 86_400_000) });
    isNew = true;
    await node.tasks.change(task_id, (task) => ({ ...(task as TaskState), run_at: null }));
    node.runner.enqueue({ task_id, name, run_at: null });
    const error = `the input of the task "${name}" does not fit: a file is needed by now`;
    await becomes(task_id, { status: 'failed', attempt: 1, error });
  });
});

describe('what cannot be meant is refused', () => {
  let node: TaskNode;
  beforeAll(async () => {
    node = await TaskNode.begin(store, new ManualClock());
  });
  afterAll(() => node.stop());
  const handler = () => 'done';

  test.each([
    [{}, '"handler": a function; got undefined'],
    [{ handler: 'run' }, '"handler": a function; got string'],
    [
      { handler, retries: 3 },
      'no option "retries"; it has handler, input, retry, concurrency, concurrencyKey, timeoutMs',
    ],
    [{ handler, retry: 0 }, '"retry.attempts" of tasks.define() must be a whole number, 1 or more; got 0'],
    [{ handler, retry: Number.NaN }, '"retry.attempts" of tasks.define() must be a whole number, 1 or more; got NaN'],
    [{ handler, retry: { firstMs: 5 } }, '"retry.attempts" of tasks.define() must be a whole number'],
    [
      { handler, retry: { attempts: 2, firstMs: -1 } },
      '"retry.firstMs" of tasks.define() must be a whole number, 0 or',
    ],
    [{ handler, retry: null }, '"retry" of tasks.define() must be a number of attempts, or {attempts, firstMs'],
    [{ handler, retry: { attempts: 2, factor: 3 } }, '"retry" of tasks.define() has no "factor"'],
    [{ handler, concurrency: 0 }, '"concurrency" of tasks.define() must be a whole number, 1 or more; got 0'],
    [
      { handler, concurrencyKey: 'file' },
      '"concurrencyKey" of tasks.define() must be a function of the input; got string',
    ],
    [{ handler, timeoutMs: '5s' }, '"timeoutMs" of tasks.define() must be a whole number, 1 or more; got 5s'],
    [{ handler, input: { type: 'object' } }, 'a schema that follows Standard Schema 1'],
    [null, 'a name, and a function or options; got string and null'],
  ])('%j', (options, message) => {
    expect(() => node.definitions.define('refused', options as never)).toThrow(message);
  });

  test.each([
    [{ runAt: 'tomorrow' }, '"runAt" must be a Date or a time in ISO 8601; got tomorrow'],
    [{ runAt: new Date(Number.NaN) }, '"runAt" must be a Date or a time in ISO 8601'],
    [{ idempotencyKey: '' }, 'idempotency_key'],
    [{ delay: 5 }, 'no option "delay"; it has owner'],
  ])('a start with %j', async (options, message) => {
    if (!node.definitions.of('known')) node.definitions.define('known', handler);
    await expect(node.runner.start('known', null, options as never)).rejects.toThrow(message);
  });
});
