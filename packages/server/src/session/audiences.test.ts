import { describe, expect, test } from 'vitest';
import { databases, withStore } from '../../testing/databases.ts';
import type { MemoryConnection } from '../../testing/memory-connection.ts';
import { ReferenceClient } from '../../testing/reference-client.ts';
import { bind, put, receipt, rights, storeAround, storeWith } from '../../testing/temp-store.ts';
import { inSeconds, secret, token } from '../../testing/tokens.ts';
import { tick, until, type World } from '../../testing/world.ts';
import { worldsOn } from '../../testing/worlds.ts';
import type { Store } from '../domain/ports.ts';

let store: Store;
let users = 0;
const someone = (): string => `u${++users}`;

const aWorld = worldsOn(() => store);

const ids = (frames: readonly { id?: string }[]): (string | undefined)[] => frames.map(({ id }) => id);
const told = (connection: MemoryConnection) =>
  connection.records.map(({ type, id, snapshot }) =>
    type.startsWith('topic_') ? type : `${id}${snapshot ? '*' : ''}`,
  );

/** Stores a notification for a role. @returns its id */
async function send(role: string, name: string, over: object = {}): Promise<string> {
  const id = `${role}-${name}`;
  const body = {
    type: 'user_message',
    id,
    timestamp: '2026-01-31T09:30:00.000Z',
    message: name,
    topic: `role:${role}`,
  };
  await store.commit([put({ id, topics: [`role:${role}`], body: JSON.stringify({ ...body, data: {} }), ...over })]);
  return id;
}

