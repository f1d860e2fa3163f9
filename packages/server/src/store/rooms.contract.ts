import { describe, expect, test } from 'vitest';
import { type OpenStore, page, revOf } from '../../testing/store-fixture.ts';
import { frameOf, StorePerson } from '../../testing/store-person.ts';
import { bind, event, member, put, rights } from '../../testing/temp-store.ts';
import type { Change } from '../domain/writes.ts';
import { EventRetention } from '../jobs/event-retention.ts';

const day = 86_400_000;
const topic = 'room:project:12';
const idsOf = (changes: readonly { id: string }[]): string[] => changes.map(({ id }) => id);

/** Members of rooms, and what was sent there. */
export function roomsContract(start: OpenStore): void {
  describe('rooms', () => {
    test.concurrent('a membership of a room begins, changes and ends at revs of its own, told to its user alone', async ({
      onTestFinished,
    }) => {
      const { store, batches } = await start(onTestFinished);
      await store.commit([rights('1', ['staff']), put()]);
      const { head } = await store.head();
      const tell = async (access: 'r' | 'rw' | null) => {
        const [outcome] = await store.commit([member('1', topic, access)]);
        const rev = revOf(outcome as never);
        const live = batches.at(-1)?.changes as Change[];
        expect(live).toMatchObject([{ rev, kind: 'membership', topics: ['user:1', 'rights'], alertRev: 0 }]);
        expect((await store.range(rev, rev)).changes.map(frameOf)).toMatchObject([
          { ...frameOf(live[0] as Change), timestamp: expect.any(String) },
        ]);
        return frameOf(live[0] as Change);
      };
      const joined = { type: 'topic_joined', id: `audience:${topic}`, topic, unread_count: 1 };
      expect(await tell('r')).toMatchObject({ ...joined, access: 'r' });
      expect(await store.roomMembership('1', topic)).toMatchObject({ access: 'r' });
      expect(await tell('rw')).toMatchObject({ ...joined, access: 'rw' });
      expect(await store.roomMembership('1', topic)).toEqual({ access: 'rw', rev: (await store.head()).head });
      expect(await store.commit([member('1', topic, 'rw')])).toEqual([{ status: 'unchanged' }]);
      const left = await tell(null);
      expect(left).toMatchObject({ ...joined, type: 'topic_left' });
      expect(left.access).toBeUndefined();
      expect(await store.roomMembership('1', topic)).toBeNull();
      expect(await store.commit([member('1', topic, null), member('2', topic, null)])).toEqual([
        { status: 'unchanged' },
        { status: 'unchanged' },
      ]);
      const missed = await new StorePerson(store, '1', ['staff']).since(head);
      expect(missed.map(({ type, id }) => [type, id])).toEqual([['topic_left', `audience:${topic}`]]);
    });

    test.concurrent('roles and rooms leave each other alone', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', ['staff']), member('1', topic, 'rw')]);
      await store.commit([put({ id: 'to-staff', topics: ['role:staff'] }), event('e', topic)]);
      const ann = new StorePerson(store, '1', ['staff']);
      expect(await ann.unread()).toBe(1);
      await store.commit([rights('1', [], { issuedAt: 2_000 })]);
      expect(await store.roomMembership('1', topic)).toMatchObject({ access: 'rw' });
      expect((await store.user('1'))?.roles).toEqual([]);
      await store.commit([rights('1', ['staff'], { issuedAt: 3_000 }), member('1', topic, null)]);
      expect((await store.user('1'))?.roles).toEqual(['staff']);
      expect(await ann.unread()).toBe(1);
      expect(await ann.list()).toEqual(['to-staff']);
    });

    test.concurrent('members are listed by their ids, a page at a time, with their names and rights', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([
        member('3', topic, 'r'),
        member('1', topic, 'rw'),
        member('2', topic, 'r'),
        bind('1', 'ann'),
      ]);
      await store.commit([member('2', topic, null), member('4', 'room:project:1', 'r')]);
      const ann = { userId: '1', username: 'ann', access: 'rw' };
      const other = { userId: '3', username: null, access: 'r' };
      expect(await store.roomMembers(topic, '', 10)).toEqual([ann, other]);
      expect(await store.roomMembers(topic, '', 1)).toEqual([ann]);
      expect(await store.roomMembers(topic, '1', 10)).toEqual([other]);
    });

    test.concurrent('events are read by members and by those who need no membership, and by nobody else', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      await store.commit([event('a', topic), event('b', topic), event('c', 'room:project:1'), member('1', topic, 'r')]);
      const reads = async (userId: string, granted: readonly string[]) => {
        const query = { userId, topics: [topic], granted };
        const history = { topic, userId, isGranted: granted.includes(topic), before: null, limit: 10 };
        const found = [
          (await store.changesSince(page({ ...query, after: 0 }))).changes,
          (await store.changesSince(page({ ...query, after: 0, takesPlain: true }))).plain,
          (await store.topicSnapshot([topic], 10, userId, granted)).changes,
          (await store.initialSnapshot({ ...query, unread: 10, events: 10, limit: 0 })).changes,
          (await store.roomEvents(history)).events,
        ];
        return found.map((all) => all.map(({ rev }) => rev));
      };
      const all = [
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 2],
        [2, 1],
      ];
      const nothing = [[], [], [], [], []];
      expect(await reads('1', [])).toEqual(all);
      expect(await reads('2', [])).toEqual(nothing);
      expect(await reads('2', [topic])).toEqual(all);
      await store.commit([member('1', topic, null)]);
      expect(await reads('1', [])).toEqual(nothing);
      expect(await reads('1', [topic])).toEqual(all);
    });

    test.concurrent('history is paged from the newest, and catching up goes on from a rev', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const ids = ['a', 'b', 'c', 'd', 'e'];
      for (const id of ids) await store.commit([event(id, topic), put()]);
      const query = { topic, userId: '1', isGranted: true, limit: 2 };
      const read: string[][] = [];
      for (let before: number | null = null, full = true; full; ) {
        const found = await store.roomEvents({ ...query, before });
        read.push(idsOf(found.events));
        before = found.events.at(-1)?.rev ?? 0;
        full = found.full;
      }
      expect(read).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
      const since = { userId: '1', topics: ['user:1', topic], granted: [topic] };
      expect(
        idsOf(
          (await store.changesSince(page({ ...since, after: 6 }))).changes.filter(({ kind }) => kind === 'room_event'),
        ),
      ).toEqual(['d', 'e']);
      const first = await store.initialSnapshot({ ...since, topics: [topic], unread: 5, events: 2, limit: 0 });
      expect(idsOf(first.changes)).toEqual(['d', 'e']);
      expect(first).toMatchObject({ full: false, head: 10, counts: { unread: 5 } });
    });

    test.concurrent('an event asks for nobody’s attention, and is in no inbox', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      await store.commit([rights('1', []), member('1', topic, 'rw'), event('a', topic)]);
      const ann = new StorePerson(store, '1');
      expect(await ann.counts()).toEqual({ unread: 0, categories: {} });
      expect(await ann.list()).toEqual([]);
      expect(await ann.mark('read', 'a')).toEqual({ status: 'unchanged', missing: ['a'] });
      expect((await ann.since(0)).map(({ type }) => type)).toEqual(['topic_joined', 'topic_joined']);
    });

    test.concurrent('events that are too old or too many are retracted, in every room for itself', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const other = 'room:project:1';
      await store.commit([event('old', topic, { at: day })]);
      for (const id of ['a', 'b', 'c']) await store.commit([event(id, topic, { at: 3 * day })]);
      await store.commit([event('o', other, { at: 3 * day }), put({ id: 'kept', at: day })]);
      const leftOf = async (room: string) => {
        const query = { topic: room, userId: '1', isGranted: true, before: null, limit: 10 };
        return idsOf((await store.roomEvents(query)).events);
      };
      const { head } = await store.head();
      await new EventRetention(store, { age: 2 * day, perRoom: 10 }).step(3 * day + 1);
      expect([await leftOf(topic), await leftOf(other)]).toEqual([['c', 'b', 'a'], ['o']]);
      await new EventRetention(store, { age: 100 * day, perRoom: 2 }).step(3 * day + 1);
      expect([await leftOf(topic), await leftOf(other)]).toEqual([['c', 'b'], ['o']]);
      const since = { userId: '1', topics: [topic], granted: [topic], after: head };
      const told = (await store.changesSince(page(since))).changes;
      expect(told.map((change) => [frameOf(change).type, change.id])).toEqual([
        ['retracted', 'old'],
        ['retracted', 'a'],
      ]);
      expect((await store.record('kept'))?.kind).toBe('notification');
    });

    test.concurrent('a kind of rooms keeps its events for a time, and in a number, of its own', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const rooms = ['room:project:1', 'room:chat:1', 'room:constructor:1'];
      for (const at of [day, 3 * day, 4 * day]) {
        await store.commit(rooms.map((room) => event(`${room} ${at / day}`, room, { at })));
      }
      const left = async () => {
        const found = rooms.map((room) =>
          store.roomEvents({ topic: room, userId: '1', isGranted: true, before: null, limit: 10 }),
        );
        return (await Promise.all(found)).map(({ events }) => idsOf(events).map((id) => id.split(' ')[1]));
      };
      const limits = { age: 100 * day, perRoom: 10 };
      await new EventRetention(store, { ...limits, ageOfKind: { chat: 2 * day } }).step(4 * day + 1);
      expect(await left()).toEqual([
        ['4', '3', '1'],
        ['4', '3'],
        ['4', '3', '1'],
      ]);
      await new EventRetention(store, { ...limits, perRoomOfKind: { project: 1 } }).step(4 * day + 1);
      expect(await left()).toEqual([['4'], ['4', '3'], ['4', '3', '1']]);
    });
  });
}
