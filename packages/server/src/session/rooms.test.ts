import { describe, expect, test } from 'vitest';
import { ask } from '../../testing/ask.ts';
import { databases, withStore } from '../../testing/databases.ts';
import { FaultyBroker } from '../../testing/faulty-broker.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { event, member, put, storeAround, storeWith } from '../../testing/temp-store.ts';
import { secret, token } from '../../testing/tokens.ts';
import { tick, until, type WorldOptions } from '../../testing/world.ts';
import { worldsOn } from '../../testing/worlds.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import { roomEventRecord } from '../domain/room-events.ts';
import { roomOfTopic } from '../domain/rooms.ts';

let store: Store;
let made = 0;
/** A user and a room of a test's own. */
const someone = () => ({ user: `u${++made}`, room: `project:${made}`, topic: `room:project:${made}` });

const aWorld = worldsOn(() => store);

const events = (connection: MemoryConnection): string[] =>
  connection.received
    .filter(({ type }) => /^(room|ephemeral)_event$/.test(type))
    .map(({ data, snapshot, replayed }) => {
      const { id } = data as { id: string };
      return `${id}${snapshot ? '*' : replayed ? '+' : ''}`;
    });
/** The types of what came, without presence, which has tests of its own. */
const types = (connection: MemoryConnection): string[] =>
  connection.received.map(({ type }) => type).filter((type) => type !== 'presence');
const pathOf = (room: string) => `/ws/projects/${room.slice('project:'.length)}/`;
const lastCursor = ({ received }: MemoryConnection) => received.findLast(({ cursor }) => cursor)?.cursor;
/** Sends events to a room, one commit each. */
async function say(topic: string, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    const sent = { room: roomOfTopic(topic), event: 'said', from: null, data: { id } };
    await store.commit([roomEventRecord(`${topic}-${id}`, sent, Date.now(), null)]);
  }
}

