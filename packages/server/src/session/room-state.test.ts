import { describe, expect, test } from 'vitest';
import { ask } from '../../testing/ask.ts';
import { databases, withStore } from '../../testing/databases.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { event, member } from '../../testing/temp-store.ts';
import { worldsOn } from '../../testing/worlds.ts';
import type { Store } from '../domain/ports.ts';

let store: Store;
let made = 0;
/** A user and a room of a test's own. */
const someone = () => ({ user: `u${++made}`, room: `project:${made}`, topic: `room:project:${made}` });
const aWorld = worldsOn(() => store);

/** Keeps a state by the rules of PROTOCOL.md. */
function stateOf(...connections: MemoryConnection[]): Record<string, unknown> {
  const held = new Map<string, Record<string, unknown>>();
  for (const frame of connections.flatMap(({ received }) => received)) {
    const { id, rev = 0 } = frame as { id?: string; rev?: number };
    if (id === undefined || rev <= Number(held.get(id)?.rev ?? 0)) continue;
    if (frame.type === 'room_state' || frame.type === 'retracted') held.set(id, frame);
  }
  const there = [...held.values()].filter(({ type }) => type === 'room_state');
  return Object.fromEntries(there.map(({ key, value }) => [key, value]));
}

describe.each(databases)('the state of a room on $name', ({ fixture }) => {
  withStore(fixture, (opened) => {
    store = opened;
  });

  test('comes whole to who follows the room, beside its latest events, then as it changes', async () => {
    const world = await aWorld({ limits: { recent: 2 } });
    const { user, room, topic } = someone();
    await store.commit([member(user, topic, 'rw')]);
    const connection = await world.join(`/ws/?user=${user}`);
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await ask(connection, { action: 'set_state', room, key, value: { of: key } })).toMatchObject({
        ...{ type: 'reply', rev: expect.any(Number) },
      });
    }
    await ask(connection, { action: 'remove_state', room, key: 'd' });
    for (const n of [1, 2, 3]) await store.commit([event(`${topic}-${n}`, topic)]);
    await ask(connection, { action: 'subscribe', room });
    const all = { a: { of: 'a' }, b: { of: 'b' }, c: { of: 'c' } };
    expect(stateOf(connection)).toEqual(all);
    expect(connection.of('room_event').map(({ id }) => id)).toEqual([`${topic}-2`, `${topic}-3`]);
    const onPath = await world.join(`/ws/projects/${room.slice('project:'.length)}/?user=${user}`);
    expect(stateOf(onPath)).toEqual(all);
    expect(onPath.of('room_state')[0]).toMatchObject({ room, snapshot: true, from: { user_id: user } });
    await ask(connection, { action: 'set_state', room, key: 'a', value: 2 });
    await ask(connection, { action: 'remove_state', room, key: 'b' });
    await world.settle();
    for (const each of [connection, onPath]) expect(stateOf(each)).toEqual({ a: 2, c: { of: 'c' } });
  });

  test('is caught up with from a cursor, each key once', async () => {
    const world = await aWorld();
    const { user, room, topic } = someone();
    await store.commit([member(user, topic, 'rw')]);
    const path = `/ws/projects/${room.slice('project:'.length)}/?user=${user}`;
    const first = await world.join(path);
    for (const key of ['kept', 'changed', 'removed']) await ask(first, { action: 'set_state', room, key, value: 1 });
    await world.settle();
    const cursor = first.received.findLast((frame) => frame.cursor)?.cursor;
    first.cut();
    const other = await world.join(path);
    for (const value of [2, 3, 4]) await ask(other, { action: 'set_state', room, key: 'changed', value });
    await ask(other, { action: 'remove_state', room, key: 'removed' });
    const second = await world.join(`${path}&cursor=${cursor}`);
    expect(second.received.filter(({ replayed }) => replayed)).toHaveLength(2);
    expect(stateOf(first, second)).toEqual({ kept: 1, changed: 4 });
  });

  test('is set by one of many who expect the same rev, and the others get a conflict', async () => {
    const world = await aWorld();
    const { room, topic } = someone();
    const users = ['x', 'y', 'z'].map((name) => `${name}${made}`);
    await store.commit(users.map((user) => member(user, topic, 'rw')));
    const all = await Promise.all(users.map((user) => world.join(`/ws/?user=${user}`)));
    const set = { action: 'set_state', room, key: 'lock', if_rev: 0, ttl_ms: 60_000 };
    const answers = await Promise.all(all.map((one, n) => ask(one, { ...set, value: users[n] })));
    expect(answers.map(({ type }) => type).sort()).toEqual(['error', 'error', 'reply']);
    expect(answers.filter(({ type }) => type === 'error')).toMatchObject([{ code: 'conflict' }, { code: 'conflict' }]);
  });

  test('has no more keys than it may, however many are set at once', async () => {
    const limits = { stateKeysPerRoom: 5 };
    const worlds = [await aWorld({ limits }), await aWorld({ limits })];
    const { user, room, topic } = someone();
    await store.commit([member(user, topic, 'rw')]);
    const all = await Promise.all(worlds.map((world) => world.join(`/ws/?user=${user}`)));
    const setAll = (names: string[]) =>
      Promise.all(
        names.map((key, n) => ask(all[n % 2] as MemoryConnection, { action: 'set_state', room, key, value: key })),
      );
    const numbered = Array.from({ length: 12 }, (_, n) => `k${n}`);
    const answers = await setAll(numbered);
    const refused = answers.filter(({ type }) => type === 'error');
    expect(refused).toHaveLength(7);
    for (const each of refused) expect(each).toMatchObject({ code: 'payload_too_large' });
    const there = numbered.filter((_, n) => answers[n]?.type === 'reply');
    expect((await store.roomState({ topic, userId: user, isGranted: true })).length).toBe(5);
    // Those that are there are set again, and make place.
    for (const { type } of await setAll([...there, ...there])) expect(type).toBe('reply');
    await ask(all[0] as MemoryConnection, { action: 'remove_state', room, key: there[0] });
    const kinds = (await setAll(['new', 'newer', 'newest'])).map(({ type }) => type);
    expect(kinds.sort()).toEqual(['error', 'error', 'reply']);
  });

  test('cannot be changed by who may only read, nor by who may not follow the room', async () => {
    const world = await aWorld();
    const { user, room, topic } = someone();
    await store.commit([member(user, topic, 'r')]);
    const [reader, stranger] = [await world.join(`/ws/?user=${user}`), await world.join(`/ws/?user=stranger`)];
    for (const action of [
      { action: 'set_state', room, key: 'a', value: 1 },
      { action: 'remove_state', room, key: 'a' },
    ]) {
      expect(await ask(reader, action)).toMatchObject({ code: 'forbidden' });
      expect(await ask(stranger, action)).toMatchObject({ code: 'not_found' });
    }
    expect(await ask(reader, { action: 'set_state', room, key: '', value: 1 })).toMatchObject({ code: 'bad_request' });
  });
});
