import { describe, expect, test } from 'vitest';
import { ask } from '../../testing/ask.ts';
import { databases, withStore } from '../../testing/databases.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { StorePerson } from '../../testing/store-person.ts';
import { member, rights } from '../../testing/temp-store.ts';
import { worldsOn } from '../../testing/worlds.ts';
import { sendRoomEvent } from '../commands/rooms.ts';
import type { Store } from '../domain/ports.ts';

let store: Store;
let made = 0;
const aWorld = worldsOn(() => store);

/** A room of a test's own, whose members are ann and bob; eve is not. */
async function aRoom() {
  const n = ++made;
  const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((name) => `${name}-${n}`) as [string, string, string];
  const room = { kind: 'project', id: String(n) };
  const topic = `room:project:${n}`;
  await store.commit([
    ...[ann, bob, eve].map((user) => rights(user, [])),
    member(ann, topic, 'rw'),
    member(bob, topic, 'r'),
  ]);
  return { ann, bob, eve, room, name: `project:${n}`, topic, path: `/ws/projects/${n}/` };
}

const notifications = (connection: MemoryConnection) => connection.of('user_notification');
const unreadOf = (user: string) => new StorePerson(store, user).unread();

describe.each(databases)('a mention on $name', ({ fixture }) => {
  withStore(fixture, (opened) => {
    store = opened;
  });

  const say = (connection: MemoryConnection, name: string, mentions: string[], text = 'look') =>
    ask(connection, { action: 'send', room: name, event: 'said', data: { text }, mentions });

  test('notifies those who may follow the room, and neither others nor the sender', async () => {
    const world = await aWorld();
    const { ann, bob, eve, name } = await aRoom();
    const [from, to, other] = [
      await world.join(`/ws/?user=${ann}`),
      await world.join(`/ws/?user=${bob}`),
      await world.join(`/ws/?user=${eve}`),
    ];
    await ask(from, { action: 'subscribe', room: name });
    expect(await say(from, name, [ann, bob, eve, 'nobody'])).toMatchObject({ type: 'reply', mentions: [bob] });
    expect((await say(from, name, ['nobody'])).mentions).toEqual([]);
    expect(await say(from, name, [])).not.toHaveProperty('mentions');
    await world.settle();
    expect(notifications(to)).toMatchObject([
      {
        ...{ title: `${ann} mentioned you`, message: 'look', category: 'mentions' },
        data: { room: name, event: 'said', event_id: from.of('room_event')[0]?.id, from: { user_id: ann } },
      },
    ]);
    expect([notifications(from), notifications(other)]).toEqual([[], []]);
    expect(from.of('room_event').map(({ mentions }) => mentions)).toEqual([[bob], undefined, undefined]);
  });

  test('has the first 300 characters of the text, and no half of a surrogate pair', async () => {
    const world = await aWorld();
    const { ann, bob, name } = await aRoom();
    const [from, to] = [await world.join(`/ws/?user=${ann}`), await world.join(`/ws/?user=${bob}`)];
    await say(from, name, [bob], `${'x'.repeat(299)}🙂`);
    await say(from, name, [bob], `${'x'.repeat(298)}🙂 and more`);
    await world.settle();
    expect(notifications(to).map(({ message }) => message)).toEqual(['x'.repeat(299), `${'x'.repeat(298)}🙂`]);
  });

  test('replaces the unread one of the same room, and is another once that is read', async () => {
    const world = await aWorld();
    const { ann, bob, name } = await aRoom();
    const from = await world.join(`/ws/?user=${ann}`);
    for (const text of ['one', 'two']) await say(from, name, [bob], text);
    const person = new StorePerson(store, bob);
    expect(await person.unread()).toBe(1);
    await person.mark('read', await person.list());
    await say(from, name, [bob], 'three');
    expect([(await person.list()).length, await person.unread()]).toEqual([2, 1]);
  });

  test('is read once the room is opened, by an action, by its path and by an address, and not by a cursor', async () => {
    const world = await aWorld();
    const { ann, bob, name, path } = await aRoom();
    const from = await world.join(`/ws/?user=${ann}`);
    const inbox = await world.join(`/ws/?user=${bob}`);
    const openings = [
      () => ask(inbox, { action: 'subscribe', room: name }),
      () => world.join(`${path}?user=${bob}`),
      () => world.join(`/ws/tasks/?user=${bob}&subscribe=room:${name}`),
    ];
    for (const open of openings) {
      await say(from, name, [bob]);
      expect(await unreadOf(bob)).toBe(1);
      await open();
      await expect.poll(() => unreadOf(bob)).toBe(0);
    }
    const onPath = await world.join(`${path}?user=${bob}`);
    const cursor = onPath.received.findLast((frame) => frame.cursor)?.cursor;
    onPath.cut();
    await say(from, name, [bob]);
    await world.join(`${path}?user=${bob}&cursor=${cursor}`);
    await world.settle();
    expect(await unreadOf(bob)).toBe(1);
  });

  test('is not read by who follows the room unseen, until that is seen there', async () => {
    const world = await aWorld();
    const { ann, bob, name, path } = await aRoom();
    const from = await world.join(`/ws/?user=${ann}`);
    const inbox = await world.join(`/ws/?user=${bob}`);
    await say(from, name, [bob]);
    await ask(inbox, { action: 'subscribe', room: name, presence: false });
    await world.join(`${path}?user=${bob}&presence=0`);
    await world.join(`${path}?user=${bob}&unseen=room:${name}`);
    await world.join(`/ws/tasks/?user=${bob}&subscribe=room:${name}&unseen=room:${name}`);
    await world.settle();
    expect(await unreadOf(bob)).toBe(1);
    await ask(inbox, { action: 'unsubscribe', room: name });
    await ask(inbox, { action: 'subscribe', room: name });
    await expect.poll(() => unreadOf(bob)).toBe(0);
  });

  test('is read by `mark_read` with the room, also while that is open; of other rooms none is', async () => {
    const world = await aWorld();
    const { ann, bob, name } = await aRoom();
    const other = await aRoom();
    await store.commit([member(bob, other.topic, 'r')]);
    const [from, to] = [await world.join(`/ws/?user=${ann}`), await world.join(`/ws/?user=${bob}`)];
    const elsewhere = await world.join(`/ws/?user=${other.ann}`);
    await ask(to, { action: 'subscribe', room: name });
    const markRead = (room: string) => ask(to, { action: 'mark_read', room });
    expect(await markRead(name)).toMatchObject({ type: 'reply', marked: 0, not_found: [] });
    await say(from, name, [bob]);
    await say(elsewhere, other.name, [bob]);
    await world.settle();
    expect(await unreadOf(bob)).toBe(2);
    expect(await markRead(name)).toMatchObject({ marked: 1, not_found: [] });
    await world.settle();
    expect(await unreadOf(bob)).toBe(1);
    expect(to.of('receipts').at(-1)).toMatchObject({ unread_count: 1, items: [{ read_at: expect.any(String) }] });
    // Those that were marked as unread since are read with it.
    await say(from, name, [bob]);
    await ask(to, { action: 'mark_unread', ids: to.of('user_notification').map(({ id }) => id) });
    expect(await unreadOf(bob)).toBe(3);
    expect(await markRead(name)).toMatchObject({ marked: 2 });
    expect(await unreadOf(bob)).toBe(1);
    expect(await markRead('no room')).toMatchObject({ code: 'bad_request' });
    const both = await ask(to, { action: 'mark_read', room: name, ids: ['x'] });
    expect(both).toMatchObject({ code: 'bad_request', message: expect.stringContaining('"room"') });
  });

  test('notifies once if the event is sent again with its idempotency key', async () => {
    const world = await aWorld();
    const { bob, room } = await aRoom();
    const input = { event: 'said', data: { text: 'x' }, mentions: [bob], idempotency_key: 'k' };
    const backEnd = { kind: 'back_end', scope: `s${made}` } as const;
    const first = await sendRoomEvent(world.context, backEnd, room, input);
    const person = new StorePerson(store, bob);
    await person.mark('read', await person.list());
    expect(await sendRoomEvent(world.context, backEnd, room, input)).toEqual({
      id: first.id,
      rev: first.rev,
      duplicate: true,
    });
    expect([(await person.list()).length, await person.unread()]).toEqual([1, 0]);
  });

  test('notifies nobody more if the event is sent again when more users may be mentioned', async () => {
    const world = await aWorld();
    const { bob, room, topic } = await aRoom();
    const late = `late${made}`;
    const input = { event: 'said', data: { text: 'x' }, mentions: [bob, late], idempotency_key: 'k' };
    const backEnd = { kind: 'back_end', scope: `more${made}` } as const;
    await sendRoomEvent(world.context, backEnd, room, input);
    await store.commit([member(late, topic, 'r')]);
    expect(await sendRoomEvent(world.context, backEnd, room, input)).toMatchObject({ duplicate: true });
    expect(await new StorePerson(store, late).list()).toEqual([]);
    expect(await new StorePerson(store, bob).list()).toHaveLength(1);
  });

  test('is refused in an ephemeral event, and of more than 100 users', async () => {
    const world = await aWorld();
    const { ann, bob, name } = await aRoom();
    const from = await world.join(`/ws/?user=${ann}`);
    const refused = await ask(from, { action: 'send', room: name, event: 'said', ephemeral: true, mentions: [bob] });
    expect(refused).toMatchObject({ code: 'bad_request', message: expect.stringContaining('ephemeral') });
    const many = Array.from({ length: 101 }, (_, n) => `u${n}`);
    expect(await say(from, name, many)).toMatchObject({ code: 'bad_request' });
  });
});