describe.each(databases)('on $name', ({ fixture }) => {
  withStore(fixture, (opened) => {
    store = opened;
  });

  describe('a role that is gained while connected', () => {
    test('comes with its newest records and what this user did with them, then live, and counts exactly', async () => {
      const world = await aWorld({ limits: { recent: 3 } });
      const user = someone();
      const role = `of-${user}`;
      for (const name of ['a', 'b', 'c', 'd', 'e']) await send(role, name);
      const topics = [`user:${user}`, 'everyone', `role:${role}`];
      await world.meet(`/ws/?user=${user}&roles=${role}`);
      await store.commit([
        receipt(user, { ids: [`${role}-e`], topics }),
        receipt(user, { ids: [`${role}-d`], topics, mark: 'archive' }),
      ]);
      await world.roles.set(user, []);
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      const connection = client.connection as MemoryConnection;
      expect(connection.records).toEqual([]);
      await world.roles.set(user, [role]);
      await until(() => connection.records.length === 4);
      expect(connection.of('topic_joined')[0]).toMatchObject({
        ...{ id: `audience:role:${role}`, topic: `role:${role}`, snapshot: true, unread_count: 3, categories: {} },
      });
      await send(role, 'f');
      await world.settle();
      // The archived one is not among them; the newest comes last.
      expect(told(connection)).toEqual(['topic_joined', ...['b*', 'c*', 'e*', 'f'].map((name) => `${role}-${name}`)]);
      const receipts = connection.records.map((frame) => (frame.receipt as { read_at: string } | undefined)?.read_at);
      expect(receipts).toEqual([undefined, undefined, undefined, expect.any(String), undefined]);
      client.apply();
      expect(client.count).toBe(4);
      expect(await store.counts(user)).toMatchObject({ unread: 4 });
    });

    test('is not vouched for by a cursor that was written before all of it was read', async () => {
      const world = await aWorld();
      const user = someone();
      const role = `of-${user}`;
      for (const name of ['a', 'b', 'c']) await send(role, name);
      for (let bytes = 100; bytes < 1_800; bytes += 100) {
        await world.roles.set(user, []);
        const client = new ReferenceClient(world, `/ws/?user=${user}`);
        await client.connect();
        await until(() => client.isSynced);
        client.connection?.stall(0);
        await world.roles.set(user, [role]);
        await store.commit([put({ topics: [`user:${user}`] })]);
        await until(() => (client.connection?.waiting ?? 0) > 0);
        await world.settle();
        client.connection?.take(bytes);
        client.connection?.cut();
        client.apply();
        await client.connect();
        await until(() => client.isSynced);
        client.apply();
        expect([...client.notes.keys()].filter((id) => id.startsWith(role))).toHaveLength(3);
        expect(client.count).toBe((await store.counts(user)).unread);
      }
    });

    test('is heard on all devices, by the token of any of them', async () => {
      const world = await aWorld({ jwtSecret: secret });
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      const path = `/ws/?token=${token({ sub: user, iat: inSeconds(-60) })}`;
      const [phone, laptop] = [await world.join(path), await world.join(path)];
      phone.say({ action: 'authenticate', token: token({ sub: user, roles: [role], iat: inSeconds(-30) }), ref: 1 });
      await until(() => laptop.records.length === 2 && phone.records.length === 2);
      expect(phone.of('reply')[0]).toMatchObject({ ref: 1, user_id: user, roles: [role] });
      await send(role, 'b');
      await world.settle();
      for (const connection of [phone, laptop]) {
        expect(told(connection)).toEqual(['topic_joined', `${role}-a*`, `${role}-b`]);
      }
    });

    test('holds nothing up for long: what is sent while it is read follows it, in order and once', async () => {
      const user = someone();
      const role = `of-${user}`;
      for (const name of ['a', 'b']) await send(role, name);
      const current: Store['topicSnapshot'] = async (...query) => {
        // Before the read, and after: an edit of what is there, what is new, and something personal.
        await send(role, 'a', { alert: 'keep', expect: undefined });
        await send(role, 'c');
        const found = await store.topicSnapshot(...query);
        await send(role, 'b', { alert: 'keep', expect: undefined });
        await store.commit([put({ id: `own-${user}`, topics: [`user:${user}`] })]);
        return found;
      };
      const world = await aWorld({ reads: storeWith(store, { topicSnapshot: current }) });
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      await world.roles.set(user, [role]);
      await until(() => client.connection?.records.some(({ id }) => id === `own-${user}`) === true);
      await world.settle();
      client.apply();
      expect(client.disorder).toEqual([]);
      expect(told(client.connection as MemoryConnection)).toEqual([
        ...['topic_joined', `${role}-b*`, `${role}-a*`, `${role}-c`, `${role}-b`, `own-${user}`],
      ]);
      expect(client.count).toBe(4);
    });

    test('two at once come one after the other; a subscription that waits comes behind them', async () => {
      const world = await aWorld();
      const user = someone();
      const roles = [`a-${user}`, `b-${user}`];
      for (const role of roles) await send(role, 'x');
      await world.context.tasks.report(`t-${user}`, { owner: user, progress: 1 });
      const connection = await world.join(`/ws/?user=${user}&replay=0`);
      await world.roles.set(user, roles);
      connection.say({ action: 'subscribe', task_id: `t-${user}`, ref: 1 });
      await until(() => connection.of('reply').length === 1);
      const order = connection.received.slice(2).map(({ type, topic, id }) => topic ?? id ?? type);
      const [a, b] = roles.map((role) => `role:${role}`);
      expect(order).toEqual([a, a, b, b, 'subscribed', `task:t-${user}`, 'reply']);
    });

    test('two at once, and what is sent to the second before the first is there, are all there and counted', async () => {
      const world = await aWorld();
      const user = someone();
      const roles = [`a-${user}`, `b-${user}`];
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      const gained = rights(user, roles, { issuedAt: Date.now() });
      await store.commit([gained, put({ id: `x-${user}`, topics: [`role:b-${user}`] })]);
      await until(() => client.connection?.of('unread_count').length === 1);
      client.apply();
      expect(ids(client.list)).toEqual([`x-${user}`]);
      expect(client.count).toBe(1);
    });

    test('counts what has expired while it was read', async () => {
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      const current: Store['topicSnapshot'] = async (...query) => {
        await send(role, 'a', { alert: 'keep', expired: true, expect: undefined });
        return store.topicSnapshot(...query);
      };
      const world = await aWorld({ reads: storeWith(store, { topicSnapshot: current }) });
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      await world.roles.set(user, [role]);
      await until(() => client.connection?.of('unread_count').length === 1);
      client.apply();
      expect(ids(client.list)).toEqual([`${role}-a`]);
      expect(client.count).toBe(0);
    });

    test.each(['while connected', 'while away'])(
      '%s: no older version follows its records, where the hub is late',
      async (when) => {
        const user = someone();
        const role = `of-${user}`;
        await send(role, 'a');
        let isBehind = false;
        const late: Parameters<World['broker']['publish']>[0][] = [];
        const current: Store['topicSnapshot'] = async (...query) => {
          isBehind = true;
          for (let n = 0; n < 2; n++) await send(role, 'a', { alert: 'keep', expect: undefined });
          const found = await store.topicSnapshot(...query);
          isBehind = false;
          setTimeout(() => {
            for (const batch of late) world.broker.publish(batch);
          }, 20);
          return found;
        };
        const world = await aWorld({ gapMs: 1_000, reads: storeWith(store, { topicSnapshot: current }) });
        const publish = world.broker.publish.bind(world.broker);
        world.broker.publish = (batch) => (isBehind ? void late.push(batch) : publish(batch));
        const client = new ReferenceClient(world, `/ws/?user=${user}`);
        await client.connect();
        await until(() => client.isSynced);
        client.apply();
        if (when === 'while away') client.connection?.cut();
        await world.roles.set(user, [role]);
        if (when === 'while away') await client.connect();
        await until(() => client.connection?.records.some(({ snapshot }) => snapshot) === true);
        await until(() => world.hub.position.rev >= (late.at(-1)?.to as number));
        await world.settle();
        const revs = client.connection?.records.filter(({ id }) => id === `${role}-a`).map(({ rev }) => rev as number);
        expect(revs?.at(-1)).toBe(late.at(-1)?.to);
        expect(revs).toEqual([...(revs ?? [])].sort((a, b) => a - b));
      },
    );

    test('sends the client back where its records cannot be read, with a cursor from before', async () => {
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      let isAway = true;
      const current: Store['topicSnapshot'] = (...query) =>
        isAway ? Promise.reject(new Error('away')) : store.topicSnapshot(...query);
      const world = await aWorld({ reads: storeWith(store, { topicSnapshot: current }) });
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      await world.roles.set(user, [role]);
      await until(() => !client.isUp);
      expect(client.connection?.closed?.code).toBe(1013);
      isAway = false;
      client.apply();
      await client.connect();
      await until(() => client.isSynced);
      client.apply();
      expect(ids(client.list)).toEqual([`${role}-a`]);
    });
  });

  describe('a role that is lost while connected', () => {
    test('is heard no more from that very rev on, and counts no more', async () => {
      const world = await aWorld();
      const user = someone();
      const [lost, kept] = [`lost-${user}`, `kept-${user}`];
      await world.meet(`/ws/?user=${user}&roles=${lost},${kept}`);
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      // All of it in one batch, as far as the disk lets it.
      const sent = [send(lost, 'before'), send(kept, 'before'), world.roles.set(user, [kept])];
      await Promise.all([...sent, send(lost, 'after'), send(kept, 'after')]);
      await world.settle();
      client.apply();
      const left = client.connection?.of('topic_left')[0];
      const after = client.connection?.records.filter(({ rev }) => (rev as number) > (left?.rev as number));
      expect(after?.some(({ topic }) => topic === `role:${lost}`)).toBe(false);
      expect(client.strangers).toEqual([]);
      expect(new Set(client.list.map(({ topic }) => topic))).toEqual(new Set([`role:${kept}`]));
      expect(client.count).toBe(2);
      expect(world.registry.ofUser(user)[0]?.identity.roles).toEqual([kept]);
    });

    test('takes the administrator’s part away at once, on sockets and on requests', async () => {
      const world = await aWorld({ jwtSecret: secret });
      const [admin, owner] = [someone(), someone()];
      const jwt = token({ sub: admin, roles: ['admin'], iat: inSeconds(-60) });
      const connection = await world.join(`/ws/?token=${jwt}`);
      const task_id = `of-${owner}`;
      connection.say({ action: 'subscribe', task_id, ref: 1 });
      await until(() => connection.of('reply').length === 1);
      await world.context.tasks.report(task_id, { owner, progress: 1 });
      await world.settle();
      expect(connection.of('task_update')).toHaveLength(1);
      await world.roles.set(admin, []);
      await world.context.tasks.report(task_id, { owner, progress: 2 });
      connection.say({ action: 'cancel_task', task_id, ref: 2 });
      await until(() => connection.of('error').length === 1);
      expect(connection.of('error')[0]).toMatchObject({ ref: 2, code: 'not_found' });
      expect(connection.of('task_update')).toHaveLength(1);
      expect((await world.authenticator.identify(jwt, Date.now())).roles).toEqual([]);
    });

    test('does not come back with an older token, whatever the device, nor with two tokens in turns', async () => {
      const world = await aWorld({ jwtSecret: secret });
      const user = someone();
      const role = `of-${user}`;
      const [old, young] = [
        token({ sub: user, roles: [role], iat: inSeconds(-60) }),
        token({ sub: user, roles: [], iat: inSeconds(-30) }),
      ];
      const device = await world.join(`/ws/?token=${old}`);
      for (const jwt of [young, old, young, old]) {
        const connection = await world.join(`/ws/?token=${jwt}`);
        expect(connection.of('connection_established')[0]?.roles).toEqual([]);
      }
      device.say({ action: 'authenticate', token: old, ref: 1 });
      await until(() => device.of('reply').length === 1);
      expect(device.of('reply')[0]?.roles).toEqual([]);
      await send(role, 'secret');
      await world.settle();
      expect(told(device)).toEqual(['topic_left']);
      await world.roles.set(user, [role]);
      await until(() => device.of('topic_joined').length === 1);
      expect(told(device)).toEqual(['topic_left', 'topic_joined', `${role}-secret*`]);
    });

    test('another node’s word is heard here', async () => {
      const [here, there] = [await aWorld(), await aWorld()];
      const user = someone();
      const role = `of-${user}`;
      const connection = await here.join(`/ws/?user=${user}&roles=${role}`);
      await there.roles.set(user, []);
      await until(() => connection.of('topic_left').length === 1);
      await there.meet(`/ws/?user=${user}&roles=${role}`);
      await until(() => connection.of('topic_joined').length === 1);
    });

    test('and regained in a stretch that the hub missed comes anew', async () => {
      const world = await aWorld();
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      const connection = await world.join(`/ws/?user=${user}&roles=${role}&replay=0`);
      const publish = world.broker.publish;
      world.broker.publish = () => {};
      await world.roles.set(user, []);
      await send(role, 'b');
      await world.roles.set(user, [role]);
      world.broker.publish = publish;
      await store.commit([put({ topics: ['user:nobody'] })]);
      await until(() => connection.of('topic_joined').length === 1);
      await world.settle();
      expect(told(connection).slice(-3)).toEqual(['topic_joined', `${role}-a*`, `${role}-b*`]);
    });
  });

  describe('what was sent to a role before the user’s time', () => {
    test.each(['before', 'after'])(
      'is not told when it is edited, where the user connects %s the role is gained',
      async (when) => {
        const world = await aWorld();
        const user = someone();
        const role = `of-${user}`;
        const at = 4e12 + 1e6 * ++users;
        const old = await send(role, 'old', { at });
        const gain = () => store.commit([rights(user, [role], { visibleFrom: at + 1 })]);
        if (when === 'after') await gain();
        const connection = await world.join(`/ws/?user=${user}`);
        if (when === 'before') await gain();
        await send(role, 'new');
        await send(role, 'old', { alert: 'keep', expect: undefined });
        await send(role, 'newest');
        await until(() => ids(connection.records).includes(`${role}-newest`));
        const heard = told(connection).filter((one) => !one.startsWith('topic_'));
        expect(heard).toEqual([`${role}-new`, `${role}-newest`]);
        await send(role, 'old', { expect: undefined });
        await until(() => ids(connection.records).includes(old));
      },
    );
  });

  describe('a role that is gained or lost while away', () => {
    test('comes as a snapshot, with what is older than the cursor, and goes as topic_left', async () => {
      const world = await aWorld();
      const user = someone();
      const [lost, gained] = [`lost-${user}`, `gained-${user}`];
      await send(gained, 'old');
      await world.meet(`/ws/?user=${user}&roles=${lost}`);
      const client = new ReferenceClient(world, `/ws/?user=${user}`);
      await client.connect();
      await until(() => client.isSynced);
      await send(lost, 'seen');
      await world.settle();
      client.apply();
      expect(ids(client.list)).toEqual([`${lost}-seen`]);
      client.connection?.cut();
      await send(lost, 'secret');
      await send(gained, 'between');
      await world.roles.set(user, [gained]);
      await send(lost, 'later');
      await send(gained, 'newest');
      await client.connect();
      await until(() => client.isSynced);
      client.apply();
      expect(ids(client.list)).toEqual(['newest', 'between', 'old'].map((name) => `${gained}-${name}`));
      expect(client.count).toBe(3);
      expect(client.connection?.of('connection_established')[0]?.roles).toEqual([gained]);
      const wire = JSON.stringify(client.connection?.received);
      expect(wire).not.toContain('secret');
      expect(wire).not.toContain('later');
      expect(client.connection?.records.every(({ replayed }) => replayed)).toBe(true);
      const again = await world.join(`/ws/?user=${user}&cursor=${client.cursor}`);
      expect(again.records).toEqual([]);
    });

    test.each([
      ['gained', 'small'],
      ['lost', 'small'],
      ['gained', 'large'],
      ['lost', 'large'],
    ])('%s at any step of connecting, with pages that are %s', async (way, size) => {
      for (let step = 0; step < 14; step++) {
        const user = someone();
        const role = `of-${user}`;
        for (let n = 0; n < 6; n++) await send(role, `old-${n}`);
        let steps = -1;
        const at = async () => {
          if (steps >= 0 && steps++ === step) await world.roles.set(user, way === 'gained' ? [role] : []);
        };
        const world = await aWorld({
          limits: { pageSize: size === 'small' ? 2 : 500 },
          reads: storeAround(store, ['changesSince', 'topicSnapshot'], at),
        });
        await world.meet(`/ws/?user=${user}&roles=${way === 'lost' ? role : ''}`);
        const client = new ReferenceClient(world, `/ws/?user=${user}`);
        await client.connect();
        await until(() => client.isSynced);
        client.apply();
        client.connection?.cut();
        await store.commit(Array.from({ length: 5 }, (_, n) => put({ id: `${user}-${n}`, topics: [`user:${user}`] })));
        await send(role, 'new');
        steps = 0;
        await client.connect();
        await until(() => client.isSynced);
        for (; steps <= step; ) await at();
        await until(() => world.registry.ofUser(user)[0]?.identity.roles.length === (way === 'gained' ? 1 : 0));
        await send(role, 'newest');
        const expected = way === 'gained' ? 8 : 0;
        // The notifications of a joined role are read before later ones are sent.
        await until(() => {
          client.apply();
          return client.list.filter(({ topic }) => topic !== null).length === expected;
        });
        await world.settle();
        client.apply();
        expect(client.list).toHaveLength(expected + 5);
        expect([client.count, client.disorder, client.strangers]).toEqual([expected + 5, [], []]);
      }
    });

    test('a person without a cursor begins with the roles that hold by then', async () => {
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      let isFirst = true;
      const fresh: Store['initialSnapshot'] = async (query) => {
        const found = await store.initialSnapshot(query);
        if (isFirst) {
          isFirst = false;
          await world.roles.set(user, []);
        }
        return found;
      };
      const world = await aWorld({ reads: storeWith(store, { initialSnapshot: fresh }) });
      const connection = await world.join(`/ws/?user=${user}&roles=${role}`);
      await world.settle();
      await send(role, 'b');
      await world.settle();
      expect(told(connection)).toEqual([`${role}-a*`, 'topic_left']);
      expect(connection.of('synced')[0]).toMatchObject({ unread_count: 0 });
    });
  });

  describe('roles', () => {
    test.each([
      'a b',
      'r;ö"\\/%',
      '\u202eright to left\u202c',
      '🦉',
      "'; drop table users; --",
      '%_',
      '__proto__',
      'role:x',
      'x'.repeat(256),
    ])('of any name are heard, lost and gained: %j', async (role) => {
      const world = await aWorld({ jwtSecret: secret });
      const user = someone();
      const at = (seconds: number, roles: unknown) => token({ sub: user, roles, iat: inSeconds(seconds) });
      const connection = await world.join(`/ws/?token=${at(-60, [role, role])}`);
      expect(connection.of('connection_established')[0]?.roles).toEqual([role]);
      await send(role, user);
      await world.settle();
      expect(told(connection)).toContain(`${role}-${user}`);
      connection.say({ action: 'authenticate', token: at(-50, []), ref: 1 });
      await until(() => connection.of('topic_left').length === 1);
      connection.say({ action: 'authenticate', token: at(-40, [role]), ref: 2 });
      await until(() => connection.of('reply').length === 2 && told(connection).at(-1) === `${role}-${user}*`);
      expect(connection.of('topic_joined')[0]?.topic).toBe(`role:${role}`);
    });

    test('that no database keeps, or that are no names, are nobody’s', async () => {
      const world = await aWorld({ jwtSecret: secret });
      const roles = ['good', 7, 'nul\u0000', 'half \ud800', '', 'x'.repeat(257), null, ['nested'], { toString: 'x' }];
      const connection = await world.join(`/ws/?token=${token({ sub: someone(), roles })}`);
      expect(connection.of('connection_established')[0]?.roles).toEqual(['good', '7']);
    });

    test('do no harm on a path that hears personal records only', async () => {
      const world = await aWorld();
      const user = someone();
      const role = `of-${user}`;
      await send(role, 'a');
      const connection = await world.join(`/ws/tasks/?user=${user}`);
      await world.roles.set(user, [role]);
      await send(role, 'b');
      await store.commit([put({ id: `own-${user}`, topics: [`user:${user}`] })]);
      await world.settle();
      expect(told(connection)).toEqual(['topic_joined', `own-${user}`]);
      expect(world.registry.ofUser(user)[0]?.identity.roles).toEqual([role]);
    });

    test('of one user are not another’s, by whatever name they come', async () => {
      const world = await aWorld();
      const [mine, other] = [someone(), someone()];
      const connection = await world.join(`/ws/?user=${other}`);
      await store.commit([bind(mine, `name-${mine}`)]);
      await world.meet(`/ws/?user=${mine}&roles=secret-${mine}`);
      await send(`secret-${mine}`, 'a');
      await world.settle();
      for (let n = 0; n < 3; n++) await tick();
      expect(connection.records).toEqual([]);
    });
  });
});
