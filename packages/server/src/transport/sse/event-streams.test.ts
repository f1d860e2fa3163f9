import { connect } from 'node:net';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { inSeconds, token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

const origin = 'https://app.example.com';
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({
    auth: { apiKeys: [apiKey], allowedOrigins: [origin], clockToleranceSeconds: 0 },
    limits: { maxConnectionsPerUser: 3, outboxBytes: 65_536 },
  });
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `e${++users}`;
const send = (user: string, message: string, more: object = {}) =>
  server.call('POST', '/api/v1/notifications', { to: { user }, type: 'user_message', message, ...more });
const messagesOf = (frames: readonly Record<string, unknown>[]): unknown[] =>
  frames.filter(({ type }) => type === 'user_message').map(({ message }) => message);

describe('a stream of events', () => {
  test('is what no cache keeps, and no proxy gathers or compresses, and begins at once', async () => {
    const stream = server.stream(someone());
    await stream.got('synced');
    expect(stream.head).toMatchObject({
      status: 200,
      headers: {
        ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' },
        ...{ 'content-encoding': 'identity', 'x-accel-buffering': 'no', 'x-content-type-options': 'nosniff' },
      },
    });
    expect(stream.text).toMatch(/^retry: \d+\ndata: \{"type":"connection_established",.*\}\nid:\n\n/);
    expect(stream.retry).toBeGreaterThanOrEqual(1_000);
  });

  test('has each frame as one event with an id: the cursor that its client holds then', async () => {
    const user = someone();
    await send(user, 'before');
    const stream = server.stream(user);
    await stream.got('synced');
    await send(user, 'ü\n\r\u0085\u2028\u2029 live');
    await stream.got('user_message', 2);
    expect(stream.frames.map(({ type }) => type)).toEqual([
      ...['connection_established', 'user_message', 'synced', 'user_message'],
    ]);
    const { cursor: synced } = stream.of('synced')[0] as { cursor: string };
    const { cursor: live } = stream.of('user_message')[1] as { cursor: string };
    expect(stream.events.map(({ id }) => id)).toEqual(['', '', synced, live]);
    expect(stream.events.every(({ hasId }) => hasId)).toBe(true);
    expect(messagesOf(stream.frames)).toEqual(['before', 'ü\n\r\u0085\u2028\u2029 live']);
    // Some clients take them for ends of lines.
    expect(stream.text).not.toMatch(/[\u0085\u2028\u2029]/);
  });

  test('resumes from Last-Event-ID, which goes before the cursor in the address; frames without a cursor repeat the one resumed from', async () => {
    const user = someone();
    const first = server.stream(user);
    await first.got('synced');
    await send(user, 'one');
    await first.got('user_message');
    const early = first.events[1]?.id as string;
    first.cut();
    await send(user, 'two');
    await send(user, 'three');
    const second = server.stream(user, `/api/v1/events?cursor=${early}`, { 'last-event-id': first.lastEventId });
    await second.got('synced');
    expect(second.frames[0]).toMatchObject({ recovered: true, cursor: first.lastEventId });
    expect(messagesOf(second.frames)).toEqual(['two', 'three']);
    expect(second.events.slice(0, 3).map(({ id }) => id)).toEqual(Array(3).fill(first.lastEventId));
    const third = server.stream(user, `/api/v1/events?cursor=${early}`, { 'last-event-id': '' });
    await third.got('synced');
    expect(messagesOf(third.frames)).toEqual(['one', 'two', 'three']);
  });

  test.each(['x', 't1:5:AAAAAAAA'])('begins anew where the id %s is none of the user’s', async (id) => {
    const user = someone();
    await send(user, 'held');
    const stream = server.stream(user, '/api/v1/events', { 'last-event-id': id });
    await stream.got('synced');
    expect(stream.frames[0]).toMatchObject({ recovered: false, cursor: null });
    expect(stream.events[0]?.id).toBe('');
    expect(stream.of('user_message')[0]).toMatchObject({ message: 'held', snapshot: true });
  });

  test('counts nothing as delivered that it has written, but what a cursor is past', async () => {
    const user = someone();
    const items = Array.from({ length: 30 }, (_, n) => ({ to: { user }, type: 'user_message', message: `${n}` }));
    await server.call('POST', '/api/v1/notifications/batch', items);
    const first = server.stream(user);
    await first.got('synced');
    first.cut();
    await until(() => first.isOver);
    const again = server.stream(user);
    await again.got('synced');
    expect(again.of('user_message')).toHaveLength(30);
    const resumed = server.stream(user, '/api/v1/events', { 'last-event-id': again.lastEventId });
    await resumed.got('synced');
    resumed.cut();
    await expect
      .poll(async () => {
        const fresh = server.stream(user);
        await fresh.got('synced');
        fresh.cut();
        return fresh.of('user_message').length;
      })
      .toBe(20);
  });

  test('follows the tasks that its address names', async () => {
    const user = someone();
    const task = `task-of-${user}`;
    await server.call('PATCH', `/api/v1/tasks/${task}`, { progress: 10 });
    const stream = server.stream(user, `/api/v1/events?topics=task:${task}`);
    await stream.got('task_update');
    expect(stream.of('subscribed')).toMatchObject([{ task_id: task }]);
    await server.call('PATCH', `/api/v1/tasks/${task}`, { progress: 20 });
    expect(await stream.got('task_update', 2)).toMatchObject({ progress: 20 });
    stream.cut();
    await server.call('PATCH', `/api/v1/tasks/${task}`, { status: 'completed', result: { rows: 7 } });
    const next = server.stream(user, `/api/v1/events?topics=task:${task}`, { 'last-event-id': stream.lastEventId });
    expect(await next.got('task_complete')).toMatchObject({ replayed: true, result: { rows: 7 } });
  });

  test('shows that it lives at least as often as the client asks', async () => {
    const stream = server.stream(someone(), '/api/v1/events?ping=4');
    await stream.got('ping', 2);
    expect(stream.text.match(/^:$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(stream.of('ping')[0]).toMatchObject({ cursor: stream.of('synced')[0]?.cursor });
  }, 20_000);

  test('sends a larger frame than the client takes truncated', async () => {
    const user = someone();
    const stream = server.stream(user, '/api/v1/events?max_frame=8192');
    await stream.got('synced');
    await send(user, 'long', { data: { text: 'x'.repeat(10_000) } });
    expect(await stream.got('user_message')).toMatchObject({ truncated: true, url: /^\/api/ });
  });

  test('is a connection as others are: it is listed, counts, and ends when a back end says so', async () => {
    const user = someone();
    const streams = [1, 2].map(() => server.stream(user));
    for (const stream of streams) await stream.got('synced');
    const socket = await server.join(user);
    const { body } = await server.call('GET', `/api/v1/users/${user}/connections?probe=true`);
    expect(body.connections.map(({ path }: { path: string }) => path).sort()).toEqual([
      ...['/api/v1/events', '/api/v1/events', '/ws/'],
    ]);
    const refused = await server.stream(user).over();
    expect(refused).toMatchObject({ head: { status: 200 }, closed: { code: 4409 }, isComplete: true });
    expect(refused.retry).toBeGreaterThanOrEqual(5_000);
    const ended = await server.call('POST', `/api/v1/users/${user}/disconnect`, { reason: 'a break' });
    expect(ended.body).toEqual({ disconnected: 3 });
    for (const stream of streams) {
      await stream.over();
      expect(stream).toMatchObject({ closed: { code: 4403, reason: 'a break' }, isComplete: true });
    }
    await until(() => socket.closed !== null);
    expect(socket.closed).toMatchObject({ code: 4403 });
    expect((await server.call('GET', `/api/v1/users/${user}/connections`)).body.connections).toEqual([]);
  });

  test('ends with 4401 where its token expires, and as soon as it is revoked', async () => {
    const [expires, revoked] = [someone(), someone()];
    const short = server.read(`/api/v1/events?token=${token({ sub: expires, exp: inSeconds(2) })}`, {});
    const other = server.stream(revoked);
    for (const stream of [short, other]) await stream.got('synced');
    await server.call('POST', '/api/v1/tokens/revoke', { user: revoked });
    expect((await other.over()).closed).toMatchObject({ code: 4401 });
    expect((await short.over()).closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
    expect(await server.stream(revoked).over()).toMatchObject({ head: { status: 401 } });
  });

  test('costs others nothing where its client does not read: it is closed, and resumes', async () => {
    const user = someone();
    const [slow, quick] = [server.stream(user), server.stream(user)];
    for (const stream of [slow, quick]) await stream.got('synced');
    const { lastEventId } = slow;
    slow.response?.pause();
    for (let n = 0; n < 40; n++) await send(user, `${n}`, { data: { text: 'x'.repeat(200_000) } });
    await quick.got('user_message', 40);
    const connections = () => server.call('GET', `/api/v1/users/${user}/connections`);
    await expect.poll(async () => (await connections()).body.connections.length).toBe(1);
    slow.response?.resume();
    await slow.over();
    const resumed = server.stream(user, '/api/v1/events', { 'last-event-id': lastEventId });
    await resumed.got('synced');
    expect(messagesOf(resumed.frames)).toEqual(Array.from({ length: 40 }, (_, n) => `${n}`));
  }, 30_000);
});

describe('a request for a stream', () => {
  test.each([
    ['the Authorization header', (jwt: string) => ({ authorization: `Bearer ${jwt}` }), ''],
    ['the cookie', (jwt: string) => ({ cookie: `a=b; tidings_token=${jwt}` }), ''],
    ['the query', () => ({}), '?token='],
  ])('brings its token in %s', async (_name, headersOf, query) => {
    const user = someone();
    const jwt = token({ sub: user });
    const stream = server.read(`/api/v1/events${query && `${query}${jwt}`}`, headersOf(jwt));
    expect(await stream.got('connection_established')).toMatchObject({ user_id: user });
  });

  test.each([
    ['no token', '', {}, 401, 'unauthenticated'],
    ['a token that is none', '?token=x', {}, 401, 'unauthenticated'],
    ['a frame that is to come', '?auth=frame', {}, 400, 'bad_request'],
    ['another origin', '', { origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['no origin at all', '', { origin: 'null' }, 403, 'origin_not_allowed'],
    ['frames that are too small', `?max_frame=5&token=${token({ sub: '1' })}`, {}, 400, 'bad_request'],
    ['pings by the millisecond', `?ping=1&token=${token({ sub: '1' })}`, {}, 400, 'bad_request'],
  ])('is refused in JSON for good: %s', async (_name, query, headers, status, code) => {
    const sent = { authorization: '', accept: 'text/event-stream', 'last-event-id': 't1:1:AAAAAAAA', ...headers };
    const answer = await server.call('GET', `/api/v1/events${query}`, undefined, sent);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('is answered by a stream that ends, and says when to come back, while it cannot be told who asks', async () => {
    const broken = await RunningServer.start({
      auth: { authenticate: () => Promise.reject(new Error('the sessions are out of reach')) },
    });
    try {
      const stream = await broken.read('/api/v1/events', { cookie: 'session=1' }).over();
      expect(stream).toMatchObject({ head: { status: 200 }, closed: { code: 1013 }, isComplete: true });
      expect(stream.retry).toBeGreaterThanOrEqual(5_000);
      expect(stream.lastEventId).toBe('');
    } finally {
      await broken.stop();
    }
  });

  test('of an allowed page lets it read the stream, with its cookie', async () => {
    const stream = server.stream(someone(), '/api/v1/events', { origin });
    await stream.got('synced');
    expect(stream.head?.headers).toMatchObject({
      ...{ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'origin' },
    });
  });

  test('for the head alone is answered at once, and opens nothing', async () => {
    const user = someone();
    const jwt = token({ sub: user });
    const answer = await fetch(`${server.url}/api/v1/events?token=${jwt}`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect((await server.call('GET', `/api/v1/users/${user}/connections`)).body.connections).toEqual([]);
  });

  test('by HTTP/1.0 is answered until the connection closes', async () => {
    const user = someone();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    socket.write(`GET /api/v1/events?token=${token({ sub: user })} HTTP/1.0\r\n\r\n`);
    await until(() => text.includes('"synced"'));
    expect(text).toMatch(/connection: close\r\n/i);
    expect(text).toMatch(/\r\n\r\nretry: \d+\ndata: \{.*\}\nid:\n\n/);
    await send(user, 'to the end');
    await until(() => text.includes('to the end'));
    socket.destroy();
  });
});

describe('an EventSource as it comes', () => {
  test('of npm follows across a restart of the server, without a gap or a repetition', async () => {
    const first = await RunningServer.start();
    const user = someone();
    const headers = { cookie: `tidings_token=${token({ sub: user })}` };
    const source = new EventSource(`${first.url}/api/v1/events`, {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
    });
    const received: Record<string, unknown>[] = [];
    const ids: string[] = [];
    const closes: unknown[] = [];
    source.onmessage = ({ data, lastEventId }) => {
      received.push(JSON.parse(data));
      ids.push(lastEventId);
    };
    source.addEventListener('closed', ({ data }) => closes.push(JSON.parse(data)));
    try {
      await until(() => received.some(({ type }) => type === 'synced'));
      const say = (from: RunningServer, message: string) =>
        from.tidings.notify({ to: { user }, type: 'user_message', message });
      await say(first, 'one');
      await until(() => messagesOf(received).length === 1);
      await first.restart(() => say(first, 'while nobody hears'));
      await until(() => messagesOf(received).length === 2);
      await say(first, 'three');
      await until(() => messagesOf(received).length === 3);
      expect(messagesOf(received)).toEqual(['one', 'while nobody hears', 'three']);
      expect(received.filter(({ type }) => type === 'connection_established')).toMatchObject([
        ...[
          { recovered: true, cursor: null },
          { recovered: true, cursor: ids[2] },
        ],
      ]);
      expect(closes).toEqual([{ code: 1012, reason: expect.stringContaining('retry_after_ms') }]);
    } finally {
      source.close();
      await first.stop();
    }
  }, 30_000);
});
