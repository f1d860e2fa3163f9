import { CloseCode } from '@tidings/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { databases, withStore } from '../../testing/databases.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { ReferenceClient } from '../../testing/reference-client.ts';
import { put, storeWith } from '../../testing/temp-store.ts';
import { cursorAt, tick, until, World, type WorldOptions } from '../../testing/world.ts';
import type { Store } from '../domain/ports.ts';
import { inProcessPort } from '../transport/in-process/in-process-port.ts';

let store: Store;
let worlds: World[] = [];
let users = 0;
const someone = (): string => `u${++users}`;

afterEach(() => {
  for (const world of worlds) {
    world.end();
  }
  worlds = [];
});

async function aWorld(options: WorldOptions = {}, on = store): Promise<World> {
  const world = new World(on, options);
  world.hub.start(await store.head());
  worlds.push(world);
  return world;
}

const personal = (user: string, count = 1) => Array.from({ length: count }, () => put({ topics: [`user:${user}`] }));
const ids = (frames: readonly { id?: string }[]): (string | undefined)[] => frames.map(({ id }) => id);
const types = (connection: MemoryConnection): string[] => connection.received.map(({ type }) => type);

describe.each(databases)('on $name', ({ fixture }) => {
  withStore(fixture, (opened) => {
    store = opened;
  });

  describe('connecting', () => {
    test('begins with connection_established and ends with synced, whatever was asked for meanwhile', async () => {
      const world = await aWorld();
      const connection = await world.connect(`/ws/?user=${someone()}`);
      connection.say({ action: 'subscribe', task_id: 'early', ref: 1 });
      connection.say({ action: 'ping', ref: 2 });
      connection.events?.receive('no JSON');
      await until(() => connection.of('reply').length === 2);
      expect(types(connection).slice(0, 2)).toEqual(['connection_established', 'synced']);
      expect(types(connection).slice(2).sort()).toEqual(['error', 'reply', 'reply', 'subscribed']);
    });

    test('keeps what is asked for meanwhile up to a size', async () => {
      const world = await aWorld();
      const connection = await world.connect(`/ws/?user=${someone()}`);
      for (let n = 0; n < 5; n++) connection.say({ action: 'ping', ref: 'x'.repeat(60_000) });
      expect(connection.closed).toMatchObject({ code: CloseCode.tooManyActions });
    });

    test('hears its inbox and the task it subscribed to before it had caught up', async () => {
      const world = await aWorld();
      const user = someone();
      const connection = await world.connect(`/ws/?user=${user}`);
      connection.say({ action: 'subscribe', task_id: `t-${user}` });
      await until(() => connection.of('subscribed').length === 1);
      await world.context.tasks.report(`t-${user}`, { progress: 45 });
      await store.commit(personal(user));
      await world.settle();
      expect(connection.records.map(({ type }) => type)).toEqual(['task_update', 'user_message']);
      connection.cut();
      await store.commit(personal(user));
      expect(connection.records).toHaveLength(2);
    });

    test('sends a person without a cursor the newest unread, and what was never written to a session of theirs', async () => {
      let noted: Promise<void> | undefined;
      const delivered: Store['markDelivered'] = (marks) => {
        noted = store.markDelivered(marks);
        return noted;
      };
      const world = await aWorld({ limits: { recent: 3 } }, storeWith(store, { markDelivered: delivered }));
      const user = someone();
      await store.commit(personal(user, 8));
      const first = await world.join(`/ws/?user=${user}`);
      expect(first.records).toHaveLength(8);
      expect(first.records.every(({ replayed, snapshot }) => replayed && snapshot)).toBe(true);
      expect(first.of('synced')[0]).toMatchObject({ unread_count: 8 });
      first.cut();
      await noted;
      const second = await world.join(`/ws/?user=${user}`);
      expect(ids(second.records)).toEqual(ids(first.records).slice(-3));
    });

    test('tells telemetry that what was delivered could not be noted, and goes on', async () => {
      const full = () => Promise.reject(new Error('the disk is full'));
      const world = await aWorld({}, storeWith(store, { markDelivered: full }));
      const user = someone();
      await store.commit(personal(user));
      const connection = await world.join(`/ws/?user=${user}`);
      const failures = () => world.events.filter(({ type }) => type === 'failure');
      await world.sweep();
      await until(() => failures().length === 1);
      await store.commit(personal(user));
      await world.settle();
      connection.cut();
      await until(() => failures().length === 2);
      expect(connection.records).toHaveLength(2);
      expect(failures()[1]).toMatchObject({ where: 'sessions', error: { message: 'the disk is full' } });
    });

    test('sends none with ?replay=0, and counts nothing as delivered by it', async () => {
      const world = await aWorld({ limits: { recent: 0 } });
      const user = someone();
      await store.commit(personal(user, 3));
      const bare = await world.join(`/ws/?user=${user}&replay=0`);
      await store.commit(personal(user));
      await world.settle();
      expect(bare.records).toHaveLength(1);
      await world.sweep();
      bare.cut();
      expect((await world.join(`/ws/?user=${user}`)).records).toHaveLength(4);
    });

    test('sends a snapshot of many pages oldest first, each record once, and counts as delivered only what was written', async () => {
      const world = await aWorld({ limits: { pageSize: 4, recent: 5 } });
      const user = someone();
      await store.commit(personal(user, 18));
      await store.commit([put({ topics: [`role:of-${user}`] }), ...personal(user, 3)]);
      const path = `/ws/?user=${user}&roles=of-${user}`;
      const slow = await world.connect(path, (connection) => connection.stall(100));
      await until(() => slow.waiting > 0);
      await world.sweep();
      slow.cut();
      const connection = await world.join(path);
      expect(ids(connection.records)).toHaveLength(22);
      const revs = connection.records.map(({ rev }) => rev as number);
      expect(revs).toEqual([...new Set(revs)].sort((a, b) => a - b));
    });

    test('begins anew where the cursor is of no history known here', async () => {
      const world = await aWorld();
      const user = someone();
      await store.commit(personal(user, 2));
      for (const cursor of [cursorAt(user, 'unknown', 3), cursorAt(user, (await store.head()).term, 999_999)]) {
        const connection = await world.join(`/ws/?user=${user}&cursor=${cursor}`);
        expect(connection.received[0]).toMatchObject({ cursor: null, recovered: false });
        expect(connection.of('synced')[0]?.cursor).toMatch(/:\d+:[\w-]{8}$/);
        expect(connection.records.every(({ snapshot }) => snapshot)).toBe(true);
      }
    });

    test("begins anew where the cursor is another user's, names none, or cannot be read; an empty one is none", async () => {
      const world = await aWorld();
      const [user, other] = [someone(), someone()];
      const { term, head } = await store.head();
      await store.commit(personal(user, 2));
      const good = cursorAt(user, term, head);
      const bad = [cursorAt(other, term, head), `${term}:${head}`, `${good}x`, good.slice(0, -1), good.toUpperCase()];
      for (const cursor of [...bad, 'x', 't:-1', 't:1e3', '%00', 't:9999999999999999999', cursorAt(user, 't', -1)]) {
        const connection = await world.join(`/ws/?user=${user}&cursor=${cursor}`);
        expect(connection.received[0]).toMatchObject({ cursor: null, recovered: false });
        expect(connection.records.map(({ snapshot }) => snapshot)).toEqual([true, true]);
      }
      expect((await world.join(`/ws/?user=${user}&cursor=`)).received[0]).toMatchObject({ recovered: true });
      expect((await world.join(`/ws/?user=${user}&cursor=${good}`)).received[0]).toMatchObject({ recovered: true });
    });

    test('every live frame carries the cursor behind it, of each user their own: to resume from it brings what came after', async () => {
      const world = await aWorld();
      const users = [someone(), someone()];
      const role = `crew-${users[0]}`;
      const open = await Promise.all(users.map((user) => world.join(`/ws/?user=${user}&roles=${role}`)));
      await store.commit([1, 2, 3].map(() => put({ topics: [`role:${role}`] })));
      await world.context.tasks.report(`task-${role}`, { owner: users[0] });
      await world.context.tasks.report(`task-${role}`, { owner: users[1] });
      open[0]?.say({ action: 'mark_read', id: open[0]?.records[0]?.id, ref: 1 });
      await until(() => open[0]?.of('receipts').length === 1 && open[1]?.of('task_update').length === 1);
      const term = (await store.head()).term;
      for (const [n, user] of users.entries()) {
        const live = open[n]?.records ?? [];
        expect(live.map(({ cursor }) => cursor)).toEqual(live.map(({ rev }) => cursorAt(user, term, rev as number)));
        for (const [i, { cursor }] of live.entries()) {
          const again = await world.join(`/ws/?user=${user}&cursor=${cursor}`);
          expect(again.received[0]).toMatchObject({ cursor, recovered: true });
          // Each record once, as it is now.
          const missed = new Map(live.slice(i + 1).map(({ id, rev }) => [id, rev]));
          expect(again.records.map(({ id, rev }) => [id, rev])).toEqual(
            [...missed].sort((a, b) => Number(a[1]) - Number(b[1])),
          );
        }
      }
      expect(open[0]?.of('retracted')).toHaveLength(1);
    });

    test('is closed with 1013 where the database cannot be read, and with nothing uncaught', async () => {
      const world = await aWorld({
        reads: storeWith(store, { initialSnapshot: () => Promise.reject(new Error('away')) }),
      });
      const connection = await world.connect(`/ws/?user=${someone()}`);
      await until(() => connection.closed !== null);
      expect(connection.closed?.code).toBe(CloseCode.overloaded);
      expect(world.events.some((event) => event.type === 'failure' && event.where === 'resume')).toBe(true);
    });

    test('reads no more pages at a time than it may, and a reader that stalls keeps no place', async () => {
      let reading = 0;
      let most = 0;
      const changesSince: Store['changesSince'] = async (query) => {
        most = Math.max(most, ++reading);
        await tick();
        const page = await store.changesSince(query);
        reading--;
        return page;
      };
      const world = await aWorld({ limits: { catchUps: 2, pageSize: 2 }, reads: storeWith(store, { changesSince }) });
      const user = someone();
      await world.meet(`/ws/?user=${user}`);
      const { term, head } = await store.head();
      await store.commit(personal(user, 9));
      const path = `/ws/?user=${user}&cursor=${cursorAt(user, term, head)}`;
      const stalled = await Promise.all([1, 2, 3].map(() => world.connect(path, (connection) => connection.stall(10))));
      const others = await Promise.all(Array.from({ length: 10 }, () => world.join(path)));
      expect(others.map(({ records }) => records.length)).toEqual(Array(10).fill(9));
      expect(most).toBe(2);
      expect(stalled.every((connection) => connection.of('synced').length === 0)).toBe(true);
    });
  });

  describe('catching up', () => {
    test('a client 10,000 behind a busy stream gets there, with each change once and a ping after each full page', async () => {
      const user = someone();
      let published = 0;
      const changesSince: Store['changesSince'] = async (query) => {
        const page = store.changesSince(query);
        await store.commit(personal(user, 20));
        published += 20;
        return page;
      };
      const world = await aWorld({}, storeWith(store, { changesSince }));
      await world.meet(`/ws/?user=${user}`);
      const { term, head } = await store.head();
      for (let n = 0; n < 10; n++) await store.commit(personal(user, 1_000));
      published = 10_000;
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      client.cursor = cursorAt(user, term, head);
      await client.connect();
      await until(
        () => client.isSynced || !client.isUp,
        () => `${client.connection?.records.length} of ${published} came`,
      );
      expect(client.connection?.closed).toBeNull();
      await world.settle();
      client.apply();
      expect(client.held.size).toBe(published);
      expect(client.connection?.records).toHaveLength(published);
      expect(client.disorder).toEqual([]);
      expect(client.connection?.of('ping').length).toBeGreaterThanOrEqual(20);
    });

    test('names the cursor resumed from, marks what is sent again, and gives no cursor beside it', async () => {
      const world = await aWorld();
      const user = someone();
      await world.meet(`/ws/?user=${user}`);
      const { term, head } = await store.head();
      await store.commit(personal(user, 2));
      const connection = await world.join(`/ws/?user=${user}&cursor=${cursorAt(user, term, head)}`);
      expect(connection.received[0]).toMatchObject({ cursor: cursorAt(user, term, head), recovered: true });
      expect(connection.records.map(({ replayed, snapshot, cursor }) => [replayed, snapshot, cursor])).toEqual(
        Array(2).fill([true, undefined, undefined]),
      );
      expect(connection.of('synced')[0]).toMatchObject({ cursor: cursorAt(user, term, head + 2) });
    });

    test('ends sessions with 1012 when the history has taken another turn', async () => {
      let turned = false;
      const head: Store['head'] = async () => {
        const found = await store.head();
        return turned ? { ...found, term: 'another', termFrom: found.head } : found;
      };
      const path = `/ws/?user=${someone()}`;
      await (await aWorld()).meet(path);
      const world = new World(storeWith(store, { head, onBatch: () => {} }));
      world.hub.start(await store.head());
      worlds.push(world);
      const connection = await world.join(path);
      turned = true;
      await world.hub.compare();
      expect(connection.closed?.code).toBe(CloseCode.restarting);
      expect(JSON.parse(connection.closed?.reason ?? '')).toMatchObject({ retry_after_ms: 0 });
    });
  });

  describe('slow readers', () => {
    test('one that stops is closed with 4408 with bounded memory, others hear all, and it resumes completely', async () => {
      const world = await aWorld({ limits: { outboxBytes: 20_000 } });
      const user = someone();
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      const other = await world.join(`/ws/?user=${user}`);
      client.connection?.stall(1_000);
      let written = 0;
      while (client.isUp) {
        await store.commit(personal(user, 5));
        written += 5;
        await tick();
      }
      expect(client.connection?.closed?.code).toBe(CloseCode.tooSlow);
      expect(client.connection?.waiting).toBeLessThan(5_000);
      await world.settle();
      expect(other.records).toHaveLength(written);
      client.apply();
      await client.connect();
      await until(() => client.isSynced);
      client.apply();
      expect(client.held.size).toBe(written);
      expect(client.disorder).toEqual([]);
    });

    test('one that pauses gets the newest version of what changed meanwhile, and each receipt', async () => {
      const world = await aWorld();
      const user = someone();
      await store.commit([...personal(user, 2), put({ id: `seen-${user}`, topics: [`user:${user}`] })]);
      const slow = await world.join(`/ws/?user=${user}&replay=0`);
      const device = await world.join(`/ws/?user=${user}`);
      slow.stall(0);
      for (let n = 1; n <= 30; n++) await world.context.tasks.report(`p-${user}`, { owner: user, progress: n });
      for (const { id } of device.records.slice(0, 3)) {
        device.say({ action: 'mark_read', id, ref: id });
        await until(() => device.of('reply').some(({ ref }) => ref === id));
      }
      await world.settle();
      slow.flow();
      await world.settle();
      expect(slow.of('task_update').length).toBeLessThan(5);
      expect(slow.of('task_update').at(-1)).toMatchObject({ progress: 30 });
      const read = slow.of('receipts').flatMap(({ items }) => ids(items as { id: string }[]));
      expect(read.sort()).toEqual(ids(device.records.slice(0, 3)).sort());
    });

    test('a ping tells no more than was written: none while a catch-up is under way', async () => {
      const world = await aWorld({ limits: { pageSize: 2, pingIntervalMs: 0 } });
      const user = someone();
      const { term, head } = await store.head();
      await store.commit(personal(user, 10));
      const connection = await world.connect(`/ws/?user=${user}&cursor=${cursorAt(user, term, head)}`, (made) =>
        made.stall(10),
      );
      await until(() => connection.waiting > 0);
      await world.sweep();
      await tick();
      for (let n = 0; n < 40; n++) {
        connection.take(300);
        await tick();
        await world.sweep();
        const behind = connection.records.at(-1)?.rev ?? head;
        const cursor = Number((connection.of('ping').at(-1)?.cursor ?? `:${head}`).split(':')[1]);
        if (connection.of('synced').length > 0) break;
        expect(cursor).toBeLessThanOrEqual(behind);
      }
    });
  });

  describe('following', () => {
    test('a topic that is subscribed to while it changes: what there is, then what is new, nothing missing, nothing older after newer', async () => {
      const world = await aWorld();
      for (let round = 0; round < 15; round++) {
        const [user, task] = [someone(), `busy-${users}`];
        const connection = await world.join(`/ws/?user=${user}`);
        await world.context.tasks.report(task, { owner: user, progress: 1 });
        const changes = (async () => {
          for (let n = 2; n <= 12; n++) await world.context.tasks.change(task, (state) => ({ ...state!, progress: n }));
        })();
        for (let n = 0; n < round; n++) await tick();
        connection.say({ action: 'subscribe', task_id: task, ref: 'r' });
        await changes;
        await until(() => connection.of('reply').length === 1);
        await world.settle();
        const told = connection.records.map(({ progress }) => progress as number);
        expect(told).toEqual([...told].sort((a, b) => a - b));
        expect(told.at(-1)).toBe(12);
        const order = types(connection);
        const at = order.indexOf('subscribed');
        expect(connection.received[at + 1]).toMatchObject({ type: 'task_update', snapshot: true });
        expect(order[at + 2]).toBe('reply');
      }
    });

    test('an older version that the hub releases late does not follow the newer one of a snapshot', async () => {
      const world = await aWorld({ gapMs: 30 });
      const user = someone();
      const task = `late-${user}`;
      const connection = await world.join(`/ws/?user=${user}`);
      // The broker loses these: the hub is behind the store until it asks.
      const publish = world.broker.publish;
      world.broker.publish = () => {};
      for (const progress of [10, 20])
        await world.context.tasks.report(task, { owner: user, status: 'processing', progress });
      world.broker.publish = publish;
      connection.say({ action: 'subscribe', task_id: task, ref: 1 });
      await tick();
      await store.commit(personal('nobody'));
      await until(() => connection.of('reply').length === 1);
      await world.settle();
      expect(connection.of('task_update').map(({ progress }) => progress)).toEqual([20]);
    });

    test('steps take effect in the order asked, however fast they come', async () => {
      const world = await aWorld();
      const connection = await world.join(`/ws/?user=${someone()}`);
      const task_id = `again-${users}`;
      for (const action of ['subscribe', 'unsubscribe', 'subscribe']) connection.say({ action, task_id, ref: action });
      await until(() => connection.of('reply').length === 3);
      await world.context.tasks.report(task_id, { progress: 5 });
      await world.settle();
      expect(connection.of('task_update')).toHaveLength(1);
      connection.say({ action: 'unsubscribe', task_id, ref: 'last' });
      await until(() => connection.of('reply').length === 4);
      await world.context.tasks.report(task_id, { progress: 6 });
      await world.settle();
      expect(connection.of('task_update')).toHaveLength(1);
    });

    test('a topic asked for twice at once is answered twice and heard once', async () => {
      const world = await aWorld();
      const connection = await world.join(`/ws/?user=${someone()}`);
      const task_id = `twice-${users}`;
      for (const ref of [1, 2]) connection.say({ action: 'subscribe', task_id, ref });
      await until(() => connection.of('reply').length === 2);
      await world.context.tasks.report(task_id, { progress: 5 });
      await world.settle();
      expect(connection.of('task_update')).toHaveLength(1);
    });

    test('a topic that cannot be read is an error to who asked, and what was followed goes on', async () => {
      let isAway = true;
      const current: Store['topicSnapshot'] = (...query) =>
        isAway ? Promise.reject(new Error('away')) : store.topicSnapshot(...query);
      const world = await aWorld({ reads: storeWith(store, { topicSnapshot: current }) });
      const user = someone();
      const connection = await world.join(`/ws/?user=${user}&topics=task:named`);
      connection.say({ action: 'subscribe', task_id: 'x', ref: 'r' });
      await until(() => connection.of('error').length === 2);
      expect(connection.of('error').map(({ code, ref }) => [code, ref])).toEqual([
        ['internal', undefined],
        ['internal', 'r'],
      ]);
      await store.commit(personal(user));
      await world.settle();
      expect(connection.records).toHaveLength(1);
      isAway = false;
      connection.say({ action: 'subscribe', task_id: 'x', ref: 'again' });
      await until(() => connection.of('reply').length === 1);
    });

    test('topics named beside a cursor are caught up with it; without one they begin with what there is', async () => {
      const world = await aWorld();
      const task = `named-${someone()}`;
      await world.meet(`/ws/?user=u${users}`);
      await world.context.tasks.report(task, { progress: 5 });
      const { term, head } = await store.head();
      await world.context.tasks.report(task, { status: 'completed' });
      const path = `/ws/?user=u${users}&topics=task:${task},task:none`;
      const resumed = await world.join(`${path}&cursor=${cursorAt(`u${users}`, term, head)}`);
      expect(resumed.records).toMatchObject([{ type: 'task_complete', replayed: true }]);
      expect(resumed.of('subscribed')).toEqual([]);
      const fresh = await world.join(path);
      await until(() => fresh.of('subscribed').length === 2);
      expect(fresh.records).toMatchObject([{ type: 'task_complete', snapshot: true }]);
      expect(types(fresh).indexOf('subscribed')).toBeGreaterThan(types(fresh).indexOf('synced'));
    });

    test.each(['', '&cursor='])(
      'more tasks than a connection may follow are followed up to the limit, and it is told: named%s',
      async (cursor) => {
        const world = await aWorld({ limits: { maxTopics: 5 } });
        const user = someone();
        await world.meet(`/ws/?user=${user}`);
        const { term, head } = await store.head();
        const resumes = cursor && cursor + cursorAt(user, term, head);
        const topics = Array.from({ length: 999 }, (_, n) => `task:many-${n}`).join();
        const connection = await world.join(`/ws/?user=${user}&topics=${topics}${resumes}`);
        await until(() => connection.of('error').length === 1);
        expect(connection.of('error')[0]).toMatchObject({
          code: 'too_many',
          message:
            "the address names 999 tasks and rooms, and a connection may follow 5 topics with the user's own; the last 996 are not followed",
        });
        connection.say({ action: 'subscribe', task_id: 'one-more', ref: 1 });
        await until(() => connection.of('error').length === 2);
        expect(connection.of('error')[1]).toMatchObject({
          message: 'a connection may follow 5 topics, and this one follows 5; unsubscribe from some',
        });
        expect(connection.closed).toBeNull();
      },
    );

    test('more topics than a connection may follow are refused, and those it has stay', async () => {
      const world = await aWorld({ limits: { maxTopics: 5 } });
      const connection = await world.join(`/ws/?user=${someone()}`);
      for (let n = 0; n < 10; n++) connection.say({ action: 'subscribe', task_id: `many-${n}`, ref: n });
      await until(() => connection.of('error').length + connection.of('reply').length === 10);
      expect(connection.of('error').every(({ code }) => code === 'too_many')).toBe(true);
      // Beside its own records and everyone's.
      expect(connection.of('subscribed')).toHaveLength(3);
    });
  });

  describe('who sees what', () => {
    test('a stranger hears nothing of a task that names others, and is answered as for one that does not exist', async () => {
      const world = await aWorld();
      const [owner, follower, stranger, admin] = [someone(), someone(), someone(), someone()];
      const task_id = `private-${owner}`;
      const early = await world.join(`/ws/?user=${stranger}`);
      early.say({ action: 'subscribe', task_id, ref: 1 });
      await until(() => early.of('reply').length === 1);
      await world.context.tasks.report(task_id, { owner, followers: [follower], progress: 5 });
      const connections = new Map<string, MemoryConnection>();
      for (const user of [owner, follower, stranger, admin]) {
        const connection = await world.join(`/ws/?user=${user}${user === admin ? '&roles=admin' : ''}&replay=0`);
        for (const named of [task_id, `none-${owner}`])
          connection.say({ action: 'subscribe', task_id: named, ref: named });
        await until(() => connection.of('reply').length === 2);
        connections.set(user, connection);
      }
      await world.context.tasks.report(task_id, { status: 'completed', result: 'secret' });
      await world.settle();
      const told = (user: string) => connections.get(user)?.records.map(({ type }) => type);
      for (const user of [owner, follower, admin]) expect(told(user)).toEqual(['task_update', 'task_complete']);
      expect(told(stranger)).toEqual([]);
      expect(early.records).toEqual([]);
      const answers = (named: string) =>
        JSON.stringify(
          connections.get(stranger)?.received.filter((frame) => frame.task_id === named || frame.ref === named),
        );
      expect(answers(task_id).replaceAll(task_id, 'X')).toBe(answers(`none-${owner}`).replaceAll(`none-${owner}`, 'X'));
      early.say({ action: 'cancel_task', task_id, ref: 'c' });
      await until(() => early.of('error').length === 1);
      early.say({ action: 'cancel_task', task_id: `none-${owner}`, ref: 'c' });
      await until(() => early.of('error').length === 2);
      const [of, none] = early.of('error').map((frame) => JSON.stringify(frame));
      expect(of?.replaceAll(task_id, 'X')).toBe(none?.replaceAll(`none-${owner}`, 'X'));
    });

    test('viewers that shrink take the record back from those they shut out, once, live and on resuming', async () => {
      const world = await aWorld();
      const [before, after, away] = [someone(), someone(), someone()];
      for (const user of [before, after, away]) await world.meet(`/ws/?user=${user}`);
      const task_id = `moved-${before}`;
      await world.context.tasks.report(task_id, { owner: before, followers: [away], progress: 5 });
      const gone = await world.join(`/ws/?user=${before}`);
      const { term, head } = await store.head();
      await world.context.tasks.report(task_id, { owner: after, followers: [], message: 'not for you' });
      await world.context.tasks.report(task_id, { status: 'completed', result: 'secret' });
      await world.settle();
      expect(gone.records.map(({ type, id }) => [type, id])).toEqual([
        ['task_update', `task:${task_id}`],
        ['retracted', `task:${task_id}`],
      ]);
      for (const user of [before, away]) {
        const resumed = await world.join(
          `/ws/?user=${user}&cursor=${cursorAt(user, term, head)}&topics=task:${task_id}`,
        );
        expect(resumed.records).toMatchObject([{ type: 'retracted', id: `task:${task_id}`, replayed: true }]);
        const fresh = await world.join(`/ws/?user=${user}&topics=task:${task_id}`);
        await until(() => fresh.of('subscribed').length === 1);
        expect(fresh.records).toEqual([]);
      }
      const owner = await world.join(`/ws/?user=${after}&cursor=${cursorAt(after, term, head)}`);
      expect(owner.records).toMatchObject([{ type: 'task_complete', result: 'secret' }]);
      for (const connection of [gone]) expect(JSON.stringify(connection.received)).not.toContain('not for you');
    });

    test('a task that was open to all and then names its owner is taken back from who followed it', async () => {
      const world = await aWorld();
      const [owner, other] = [someone(), someone()];
      const task_id = `opened-${owner}`;
      await world.context.tasks.report(task_id, { progress: 5 });
      const watcher = await world.join(`/ws/?user=${other}`);
      watcher.say({ action: 'subscribe', task_id, ref: 1 });
      await until(() => watcher.of('reply').length === 1);
      await world.context.tasks.report(task_id, { owner, progress: 6 });
      await world.context.tasks.report(task_id, { status: 'completed' });
      await world.settle();
      expect(watcher.records.map(({ type }) => type)).toEqual(['task_update', 'retracted']);
    });

    test('a record heard by two topics is heard once', async () => {
      const world = await aWorld();
      const user = someone();
      const connection = await world.join(`/ws/?user=${user}&roles=a-${user},b-${user}`);
      connection.say({ action: 'subscribe', task_id: `own-${user}`, ref: 1 });
      await until(() => connection.of('reply').length === 1);
      await store.commit([put({ topics: [`role:a-${user}`, `role:b-${user}`, `user:${user}`] })]);
      await world.context.tasks.report(`own-${user}`, { owner: user, progress: 1 });
      await world.settle();
      expect(connection.records).toHaveLength(2);
      const { term, head } = await store.head();
      const path = `/ws/?user=${user}&roles=a-${user},b-${user}&topics=task:own-${user}&cursor=${cursorAt(user, term, head - 2)}`;
      expect((await world.join(path)).records).toHaveLength(2);
    });

    test('frames that many hear are the same for all but for the tag of the cursor; what a user did comes as receipts, and on catching up beside the record', async () => {
      const world = await aWorld();
      const [reader, other] = [someone(), someone()];
      const { term, head } = await store.head();
      const role = `of-${reader}`;
      const live = await Promise.all([reader, other].map((user) => world.join(`/ws/?user=${user}&roles=${role}`)));
      const [first] = await store.commit([put({ topics: [`role:${role}`] })]);
      const { id } = first as { id: string };
      await world.settle();
      live[0]?.say({ action: 'mark_read', id, ref: 1 });
      await until(() => live[0]?.of('reply').length === 1);
      await world.settle();
      const shared = live.map(({ records }) =>
        JSON.stringify(records.find((frame) => frame.id === id)).replace(/:[\w-]{8}"\}$/, '"}'),
      );
      expect(shared[0]).toBe(shared[1]);
      expect(shared[0]).not.toContain('receipt');
      expect(live[1]?.of('receipts')).toEqual([]);
      const resumed = await Promise.all(
        [reader, other].map((user) =>
          world.join(`/ws/?user=${user}&roles=${role}&cursor=${cursorAt(user, term, head)}`),
        ),
      );
      const receipts = resumed.map(({ records }) => records.find((frame) => frame.id === id)?.receipt);
      expect(receipts).toMatchObject([{ read_at: expect.any(String) }, undefined]);
      expect(resumed[1]?.of('receipts')).toEqual([]);
    });

    test('what is sent to a name that nobody has yet waits, and reaches the user who comes with it, whenever that is', async () => {
      const world = await aWorld({ limits: { recent: 50 } });
      const port = inProcessPort(world.context);
      const name = `name-${someone()}`;
      const send = (message: string) =>
        port.publish([{ to: { username: name }, type: 'user_message', message }], { atomic: false });
      await send('before');
      const sending = Promise.all(['a', 'b', 'c'].map(send));
      const [one, two] = await Promise.all([world.join(`/ws/?user=${name}`), world.join(`/ws/?user=${name}`)]);
      await sending;
      await send('after');
      await world.settle();
      for (const connection of [one, two]) {
        const told = connection.of('user_message').map(({ message }) => message);
        expect([...new Set(told)].sort()).toEqual(['a', 'after', 'b', 'before', 'c']);
      }
    });

    test('a receipt reaches all devices with the count, and mark_all_read reads no more than was sent', async () => {
      const world = await aWorld();
      const user = someone();
      const [phone, laptop] = [await world.join(`/ws/?user=${user}`), await world.join(`/ws/?user=${user}`)];
      await store.commit(personal(user, 3));
      await world.settle();
      const [first] = phone.records;
      phone.say({ action: 'mark_read', id: first?.id, ref: 1 });
      await until(() => laptop.of('receipts').length === 1);
      expect(laptop.of('receipts')[0]).toMatchObject({
        unread_count: 2,
        items: [{ id: first?.id, read_at: expect.any(String) }],
      });
      expect(phone.of('receipts')).toEqual(laptop.of('receipts'));

      const publish = world.broker.publish;
      world.broker.publish = () => {};
      await store.commit(personal(user));
      world.broker.publish = publish;
      phone.say({ action: 'mark_all_read', ref: 2 });
      await until(() => phone.of('reply').length === 2);
      await world.settle();
      const sent = phone.of('user_message').map(({ rev }) => rev as number);
      expect(laptop.of('receipts').at(-1)?.read_upto).toBeGreaterThanOrEqual(sent[2] as number);
      expect(laptop.of('receipts').at(-1)?.read_upto).toBeLessThan(sent[3] as number);
      expect((await world.join(`/ws/?user=${user}`)).of('synced')[0]).toMatchObject({ unread_count: 1 });
    });

    test('mark_all_read right after connecting reads what the snapshot held', async () => {
      const world = await aWorld();
      const user = someone();
      await store.commit(personal(user, 3));
      const connection = await world.join(`/ws/?user=${user}`);
      connection.say({ action: 'mark_all_read', ref: 1 });
      await until(() => connection.of('receipts').length === 1);
      expect(connection.of('receipts')[0]).toMatchObject({ unread_count: 0 });
    });
  });
});
