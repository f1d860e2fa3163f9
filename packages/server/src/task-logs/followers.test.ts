import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import type { StoreFixture } from '../../testing/store-fixture.ts';
import { until, World } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import type { LogEntry } from '../domain/store/task-logs.ts';

interface Entry {
  seq: number;
  first_seq?: number;
  kind: string;
  text: string;
  truncated?: true;
}

const entriesOf = (connection: MemoryConnection, from = 0): Entry[] =>
  connection
    .of('task_log')
    .flatMap(({ entries }) => entries as Entry[])
    .slice(from);
const textOf = (connection: MemoryConnection): string =>
  entriesOf(connection)
    .map(({ text }) => text)
    .join('');

describe.each(databases)('followers of the log of a task, on $name', ({ fixture }) => {
  let made: StoreFixture;
  let store: Store;
  let there: Store;
  let world: World;
  /** Another node, where there can be one. */
  let other: World;
  let tasks = 0;
  beforeAll(async () => {
    made = await fixture();
    store = made.make();
    const ephemeral = new MemoryEphemeral();
    world = await new World(store, { ephemeral }).open();
    there = made.isShared ? made.make() : store;
    other = made.isShared ? await new World(there, { ephemeral }).open() : world;
  });
  afterAll(async () => {
    await world.close();
    if (other !== world) await other.close();
    await made.remove();
  });

  /** A task that is under way, of some owner. */
  async function aTask(owner?: string): Promise<string> {
    const id = `t-${++tasks}`;
    await world.context.tasks.report(id, { status: 'processing', ...(owner === undefined ? {} : { owner }) });
    for (const node of [world, other]) await node.settle();
    return id;
  }
  const add = (id: string, texts: readonly string[], more: Partial<LogEntry> = {}) => {
    const entries = texts.map(
      (text) => ({ kind: 'chunk', level: 'info', at: 1_700_000_000_000, text, ...more }) as const,
    );
    return world.context.taskLogs.add(id, { entries, attempt: null, once: null });
  };
  async function follow(node: World, user: string, task_id: string, log_after: number): Promise<MemoryConnection> {
    const connection = await node.join(`/ws/tasks/?user=${user}`);
    connection.say({ action: 'subscribe', task_id, log_after, ref: 1 });
    await until(() => connection.of('reply').length > 0);
    return connection;
  }

  test('what there is comes behind the task, then what is added, on each node', async () => {
    const id = await aTask();
    await add(id, ['a', 'b']);
    const here = await follow(world, 'ann', id, 0);
    const far = await follow(other, 'bob', id, 1);
    await until(() => textOf(here) === 'ab' && textOf(far) === 'b');
    const types = here.received
      .map(({ type }) => type)
      .filter((type) => !['ping', 'synced', 'connection_established'].includes(type));
    expect(types).toEqual(['subscribed', 'task_update', 'reply', 'task_log']);
    await add(id, ['c'], { kind: 'line', level: 'error' });
    await until(() => textOf(here) === 'abc' && textOf(far) === 'bc');
    const at = new Date(1_700_000_000_000).toISOString();
    expect(entriesOf(here)).toEqual([
      { seq: 2, first_seq: 1, kind: 'chunk', level: 'info', attempt: 1, at, text: 'ab' },
      { seq: 3, kind: 'line', level: 'error', attempt: 1, at, text: 'c' },
    ]);
    // Without a log, or after the end of a subscription, nothing of it comes.
    here.say({ action: 'unsubscribe', task_id: id });
    await until(() => here.of('unsubscribed').length > 0);
    const without = await world.join('/ws/tasks/?user=eve');
    without.say({ action: 'subscribe', task_id: id, ref: 1 });
    await until(() => without.of('reply').length > 0);
    await add(id, ['d']);
    await until(() => textOf(far) === 'bcd');
    expect([textOf(here), textOf(without)]).toEqual(['abc', '']);
  });

  test('a log of many pages comes whole, and from any place', async () => {
    const id = await aTask();
    const chunks = Array.from({ length: 1_300 }, (_, n) => `${n},`);
    for (let n = 0; n < chunks.length; n += 2) await add(id, chunks.slice(n, n + 2));
    for (const after of [0, 1, 777, 1_299, 1_300, 5_000]) {
      const connection = await follow(other, 'ann', id, after);
      await until(() => textOf(connection) === chunks.slice(after).join(''));
      connection.cut();
    }
  }, 120_000);

  test('a slow reader is sent what it missed in fewer and larger entries, and no more than it takes', async () => {
    const id = await aTask();
    const slow = await follow(world, 'ann', id, 0);
    const quick = await follow(world, 'bob', id, 0);
    slow.stall(1_000);
    const chunks = Array.from({ length: 300 }, (_, n) => `${n} `.padEnd(100, '.'));
    for (const chunk of chunks) {
      await add(id, [chunk]);
      await until(() => textOf(quick).endsWith(chunk));
    }
    expect(entriesOf(quick).length).toBeGreaterThan(200);
    expect(slow.waiting).toBeLessThan(5_000);
    slow.flow();
    await until(() => textOf(slow) === chunks.join(''));
    const entries = entriesOf(slow);
    expect(entries.length).toBeLessThan(30);
    expect(entries.map(({ seq, first_seq = seq }) => [first_seq, seq])).toEqual(
      entries.map(({ seq }, i) => [(entries[i - 1]?.seq ?? 0) + 1, seq]),
    );
    expect(slow.closed).toBeNull();
  }, 120_000);

  test('who may not read the task gets nothing of its log, until they may; who may not any more, nothing more', async () => {
    const id = await aTask('ann');
    const [ann, eve] = [await follow(world, 'ann', id, 0), await follow(other, 'eve', id, 0)];
    await add(id, ['a']);
    await until(() => textOf(ann) === 'a');
    await other.logFeeds.sweep();
    expect(textOf(eve)).toBe('');
    await world.context.tasks.report(id, { followers: ['eve'] });
    for (const node of [world, other]) await node.settle();
    await until(() => textOf(eve) === 'a');
    await world.context.tasks.report(id, { followers: [] });
    await add(id, ['b']);
    await until(() => textOf(ann) === 'ab');
    for (const node of [world, other]) await node.settle();
    await other.logFeeds.sweep();
    expect(textOf(eve)).toBe('a');
    // An unknown task is followed as one that is somebody else's.
    const early = await follow(world, 'bob', 'to-come', 0);
    await world.context.tasks.report('to-come', { status: 'processing' });
    await add('to-come', ['first']);
    await until(() => textOf(early) === 'first');
  });

  test('of two followers who are at different places, the one who may not read gets it when they may', async () => {
    const id = await aTask('ann');
    await add(id, ['a', 'b']);
    const eve = await follow(other, 'eve', id, 0);
    // Served behind eve, since it is further on.
    const ann = await follow(other, 'ann', id, 1);
    await until(() => textOf(ann) === 'b');
    await world.context.tasks.report(id, { followers: ['eve'] });
    for (const node of [world, other]) await node.settle();
    await until(() => textOf(eve) === 'ab');
  });

  test('who may read the task from the moment on in which its log is read for them gets it', async () => {
    const id = await aTask('ann');
    await add(id, ['a']);
    const { taskLog } = there;
    const [isRead, isTold] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    there.taskLog = async (...of) => {
      const read = await taskLog(...of);
      isRead.resolve();
      await isTold.promise;
      return read;
    };
    const eve = await other.join('/ws/tasks/?user=eve');
    eve.say({ action: 'subscribe', task_id: id, log_after: 0 });
    await isRead.promise;
    there.taskLog = taskLog;
    await world.context.tasks.report(id, { followers: ['eve'] });
    for (const node of [world, other]) await node.settle();
    isTold.resolve();
    await until(() => textOf(eve) === 'a');
  });

  describe('while a subscription is read', () => {
    /** Holds up the next reading of a topic; the function that is returned ends it. */
    function hold(): (error?: Error) => void {
      const { topicSnapshot } = there;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      there.topicSnapshot = async (...of) => {
        there.topicSnapshot = topicSnapshot;
        await promise;
        return topicSnapshot(...of);
      };
      return (error) => (error ? reject(error) : resolve());
    }

    test('the end of another, and its return with a log, are made in turn', async () => {
      const [id, slow] = [await aTask(), await aTask()];
      await add(id, ['a']);
      const connection = await follow(other, 'ann', id, 0);
      await until(() => textOf(connection) === 'a');
      const release = hold();
      connection.say({ action: 'subscribe', task_id: slow });
      connection.say({ action: 'unsubscribe', task_id: id });
      connection.say({ action: 'subscribe', task_id: id, log_after: 0, ref: 2 });
      release();
      await until(() => textOf(connection) === 'aa');
      await add(id, ['b']);
      await until(() => textOf(connection) === 'aab');
    });

    test('that fails, no log is followed by it', async () => {
      const id = await aTask();
      const connection = await other.join('/ws/tasks/?user=ann');
      const release = hold();
      connection.say({ action: 'subscribe', task_id: id, log_after: 0, ref: 1 });
      release(new Error('away'));
      await until(() => connection.of('error').length > 0);
      connection.say({ action: 'subscribe', task_id: id, ref: 2 });
      await until(() => connection.of('reply').length > 0);
      const last = await follow(other, 'bob', id, 0);
      await add(id, ['a']);
      await until(() => textOf(last) === 'a');
      expect(textOf(connection)).toBe('');
    });
  });

  test('a client with a small largest frame is sent the beginning of a large entry, and that there is more', async () => {
    const id = await aTask();
    await add(id, ['x'], { kind: 'line' });
    await add(id, ['"🦉'.repeat(10_000)], { kind: 'line' });
    await add(
      id,
      Array.from({ length: 50 }, (_, n) => `${n}"`.repeat(300)),
    );
    const connection = await world.connect(`/ws/tasks/?user=ann&max_frame=8192&subscribe=task:${id}&logs=${id}@0`);
    await until(() => entriesOf(connection).at(-1)?.seq === 52);
    for (const frame of connection.of('task_log')) {
      expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThanOrEqual(8_192);
    }
    const [first, large, ...rest] = entriesOf(connection);
    expect([first?.text, first?.truncated, large?.truncated]).toEqual(['x', undefined, true]);
    expect('"🦉'.repeat(10_000).startsWith(large?.text ?? '-')).toBe(true);
    expect(large?.text.isWellFormed()).toBe(true);
    expect(rest.map(({ text }) => text).join('')).toBe(
      Array.from({ length: 50 }, (_, n) => `${n}"`.repeat(300)).join(''),
    );
  });

  test('a message that is lost, and a read that fails, cost a second and no entry', async () => {
    const id = await aTask();
    const connection = await follow(other, 'ann', id, 0);
    // As by another process, which tells nobody.
    const entry = { kind: 'chunk', level: 'info', at: 0, text: 'a' } as const;
    await store.addTaskLog({ task: id, attempt: 1, entries: [entry], bytes: 1, once: null });
    await other.logFeeds.sweep();
    await until(() => textOf(connection) === 'a');
    const { taskLog } = there;
    let failures = 0;
    there.taskLog = () => Promise.reject(new Error(`away ${++failures}`));
    await add(id, ['b']);
    await until(() => failures > 0);
    there.taskLog = taskLog;
    await until(() => other.events.some(({ type }) => type === 'failure'));
    await other.logFeeds.sweep();
    await until(() => textOf(connection) === 'ab');
  });

  test.each([
    [{ task_id: 't', log_after: -1 }, 'log_after'],
    [{ task_id: 't', log_after: Number.NaN }, 'log_after'],
    [{ task_id: 't', log_after: 1.5 }, 'log_after'],
    [{ task_id: 't', log_after: true }, 'log_after'],
    [{ room: 'project:1', log_after: 0 }, 'is for a task'],
  ])('refuses to follow by %j', async (named, part) => {
    const connection = await world.join('/ws/?user=ann');
    connection.say({ action: 'subscribe', ...named, ref: 1 });
    await until(() => connection.of('error').length > 0);
    expect(connection.of('error')[0]).toMatchObject({ code: 'bad_request', message: expect.stringContaining(part) });
  });
});