describe.each(databases)('on $name', ({ fixture }) => {
  withStore(fixture, (opened) => {
    store = opened;
  });

  test('why somebody is let into no room is in the log, with what to do, and not told to them', async () => {
    const world = await aWorld();
    const connection = await world.join('/ws/?user=eve');
    for (const room of ['project:1', 'project:2']) {
      const reply = await ask(connection, { action: 'subscribe', room });
      expect(reply).toMatchObject({ code: 'not_found' });
      expect(reply.message).toBe(`there is no room "${room}", or it is not yours`);
    }
    const logged = world.events.filter(({ type }) => type === 'room_refused');
    expect(logged).toMatchObject([{ user: 'eve', room: 'project:1', todo: expect.stringContaining('--rooms-url') }]);
  });

  describe('on its own path', () => {
    test('a room begins with its latest events, goes on live, and is resumed from a cursor', async () => {
      const world = await aWorld({ limits: { recent: 2 } });
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'r')]);
      await say(topic, 'a', 'b', 'c');
      const path = `${pathOf(room)}?user=${user}`;
      const first = await world.join(path);
      expect(types(first)).toEqual(['connection_established', 'room_event', 'room_event', 'synced']);
      expect(first.of('room_event')[0]).toMatchObject({
        ...{ id: `${topic}-b`, room, event: 'said', from: null, snapshot: true, replayed: true },
      });
      await say(topic, 'd');
      await store.commit([put({ topics: [`user:${user}`] }), put({ topics: [topic], alert: 'never' })]);
      await say('room:project:other', 'x');
      await world.settle();
      expect(events(first)).toEqual(['b*', 'c*', 'd']);
      const cursor = first.of('room_event').at(-1)?.cursor;
      expect(cursor).toEqual(expect.any(String));
      first.cut();
      await say(topic, 'e', 'f');
      const second = await world.join(`${path}&cursor=${cursor}`);
      await say(topic, 'g');
      await world.settle();
      expect(second.of('connection_established')[0]).toMatchObject({ recovered: true, cursor });
      expect(events(second)).toEqual(['e+', 'f+', 'g']);
      expect(events(await world.join(`${path}&replay=0`))).toEqual([]);
    });

    test('a room is reached by each of its paths, whatever its id', async () => {
      const world = await aWorld();
      const { user } = someone();
      const named = [
        ['/ws/projects/1%2F2/', 'project:1/2'],
        ['/ws/collaboration/notes', 'collaboration:notes', 'json=1'],
        ['/ws/rooms/board/a%3Ab%20%F0%9F%A6%89/', 'board:a:b 🦉'],
        ['/ws/rooms/project/1%2F2', 'project:1/2'],
      ];
      for (const [path, room, query = ''] of named as [string, string, string?][]) {
        await store.commit([member(user, `room:${room}`, 'r')]);
        await say(`room:${room}`, path);
        const connection = await world.join(`${path}?user=${user}&${query}`);
        expect(connection.of('room_event').at(-1)).toMatchObject({ room, data: { id: path } });
      }
      for (const path of ['/ws/rooms/1x/2/', '/ws/rooms/a/', '/ws/projects/', '/ws/projects/%zz', '/ws/projects/a/b']) {
        expect((await world.connect(`${path}?user=${user}`)).closed).toMatchObject({ code: 404 });
      }
    });

    test('a room that somebody may not follow is refused as one that nobody has used', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member('another', topic, 'rw')]);
      await say(topic, 'a');
      const refused = async (name: string) => {
        const { closed, received } = await world.connect(`${pathOf(name)}?user=${user}`);
        const late = await world.connect(`${pathOf(name)}?user=${user}`, () => {}, { origin: 'http://localhost' });
        expect([received, late.received]).toEqual([[], []]);
        return [closed, late.closed].map((close) => `${close?.code} ${close?.reason.replace(name, 'NAME')}`);
      };
      const sentence = 'there is no room "NAME", or it is not yours';
      expect(await refused(room)).toEqual([`403 ${sentence}`, `4403 ${sentence}`]);
      expect(await refused(`${room}0`)).toEqual(await refused(room));
    });
  });

  describe('on /ws/', () => {
    test('a room is followed by an action, from its latest events on, and left by another', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'r')]);
      await say(topic, 'a', 'b');
      const connection = await world.join(`/ws/?user=${user}`);
      expect(events(connection)).toEqual([]);
      const from = connection.received.length;
      expect(await ask(connection, { action: 'subscribe', room })).toMatchObject({ type: 'reply' });
      expect(types(connection).slice(from)).toEqual([...['subscribed', 'room_event', 'room_event', 'reply']]);
      expect(connection.of('subscribed')).toEqual([{ type: 'subscribed', room }]);
      await say(topic, 'c');
      await world.settle();
      expect(events(connection)).toEqual(['a*', 'b*', 'c']);
      await ask(connection, { action: 'unsubscribe', room });
      expect(connection.of('unsubscribed')).toEqual([{ type: 'unsubscribed', room }]);
      await say(topic, 'd');
      await world.settle();
      expect(events(connection)).toEqual(['a*', 'b*', 'c']);
    });

    test('a room is named beside a cursor, or is subscribed to in the address', async () => {
      const world = await aWorld();
      const { user, topic } = someone();
      const other = `${topic}-other`;
      await store.commit([member(user, topic, 'r'), member(user, other, 'r')]);
      await say(topic, 'a');
      await say(other, 'x');
      const first = await world.join(`/ws/?user=${user}&topics=${topic}`);
      await until(() => first.of('ping').length > 0);
      expect(events(first)).toEqual(['a*']);
      const cursor = lastCursor(first);
      first.cut();
      await say(topic, 'b');
      const second = await world.join(`/ws/?user=${user}&topics=${topic}&subscribe=${other}&cursor=${cursor}`);
      await until(() => second.of('subscribed').length > 0 && second.of('ping').length > 0);
      await say(other, 'y');
      await say(topic, 'c');
      await world.settle();
      expect(events(second)).toEqual(['b+', 'x*', 'y', 'c']);
      expect(second.of('subscribed')).toEqual([{ type: 'subscribed', room: other.slice('room:'.length) }]);
    });

    test('a room that somebody may not follow is answered as one that nobody has used', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member('another', topic, 'rw')]);
      await say(topic, 'a');
      const connection = await world.join(`/ws/?user=${user}`);
      const answers = async (name: string) => {
        const all = [
          await ask(connection, { action: 'subscribe', room: name }),
          await ask(connection, { action: 'send', room: name, event: 'said' }),
          await ask(connection, { action: 'send', room: name, event: 'said', ephemeral: true }),
        ];
        const address = await world.join(`/ws/?user=${user}&topics=room:${name}`);
        await until(() => address.of('unsubscribed').length > 0);
        all.push(...address.of('unsubscribed'));
        return JSON.stringify(all.map(({ ref: _ref, ...answer }) => answer)).replaceAll(name, 'NAME');
      };
      expect(await answers(room)).toBe(await answers(`${room}0`));
      expect(await answers(room)).toContain('"code":"not_found"');
      expect(events(connection)).toEqual([]);
      expect(await ask(connection, { action: 'subscribe', room: 'no name' })).toMatchObject({ code: 'bad_request' });
      expect(await ask(connection, { action: 'subscribe', room, task_id: 't' })).toMatchObject({ code: 'bad_request' });
    });

    test('a membership is told to its user, is no part of the inbox, and follows nothing by itself', async () => {
      const world = await aWorld();
      const { user, topic } = someone();
      const connection = await world.join(`/ws/?user=${user}`);
      await store.commit([member(user, topic, 'r')]);
      await say(topic, 'a');
      await store.commit([member(user, topic, 'rw')]);
      await world.settle();
      expect(connection.records.map(({ type, access }) => [type, access])).toEqual([
        ['topic_joined', 'r'],
        ['topic_joined', 'rw'],
      ]);
      expect(connection.of('topic_joined')[0]).toMatchObject({ topic, unread_count: 0 });
      expect(connection.of('topic_joined')[0]).not.toHaveProperty('snapshot');
      connection.cut();
      const again = await world.join(`/ws/?user=${user}`);
      expect(again.of('connection_established')[0]).toMatchObject({ roles: [] });
      expect(events(again)).toEqual([]);
    });

    test('what somebody sends comes to all who follow the room, with the name and an id and rev', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'rw'), member(`${user}-r`, topic, 'r')]);
      const writer = await world.join(`/ws/?user=${user}`);
      const reader = await world.join(`${pathOf(room)}?user=${user}-r`);
      const data = { text: 'Looks right to me' };
      const reply = await ask(writer, { action: 'send', room, event: 'comment_added', data });
      expect(reply).toMatchObject({ type: 'reply', id: expect.any(String), rev: expect.any(Number) });
      await world.settle();
      expect(reader.of('room_event')).toMatchObject([
        { id: reply.id, rev: reply.rev, room, event: 'comment_added', from: { user_id: user, username: user }, data },
      ]);
      // Sending to a room is not following it.
      expect(events(writer)).toEqual([]);
      expect(await ask(reader, { action: 'send', room, event: 'said' })).toMatchObject({ code: 'forbidden' });
    });
  });

  describe('a right that ends', () => {
    test('ends on the path of its room with 4403, and elsewhere with a reason, at that very rev and on every node', async () => {
      const shared = new MemoryEphemeral();
      const nodes = [await aWorld({ ephemeral: shared }), await aWorld({ ephemeral: shared })];
      const { user, room, topic } = someone();
      const other = `${topic}-other`;
      await store.commit([member(user, topic, 'rw'), member(user, other, 'r')]);
      const own = await Promise.all(nodes.map((world) => world.join(`${pathOf(room)}?user=${user}`)));
      const all = await Promise.all(nodes.map((world) => world.join(`/ws/?user=${user}&topics=${topic},${other}`)));
      for (const connection of all) await until(() => connection.of('subscribed').length === 2);
      await say(topic, 'a');
      // In one commit, so that nobody has a moment between.
      await store.commit([member(user, topic, null), event(`${topic}-b`, topic), event(`${other}-c`, other)]);
      await say(topic, 'd');
      await nodes[0]?.context.rooms.broadcast(topic, JSON.stringify({ type: 'ephemeral_event', data: { id: 'e' } }));
      for (const world of nodes) await world.settle();
      for (const connection of own) {
        expect(events(connection)).toEqual(['a']);
        expect(connection.closed).toEqual({ code: 4403, reason: `there is no room "${room}", or it is not yours` });
      }
      for (const connection of all) {
        expect(events(connection)).toEqual(['a', `${other}-c`]);
        expect(connection.received.slice(-3).map(({ type }) => type)).toEqual([
          ...['topic_left', 'unsubscribed', 'room_event'],
        ]);
        expect(connection.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
      }
    });

    test('ends in catch-up too; what was missed comes whole to who has it again', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'r')]);
      await say(topic, 'a');
      const path = `/ws/?user=${user}&topics=${topic}`;
      const first = await world.join(path);
      await until(() => first.of('ping').length > 0);
      const cursor = lastCursor(first);
      first.cut();
      await say(topic, 'b');
      await store.commit([member(user, topic, null)]);
      await say(topic, 'c');
      const without = await world.join(`${path}&cursor=${cursor}`);
      await until(() => without.of('unsubscribed').length > 0);
      expect(without.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
      expect(events(without)).toEqual([]);
      expect(without.of('topic_left')).toMatchObject([{ topic, replayed: true }]);
      await store.commit([member(user, topic, 'r')]);
      const again = await world.join(`${path}&cursor=${cursor}`);
      expect(events(again)).toEqual(['b+', 'c+']);
      expect(again.of('unsubscribed')).toEqual([]);
    });

    test('in the very moment in which it is found is not followed', async () => {
      for (let depth = 0; depth < 12; depth++) {
        const { user, room, topic } = someone();
        await store.commit([member(user, topic, 'r')]);
        let hasEnded = false;
        const world = await aWorld({
          reads: storeWith(store, {
            async roomMembership(...query) {
              const found = hasEnded ? null : await store.roomMembership(...query);
              let later = Promise.resolve();
              for (let n = 0; n < depth; n++) later = later.then(() => {});
              void later.then(() => {
                hasEnded = true;
                world.registry.ofUser(user)[0]?.rooms.membershipEnded(topic, (found?.rev ?? 0) + 1);
              });
              return found;
            },
          }),
        });
        const connection = await world.join(`/ws/?user=${user}`);
        connection.say({ action: 'subscribe', room, ref: 1 });
        await until(() => connection.received.some(({ ref }) => ref === 1));
        await tick();
        await say(topic, 'late');
        await world.settle();
        expect(events(connection), `${depth}`).toEqual([]);
        expect(world.registry.ofUser(user)[0]?.feed.topics, `${depth}`).not.toContain(topic);
      }
    });

    test('and is refused while a role is gained leaves the role alone', async () => {
      const { user, room } = someone();
      const role = `of-${user}`;
      let gained = false;
      const world = await aWorld({
        reads: storeWith(store, {
          async roomMembership(...query) {
            if (!gained) await world.roles.set(user, [role]);
            gained = true;
            return store.roomMembership(...query);
          },
        }),
      });
      const connection = await world.join(`/ws/?user=${user}`);
      expect(await ask(connection, { action: 'subscribe', room })).toMatchObject({ code: 'not_found' });
      await until(() => connection.of('topic_joined').length > 0);
      await store.commit([put({ id: `for-${role}`, topics: [`role:${role}`] })]);
      await world.settle();
      await until(() => connection.records.some(({ id }) => id === `for-${role}`));
    });

    test('and was given anew is not taken for ended by a node that hears of its end late', async () => {
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'r')]);
      // Each batch is released when two more were stored.
      const world = await aWorld({ broker: new FaultyBroker([{ after: 2, times: 1 }]) });
      await world.meet(`/ws/?user=${user}`);
      await store.commit([member(user, topic, null)]);
      await store.commit([member(user, topic, 'r')]);
      const connection = await world.join(`${pathOf(room)}?user=${user}`);
      await say(topic, 'a', 'b', 'c', 'd');
      await until(() => events(connection).length > 0);
      await world.settle();
      expect(events(connection)).toEqual(['a', 'b', 'c', 'd']);
      expect(connection.closed).toBeNull();
    });

    test.each([1, 500])('at any step of connecting shows nothing that came later, in pages of %i', async (pageSize) => {
      for (const way of ['own', 'named', 'subscribed'] as const) {
        for (let step = 0; step < 10; step++) {
          const { user, room, topic } = someone();
          await store.commit([member(user, topic, 'r')]);
          await say(topic, 'a');
          const begin = await aWorld();
          const first = await begin.join(`/ws/?user=${user}`);
          const cursor = first.of('synced')[0]?.cursor;
          first.cut();
          await say(topic, 'b', 'c');
          let steps = 0;
          const at = async () => {
            if (steps++ !== step) return;
            await store.commit([member(user, topic, null)]);
            await say(topic, 'late');
          };
          const world = await aWorld({
            limits: { pageSize },
            reads: storeAround(store, ['roomMembership', 'changesSince', 'topicSnapshot'], at),
          });
          const query = { own: '', named: `&topics=${topic}`, subscribed: `&subscribe=${topic}` }[way];
          const path = way === 'own' ? pathOf(room) : '/ws/';
          const connection = await world.connect(`${path}?user=${user}${query}&cursor=${cursor}`);
          await until(() => connection.of('synced').length > 0 || connection.closed !== null);
          for (; steps <= step; ) await at();
          await world.settle();
          await until(() => connection.closed !== null || connection.of('unsubscribed').length > 0);
          expect(events(connection).join(), `${way}, step ${step}`).not.toContain('late');
          if (way === 'own') expect([403, 4403]).toContain(connection.closed?.code);
          else expect(connection.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
        }
      }
    });
  });

  describe('a token', () => {
    const aTokenWorld = () => aWorld({ jwtSecret: secret });

    test('gives rights in one room, or in all of a kind, to read or to send as well', async () => {
      const world = await aTokenWorld();
      const { user, room, topic } = someone();
      await say(topic, 'a');
      const may = async (grants: unknown, name = room) => {
        const connection = await world.join(`/ws/?token=${token({ sub: user, grants })}`);
        const read = await ask(connection, { action: 'subscribe', room: name });
        const sent = await ask(connection, { action: 'send', room: name, event: 'said', ephemeral: true });
        return [read.code ?? 'reads', sent.code ?? 'sends'];
      };
      expect(await may([`${room}:r`])).toEqual(['reads', 'forbidden']);
      expect(await may([`${room}:rw`])).toEqual(['reads', 'sends']);
      expect(await may('project:*:rw')).toEqual(['reads', 'sends']);
      expect(await may(['board:*:rw', `${room}0:rw`, `${room}:x`, room, 'project:rw'])).toEqual([
        'not_found',
        'not_found',
      ]);
      expect(await may(['a:b:c:r'], 'a:b:c')).toEqual(['reads', 'forbidden']);
      expect(await may(['project:*:r', `${room}:rw`])).toEqual(['reads', 'sends']);
    });

    test('is in the address in development, as roles are', async () => {
      const world = await aWorld();
      const { user, room } = someone();
      const connection = await world.join(`/ws/?user=${user}&grants=${room}:r,${room}-2:rw`);
      const sent = (name: string) => ask(connection, { action: 'send', room: name, event: 'said', ephemeral: true });
      expect((await sent(room)).code).toBe('forbidden');
      expect((await sent(`${room}-2`)).ephemeral).toBe(true);
      expect((await sent(`${room}-3`)).code).toBe('not_found');
    });

    test('that is renewed with less ends what it does not give any more, and nothing else', async () => {
      const world = await aTokenWorld();
      const { user, room, topic } = someone();
      const names = [room, `${room}-kept`, `${room}-member`];
      await store.commit([member(user, `${topic}-member`, 'r')]);
      const grants = names.map((name) => `${name}:r`);
      const connection = await world.join(`/ws/?token=${token({ sub: user, grants })}`);
      for (const name of names) await ask(connection, { action: 'subscribe', room: name });
      const renewed = token({ sub: user, grants: [`${room}-kept:r`] });
      expect(await ask(connection, { action: 'authenticate', token: renewed })).toMatchObject({ type: 'reply' });
      await until(() => connection.of('unsubscribed').length > 0);
      for (const name of names) await say(`room:${name}`, name);
      await world.settle();
      expect(connection.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
      expect(events(connection)).toEqual([`${room}-kept`, `${room}-member`]);
    });
  });

  describe('an application', () => {
    const yes = () => true;
    const aWorldThat = (authorize: WorldOptions['authorize'], clock = new ManualClock(Date.now())) =>
      aWorld({ authorize, clock });

    test('is asked anew for a user whose roles are others than a moment ago', async () => {
      const { user, room } = someone();
      const world = await aWorldThat(({ roles }) => roles.includes('staff'));
      const path = `${pathOf(room)}?user=${user}`;
      expect((await world.connect(path)).closed).toMatchObject({ code: 403 });
      const connection = await world.connect(`${path}&roles=staff`);
      expect(connection.closed).toBeNull();
      expect((await world.connect(`${path}&roles=`)).closed).toMatchObject({ code: 403 });
    });

    test('is asked who may follow and send, besides members', async () => {
      const asked: unknown[] = [];
      const { user, room, topic } = someone();
      const world = await aWorldThat(async (...question) => {
        asked.push(question);
        return question[1] === 'read';
      });
      await say(topic, 'a');
      const connection = await world.join(`/ws/?user=${user}&roles=staff`);
      expect(await ask(connection, { action: 'subscribe', room })).toMatchObject({ type: 'reply' });
      expect(events(connection)).toEqual(['a*']);
      expect(await ask(connection, { action: 'send', room, event: 'said' })).toMatchObject({ code: 'forbidden' });
      const who = { id: user, username: user, roles: ['staff'] };
      const [kind, id] = room.split(':');
      expect(asked).toEqual([
        [who, 'read', { kind, id }],
        [who, 'write', { kind, id }],
      ]);
      await store.commit([member(user, topic, 'rw')]);
      expect(await ask(connection, { action: 'send', room, event: 'said' })).toMatchObject({ type: 'reply' });
    });

    test('that says no ends what it gave within 5 s, and is asked no more than every 2 s for that', async () => {
      const clock = new ManualClock(Date.now());
      let answer = true;
      let asked = 0;
      const { user, room, topic } = someone();
      const world = await aWorldThat(() => {
        asked++;
        return answer;
      }, clock);
      const own = await world.join(`${pathOf(room)}?user=${user}`);
      const all = await world.join(`/ws/?user=${user}&topics=${topic}`);
      await until(() => all.of('subscribed').length > 0);
      for (let second = 0; second < 10; second++) {
        await clock.advance(1_000);
        await world.sweep();
        await tick();
      }
      expect(asked).toBeLessThanOrEqual(6);
      expect([own.closed, all.of('unsubscribed')]).toEqual([null, []]);
      answer = false;
      for (let second = 0; second < 4; second++) {
        await clock.advance(1_000);
        await world.sweep();
        await tick();
      }
      await until(() => own.closed !== null && all.of('unsubscribed').length > 0);
      expect(own.closed?.code).toBe(4403);
      expect(all.of('unsubscribed')).toMatchObject([{ room, code: 'not_found' }]);
      await say(topic, 'late');
      await world.settle();
      expect(events(all)).toEqual([]);
    });

    test.each([
      ['fails', () => Promise.reject(new Error('no database'))],
      ['answers no boolean', () => 'yes' as unknown as boolean],
      ['does not answer', () => new Promise<boolean>(() => {})],
    ])('that %s is an outage and no refusal, except for members', async (_how, fail) => {
      const clock = new ManualClock(Date.now());
      const { user, room, topic } = someone();
      let authorize: NonNullable<WorldOptions['authorize']> = fail;
      const world = await aWorldThat((...question) => authorize(...question), clock);
      const answered = async <T>(asked: Promise<T>): Promise<T> => {
        const timer = setInterval(() => clock.advance(500), 1);
        return asked.finally(() => clearInterval(timer));
      };
      const all = await world.join(`/ws/?user=${user}`);
      expect(await answered(ask(all, { action: 'subscribe', room }))).toMatchObject({ code: 'unavailable' });
      expect(await answered(ask(all, { action: 'send', room, event: 'said' }))).toMatchObject({ code: 'unavailable' });
      const refused = await answered(world.connect(`${pathOf(room)}?user=${user}`));
      expect(refused.closed?.code).toBe(503);
      const page = await answered(
        world.connect(`${pathOf(room)}?user=${user}`, () => {}, { origin: 'http://localhost' }),
      );
      expect(page.closed?.code).toBe(1013);
      expect(world.events).toContainEqual(expect.objectContaining({ type: 'failure', where: 'rooms.authorize' }));
      await store.commit([member(`${user}-m`, topic, 'r')]);
      const colleague = await answered(world.join(`${pathOf(room)}?user=${user}-m`));
      authorize = yes;
      await clock.advance(5_000);
      const own = await world.join(`${pathOf(room)}?user=${user}`);
      await ask(all, { action: 'subscribe', room });
      authorize = fail;
      for (let second = 0; second < 3; second++) {
        await clock.advance(1_000);
        await world.sweep();
        await tick();
      }
      clock.advance(2_000);
      await until(() => own.closed !== null && all.of('unsubscribed').length > 0);
      expect(own.closed?.code).toBe(1013);
      expect(all.of('unsubscribed')).toMatchObject([{ room, code: 'unavailable' }]);
      expect(colleague.closed).toBeNull();
    });
  });

  describe('an ephemeral event', () => {
    test('comes to who follows the room on any node, without id and rev, and is not stored', async () => {
      const shared = new MemoryEphemeral();
      const nodes = [await aWorld({ ephemeral: shared }), await aWorld({ ephemeral: shared })];
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'rw')]);
      const own = (await nodes[1]?.join(`${pathOf(room)}?user=${user}`)) as MemoryConnection;
      const all = (await nodes[0]?.join(`/ws/?user=${user}`)) as MemoryConnection;
      const send = { action: 'send', room, event: 'cursor', data: { id: 'x' }, ephemeral: true };
      const { head } = await store.head();
      expect(await ask(all, send)).toEqual({ type: 'reply', ref: expect.any(String), ephemeral: true });
      await tick();
      expect(own.of('ephemeral_event')).toEqual([
        {
          ...{ type: 'ephemeral_event', timestamp: expect.any(String), room, event: 'cursor', data: { id: 'x' } },
          from: { user_id: user, username: user },
        },
      ]);
      expect(events(all)).toEqual([]);
      await ask(all, { action: 'subscribe', room });
      await ask(all, send);
      await tick();
      expect([events(all), events(own)]).toEqual([['x'], ['x', 'x']]);
      expect((await store.head()).head).toBe(head);
      await ask(all, { action: 'unsubscribe', room });
      await ask(own, send);
      expect(events(all)).toEqual(['x']);
    });

    test('is not kept for a client that does not keep up, and is refused where it is too large', async () => {
      const world = await aWorld();
      const { user, room, topic } = someone();
      await store.commit([member(user, topic, 'rw')]);
      const [slow, other] = [await world.join(`${pathOf(room)}?user=${user}`), await world.join(`/ws/?user=${user}`)];
      const send = (id: string) => ask(other, { action: 'send', room, event: 'e', data: { id }, ephemeral: true });
      slow.stall(0);
      await say(topic, 'a', 'b');
      await world.settle();
      await say(topic, 'c');
      await world.settle();
      for (let n = 0; n < 50; n++) await send('lost');
      slow.flow();
      await tick();
      await send('seen');
      await tick();
      expect(events(slow)).toEqual(['a', 'b', 'c', 'seen']);
      expect(await send('x'.repeat(7_000))).toMatchObject({ code: 'payload_too_large' });
    });
  });
});
