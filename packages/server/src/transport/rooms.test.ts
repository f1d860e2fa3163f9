import { expect, onTestFinished, test } from 'vitest';
import { onDeployments } from '../../testing/deployments.ts';
import { type ClientTransport, ResumingClient } from '../../testing/frame-clients.ts';
import type { RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

let made = 0;

onDeployments(contract);

/** A room by any transport: what is sent goes to the first node, and clients connect to the last, then to any. */
function contract(transport: ClientTransport, nodesOf: () => readonly RunningServer[]): void {
  const first = () => nodesOf()[0] as RunningServer;
  const last = () => nodesOf().at(-1) as RunningServer;
  const someone = () => {
    const name = `x${++made}`;
    return { user: `u-${name}`, room: `project:${name}`, path: `/api/v1/rooms/project/${name}` };
  };
  const call = async (method: string, path: string, body?: unknown) => {
    const { status, body: answer } = await first().call(method, path, body);
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
    return answer;
  };
  const say = (path: string, text: string, more: object = {}) =>
    call('POST', `${path}/events`, { event: 'said', data: { text }, ...more });
  const textsOf = (client: ResumingClient) =>
    client.of('room_event').map(({ data, snapshot }) => `${(data as { text: string }).text}${snapshot ? '*' : ''}`);
  function connect(user: string, query: Record<string, string>, claims: object = {}): ResumingClient {
    const client = new ResumingClient();
    client.connect(transport, last(), token({ sub: user, ...claims }), query);
    onTestFinished(() => client.cut());
    return client;
  }

  test('a room begins with its latest events, and goes on live, in order and once', async () => {
    const { user, room, path } = someone();
    await call('PUT', `${path}/members/${user}`, { access: 'r' });
    await say(path, 'before');
    const client = connect(user, { topics: `room:${room}` });
    await expect.poll(() => textsOf(client)).toEqual(['before*']);
    for (let n = 0; n < 20; n++) await say(path, `${n}`);
    const expected = ['before*', ...Array.from({ length: 20 }, (_, n) => `${n}`)];
    await expect.poll(() => textsOf(client)).toEqual(expected);
    expect(client.of('room_event').at(-1)).toMatchObject({ room, event: 'said', from: null });
  });

  test('who is in a room is told on all nodes, and read by back ends', async () => {
    const { user, room, path } = someone();
    const other = `${user}-2`;
    for (const one of [user, other]) await call('PUT', `${path}/members/${one}`, { access: 'r' });
    const there = async () =>
      ((await call('GET', `${path}/presence`)).items as { user_id: string }[]).map(({ user_id }) => user_id).sort();
    const client = connect(user, { topics: `room:${room}` });
    await expect.poll(there).toEqual([user]);
    const second = new ResumingClient();
    onTestFinished(() => second.cut());
    second.connect(transport, first(), token({ sub: other }), { topics: `room:${room}` });
    await expect.poll(there).toEqual([user, other]);
    await expect.poll(() => client.has('presence'), { interval: 5 }).toBe(true);
    await call('DELETE', `${path}/members/${other}`);
    await expect.poll(there, { timeout: 4_500 }).toEqual([user]);
  });

  test('what one does there is told on all nodes, whichever it is said to, and is kept as one comes back', async () => {
    const { user, room, path } = someone();
    await call('PUT', `${path}/members/${user}`, { access: 'r' });
    const states = async () => {
      const items = (await call('GET', `${path}/presence`)).items as { sessions: Record<string, object> }[];
      return items.flatMap(({ sessions }) => Object.values(sessions));
    };
    const query = { topics: `room:${room}` };
    const client = connect(user, query);
    await expect.poll(states, { timeout: 10_000 }).toEqual([{}]);
    await client.act({ action: 'presence', room, state: { line: 1 } }, first());
    await expect.poll(states, { timeout: 10_000 }).toEqual([{ line: 1 }]);
    await until(() => client.has('ping') || client.take().cursor !== null);
    client.cut();
    client.connect(transport, first(), token({ sub: user }), query);
    await until(() => client.has('synced'));
    if (transport.name === 'WebSocket') await client.act({ action: 'presence', room, state: { line: 1 } }, first());
    expect(await states()).toEqual([{ line: 1 }]);
    await client.act({ action: 'presence', room, state: { line: 2 } }, last());
    await expect.poll(states, { timeout: 10_000 }).toEqual([{ line: 2 }]);
  });

  test('a client that is cut again and again gets each event once and in order, whoever sends', async () => {
    const { user, room, path } = someone();
    const claims = { grants: [`${room}:rw`] };
    const query = { topics: `room:${room}` };
    const jwt = token({ sub: user, ...claims });
    const client = connect(user, query, claims);
    await until(() => client.has('subscribed'));
    await until(() => client.has('ping'));
    for (let n = 0; n < 30; n++) {
      if (n % 2 === 0) await say(path, `${n}`);
      else {
        const action = { action: 'send', room, event: 'said', data: { text: `${n}` } };
        const { status } = await first().call('POST', '/api/v1/actions', action, { authorization: `Bearer ${jwt}` });
        expect(status).toBe(200);
      }
      if (n % 7 === 3) client.cut();
      if (n % 7 === 5) client.connect(transport, nodesOf()[n % nodesOf().length] as RunningServer, jwt, query);
    }
    client.connect(transport, first(), jwt, query);
    const expected = Array.from({ length: 30 }, (_, n) => `${n}`);
    await expect.poll(() => textsOf(client)).toEqual(expected);
  });

  test('a right that ends, ends live and in catch-up; the others go on', async () => {
    const { user, room, path } = someone();
    const other = someone();
    for (const one of [path, other.path]) await call('PUT', `${one}/members/${user}`, { access: 'rw' });
    const query = { topics: `room:${room},room:${other.room}` };
    const client = connect(user, query);
    await until(() => client.has('subscribed') && client.has('ping'));
    await say(path, 'a');
    await say(other.path, 'x');
    await expect.poll(() => textsOf(client)).toEqual(['a', 'x']);
    const left = await call('DELETE', `${path}/members/${user}`);
    expect(left).toEqual({ room, user_id: user });
    await say(path, 'late');
    await say(other.path, 'y');
    await expect.poll(() => textsOf(client)).toEqual(['a', 'x', 'y']);
    expect(client.of('topic_left')).toMatchObject([{ topic: `room:${room}` }]);
    client.cut();
    await say(path, 'later');
    await say(other.path, 'z');
    client.connect(transport, first(), token({ sub: user }), query);
    await until(() => client.has('unsubscribed'));
    await expect.poll(() => textsOf(client)).toEqual(['a', 'x', 'y', 'z']);
  });

  test('an ephemeral event comes to who is there, and is never sent again', async () => {
    const { user, room, path } = someone();
    const client = connect(user, { topics: `room:${room}` }, { grants: ['project:*:r'] });
    await until(() => client.has('subscribed'));
    const sent = async () => {
      // By polling nobody is there between two answers: so it is sent until it comes.
      expect(await say(path, 'typing', { ephemeral: true })).toEqual({ ephemeral: true });
      return client.has('ephemeral_event');
    };
    await expect.poll(sent).toBe(true);
    client.cut();
    client.connect(transport, first(), token({ sub: user, grants: ['project:*:r'] }), { topics: `room:${room}` });
    await say(path, 'kept');
    await expect.poll(() => textsOf(client)).toEqual(['kept']);
    expect((await call('GET', `${path}/events`)).items).toHaveLength(1);
  });
}
