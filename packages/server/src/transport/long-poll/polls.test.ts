import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../../testing/frame-clients.ts';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({
    auth: { apiKeys: [apiKey], allowedOrigins: ['https://app.example.com'] },
    limits: { maxConnectionsPerUser: 2, pageSize: 10 },
  });
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `p${++users}`;
const send = (user: string, message: string) =>
  server.call('POST', '/api/v1/notifications', { to: { user }, type: 'user_message', message });
const connectionsOf = async (user: string) =>
  (await server.call('GET', `/api/v1/users/${user}/connections`)).body.connections as unknown[];

async function poll(user: string, query: Record<string, string | number>): Promise<Frame[]> {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
  );
  const answer = await server.callAs(user, 'GET', `/api/v1/sync?${search}`);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
}

const typesOf = (frames: readonly Frame[]) => frames.map(({ type }) => type);
const textsOf = (frames: readonly Frame[]) => frames.flatMap(({ message }) => message ?? []);
const cursorOf = (frames: readonly Frame[]) => frames.findLast(({ cursor }) => cursor)?.cursor as string;

describe('a long poll', () => {
  test('without a cursor is answered at once, and has one', async () => {
    const user = someone();
    expect(typesOf(await poll(user, { wait: 60 }))).toEqual(['connection_established', 'synced']);
    await send(user, 'held');
    const frames = await poll(user, { wait: 60 });
    expect(typesOf(frames)).toEqual(['connection_established', 'user_message', 'synced']);
    expect(cursorOf(frames)).toBe(frames.at(-1)?.cursor);
  });

  test('with a cursor waits for news of its user, which end it; then it is over for the server too', async () => {
    const user = someone();
    const cursor = cursorOf(await poll(user, { wait: 0 }));
    const waiting = poll(user, { cursor, wait: 60 });
    await expect.poll(() => connectionsOf(user)).toHaveLength(1);
    await send(someone(), 'of somebody else');
    await send(user, 'news');
    const frames = await waiting;
    expect(textsOf(frames)).toEqual(['news']);
    expect(cursorOf(frames)).toBe(frames.at(-1)?.cursor);
    expect(await connectionsOf(user)).toEqual([]);
  });

  test('says who is in its rooms when its time is over, and at once if it has none', async () => {
    const user = someone();
    const authorization = `Bearer ${token({ sub: user, grants: ['project:polled:r'] })}`;
    const ask = async (query: string): Promise<Frame[]> => {
      const path = `/api/v1/sync?topics=room:project:polled&${query}`;
      return (await server.call('GET', path, undefined, { authorization })).body;
    };
    const presenceIn = (frames: readonly Frame[]) => frames.filter(({ type }) => type === 'presence');
    const first = await ask('wait=0');
    const members = { [user]: { username: user, sessions: { poll: {} } } };
    expect(presenceIn(first)).toMatchObject([{ room: 'project:polled', members }]);
    const second = await ask(`wait=1&cursor=${cursorOf(first)}`);
    expect(presenceIn(second)).toMatchObject([{ room: 'project:polled', members }]);
  });

  test('is answered without news when its time is over, and at once if it has none', async () => {
    const user = someone();
    const first = await poll(user, { wait: 0 });
    for (const wait of [0, 1]) {
      const frames = await poll(user, { cursor: cursorOf(first), wait });
      expect(typesOf(frames)).toEqual(['connection_established', 'synced']);
      expect(frames[0]).toMatchObject({ recovered: true, cursor: cursorOf(first) });
    }
  });

  test('is answered alike when it is asked again: an answer that was lost is no loss', async () => {
    const user = someone();
    const cursor = cursorOf(await poll(user, {}));
    await send(user, 'one');
    const answers = [await poll(user, { cursor }), await poll(user, { cursor })];
    expect(answers.map(textsOf)).toEqual([['one'], ['one']]);
    expect(answers.map(cursorOf)[0]).toBe(answers.map(cursorOf)[1]);
  });

  test('brings what is far behind in parts, each with its cursor', async () => {
    const user = someone();
    let cursor = cursorOf(await poll(user, {}));
    const texts = Array.from({ length: 95 }, (_, n) => `${n}`);
    const items = texts.map((message) => ({ to: { user }, type: 'user_message', message }));
    await server.call('POST', '/api/v1/notifications/batch', items);
    const received: unknown[] = [];
    let answers = 0;
    for (; received.length < 95; answers++) {
      const frames = await poll(user, { cursor });
      expect(cursorOf(frames)).not.toBe(cursor);
      cursor = cursorOf(frames);
      received.push(...textsOf(frames));
    }
    expect(received).toEqual(texts);
    expect(answers).toBe(10);
  });

  test('brings all of a task that its address names, before it is answered', async () => {
    const user = someone();
    const task = `of-${user}`;
    await server.call('PATCH', `/api/v1/tasks/${task}`, { progress: 5 });
    const first = await poll(user, { topics: `task:${task}` });
    expect(typesOf(first)).toEqual(['connection_established', 'synced', 'subscribed', 'task_update', 'ping']);
    const other = await poll(user, { cursor: cursorOf(first), subscribe: `task:${task}`, wait: 60 });
    expect(typesOf(other)).toEqual(['connection_established', 'synced', 'subscribed', 'task_update', 'ping']);
  });

  test('counts as a connection, which a back end may end: then its answer is complete, and the next is refused', async () => {
    const user = someone();
    const cursor = cursorOf(await poll(user, {}));
    const waiting = [1, 2].map(() => poll(user, { cursor, wait: 60 }));
    await expect.poll(() => connectionsOf(user)).toHaveLength(2);
    const refused = await server.callAs(user, 'GET', '/api/v1/sync');
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await server.call('POST', '/api/v1/tokens/revoke', { user });
    for (const frames of await Promise.all(waiting)) {
      expect(typesOf(frames)).toEqual(['connection_established', 'synced', 'connection_closed']);
      expect(frames.at(-1)).toMatchObject({ code: 4401 });
    }
    expect(await server.callAs(user, 'GET', `/api/v1/sync?cursor=${cursor}`)).toMatchObject({ status: 401 });
  });

  test('leaves its user connected when it is answered', async () => {
    const user = someone();
    const isThere = async () => {
      const { users } = (await server.call('GET', '/api/v1/connections')).body as { users: { user_id: string }[] };
      return users.filter(({ user_id }) => user_id === user).length;
    };
    expect(await isThere()).toBe(0);
    await poll(user, {});
    expect(await isThere()).toBe(1);
    const sent = await server.call('POST', '/api/v1/notifications', { to: { connected: true }, title: 'Who is there' });
    const { body } = await server.callAs(user, 'GET', '/api/v1/inbox');
    expect(body.items.map(({ id }: { id: string }) => id)).toContain(sent.body.id);
  });

  test('whose client has gone is no connection any more', async () => {
    const user = someone();
    const cursor = cursorOf(await poll(user, {}));
    const gone = new AbortController();
    const url = `${server.url}/api/v1/sync?token=${token({ sub: user })}&cursor=${cursor}&wait=60`;
    const cut = expect(fetch(url, { signal: gone.signal }).then((answer) => answer.text())).rejects.toThrow();
    await expect.poll(() => connectionsOf(user)).toHaveLength(1);
    gone.abort();
    await cut;
    await expect.poll(() => connectionsOf(user)).toEqual([]);
  });

  test('is kept by no cache', async () => {
    const { headers } = await server.callAs(someone(), 'GET', '/api/v1/sync?wait=0');
    expect([headers.get('cache-control'), headers.get('content-type')]).toEqual([
      ...['no-store', 'application/json; charset=utf-8'],
    ]);
  });

  test('for the head alone is answered at once', async () => {
    const answer = await fetch(`${server.url}/api/v1/sync?token=${token({ sub: '1' })}`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  test.each([
    ['no token', '', {}, 401, 'unauthenticated'],
    ['another origin', '', { origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['frames that are too small', `?max_frame=5&token=${token({ sub: '1' })}`, {}, 400, 'bad_request'],
    ['an hour', `?wait=3600&token=${token({ sub: '1' })}`, {}, 400, 'bad_request'],
  ])('is refused with %s', async (_name, query, headers, status, code) => {
    const answer = await server.call('GET', `/api/v1/sync${query}`, undefined, { authorization: '', ...headers });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  test('is unavailable while it cannot be told who asks', async () => {
    const broken = await RunningServer.start({
      auth: { authenticate: () => Promise.reject(new Error('the sessions are out of reach')) },
    });
    try {
      const answer = await broken.call('GET', '/api/v1/sync', undefined, { authorization: '', cookie: 'session=1' });
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    } finally {
      await broken.stop();
    }
  });
});
