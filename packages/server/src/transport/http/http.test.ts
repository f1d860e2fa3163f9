import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { inSeconds, token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ auth: { apiKeys: [apiKey, 'another-key-of-ours'] } });
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `h${++users}`;
const post = (body: unknown, headers = {}, query = '') =>
  server.call('POST', `/api/v1/notifications${query}`, body, headers);
const message = (user: string, more: object = {}) => ({ to: { user }, type: 'user_message', message: 'x', ...more });

describe('callers', () => {
  test.each([
    ['POST', '/notifications'],
    ['POST', '/tasks'],
    ['PATCH', '/tasks/t'],
    ['GET', '/tasks'],
    ['GET', '/tasks/t'],
    ['POST', '/tasks/t/cancel'],
    ['POST', '/tasks/t/retry'],
    ['GET', '/answers'],
    ['POST', '/inbox/answer'],
    ['GET', '/connections'],
    ['GET', '/users/1/connections'],
    ['GET', '/notifications'],
    ['GET', '/notifications/n'],
    ['PATCH', '/notifications/n'],
    ['DELETE', '/notifications/n'],
    ['PUT', '/users/1/roles'],
    ['POST', '/users/1/disconnect'],
    ['POST', '/tokens/revoke'],
    ['GET', '/whoami'],
    ['GET', '/inbox'],
    ['GET', '/inbox/unread_count'],
    ['POST', '/inbox/read'],
    ['POST', '/inbox/read_all'],
    ['POST', '/inbox/archive'],
    ['POST', '/inbox/snooze'],
    ['POST', '/actions'],
    ['POST', '/session'],
  ])('%s %s wants to know who calls', async (method, path) => {
    for (const authorization of ['', 'Bearer wrong', `Basic ${apiKey}`, `Bearer ${apiKey}x`]) {
      const body = method === 'GET' ? undefined : {};
      const answer = await server.call(method, `/api/v1${path}`, body, { authorization });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(answer.body.message).not.toContain(apiKey);
    }
  });

  test('callers who send their head or body a byte at a time are given up within 10 s', async () => {
    const { port } = new URL(server.url);
    const drip = async (head: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      let answer = '';
      const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', () => {});
      socket.write(head);
      const dripping = setInterval(() => socket.writable && socket.write('x'), 200);
      await closed;
      clearInterval(dripping);
      return answer;
    };
    const json = `Authorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"`;
    const body = `POST /api/v1/notifications HTTP/1.1\r\nHost: x\r\n${json}`;
    const answers = await Promise.all([body, 'GET / HTTP/1.1\r\nHost: x\r\nX: '].map(drip));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408/);
  }, 60_000);
});

describe('notifications', () => {
  test('the same key with the same body is the same record, with another body a mismatch, under another API key its own', async () => {
    const user = someone();
    const key = { 'idempotency-key': `k-${user}` };
    const first = await post(message(user), key);
    expect(first).toMatchObject({ status: 201, body: { id: expect.any(String), rev: expect.any(Number) } });
    expect(await post(message(user), key)).toMatchObject({ status: 201, body: { ...first.body, duplicate: true } });
    expect(await post({ ...message(user), idempotency_key: `k-${user}` })).toMatchObject({
      body: { id: first.body.id },
    });
    expect(await post(message(user, { message: 'y' }), key)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_mismatch' },
    });
    const other = await post(message(user), { ...key, authorization: 'Bearer another-key-of-ours' });
    expect(other.body.id).not.toBe(first.body.id);
  });

  test('the same notification in other words is the same record', async () => {
    const user = `7${++users}`;
    const words = {
      message: 'x',
      data: { a: [{ b: 1, c: 2 }], d: 'é' },
      external_id: 5,
      expires_at: '2031-01-01T10:00:00Z',
    };
    const first = await post({ to: { user }, ...words }, { 'idempotency-key': `w-${user}` });
    const { data: _data, ...others } = words;
    for (const again of [
      { ...others, data: { d: 'é', a: [{ c: 2, b: 1 }] }, to: { user } },
      { to: { user: Number(user) }, ...words, external_id: '5' },
      { to: { user }, ...words, type: 'user_notification', notification_type: 'info', silent: false, actions: [] },
      { to: { user }, ...words, expires_at: '2031-01-01T11:00+01:00' },
    ]) {
      const answer = await post({ ...again, idempotency_key: `w-${user}` });
      expect(answer).toMatchObject({ status: 201, body: { id: first.body.id, duplicate: true } });
    }
    for (const other of [
      { data: { ...words.data, d: 'e' } },
      {
        data: {
          ...words.data,
          a: [
            ['b', 1],
            ['c', 2],
          ],
        },
      },
      { silent: true },
    ]) {
      const answer = await post({ to: { user }, ...words, ...other, idempotency_key: `w-${user}` });
      expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency_mismatch' } });
    }
  });

  test('a header and a member that name different keys are refused', async () => {
    const sent = (path: string, body: object) =>
      server.call('POST', `/api/v1/${path}`, { ...body, idempotency_key: 'b' }, { 'idempotency-key': 'a' });
    for (const answer of [await sent('notifications', message(someone())), await sent('tasks', { name: 'n' })]) {
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringMatching(/is "a" and .* "b"/) } });
    }
    const long = await post(message(someone()), { 'idempotency-key': 'k'.repeat(256) });
    expect(long).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^the header Idempotency-Key/) },
    });
  });

  test.each(['', '?atomic=false'])(
    'a batch with a key is stored once, however often it is sent (%s)',
    async (query) => {
      const user = someone();
      const headers = { 'idempotency-key': `batch-${user}` };
      const items = [message(user), message(user), message(user, { idempotency_key: `own-${user}` })];
      const send = (body: object[]) => server.call('POST', `/api/v1/notifications/batch${query}`, body, headers);
      const [first, again] = [await send(items), await send(items)];
      expect(again.status).toBe(query === '' ? 201 : 200);
      expect(again.body.results).toEqual(first.body.results.map((one: object) => ({ ...one, duplicate: true })));
      const { body } = await server.callAs(user, 'GET', '/api/v1/inbox');
      expect(body.items).toHaveLength(items.length);
      for (const other of [
        items.slice(0, 2),
        [...items, message(user)],
        [message(user, { message: 'y' }), ...items.slice(1)],
      ]) {
        const answer = await send(other);
        const { code } = query === '' ? answer.body : answer.body.results[0].error;
        expect(code).toBe('idempotency_mismatch');
      }
    },
  );

  test('a batch is stored in its order', async () => {
    const user = someone();
    const { body } = await server.call('POST', '/api/v1/notifications/batch', [message(user), message(user)]);
    const inbox = (await server.callAs(user, 'GET', '/api/v1/inbox')).body;
    const idsOf = (all: { id: string }[]) => all.map(({ id }) => id);
    expect(idsOf(inbox.items).reverse()).toEqual(idsOf(body.results));
  });

  test('an array is taken as a batch by the path for one, as it was before', async () => {
    const send = async (query: string) => {
      const response = await fetch(`${server.url}/api/v1/notifications${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify([message(someone()), message(someone())]),
      });
      return { status: response.status, body: await response.json() };
    };
    const results = [{ rev: expect.any(Number) }, { rev: expect.any(Number) }];
    expect(await send('')).toMatchObject({ status: 201, body: { results } });
    expect(await send('?atomic=false')).toMatchObject({ status: 200, body: { results } });
  });

  test('the connected are those who are connected, and nobody who comes later', async () => {
    const [here, later] = [someone(), someone()];
    const socket = await server.join(here);
    await post({ to: { connected: true }, type: 'user_message', message: 'now' });
    expect(await socket.got('user_message')).toMatchObject({ message: 'now' });
    expect((await server.join(later)).of('user_message')).toEqual([]);
  });

  test("the application's own id stands for ours in mark_read, and nobody reads for another", async () => {
    const [mine, theirs] = [someone(), someone()];
    const to = { users: [mine, theirs] };
    await post({ to, type: 'notification', title: 't', message: 'm', data: { id: `ext-${mine}`, more: 1 } });
    await post({ to: { user: theirs }, type: 'notification', title: 't', data: { id: `only-${theirs}` } });
    const [item] = (await server.callAs(mine, 'GET', '/api/v1/inbox')).body.items;
    expect(item).toMatchObject({ external_id: `ext-${mine}`, data: { id: `ext-${mine}`, more: 1, is_read: false } });
    const read = (user: string, ids: string[]) => server.callAs(user, 'POST', '/api/v1/inbox/read', { ids });
    expect((await read(mine, [`ext-${mine}`])).body).toEqual({ marked: 1, not_found: [] });
    expect(await read(mine, [`only-${theirs}`])).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await read(mine, ['none'])).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const count = async (user: string) =>
      (await server.callAs(user, 'GET', '/api/v1/inbox/unread_count')).body.unread_count;
    expect([await count(mine), await count(theirs)]).toEqual([0, 2]);
    expect((await server.callAs(theirs, 'POST', '/api/v1/inbox/read_all', {})).body).toEqual({ marked: true });
    expect(await count(theirs)).toBe(0);
  });
});

describe('tasks', () => {
  test('a start with the same key again is answered with the same task, even after it has ended', async () => {
    const key = `start-${someone()}`;
    const start = () => server.call('POST', '/api/v1/tasks', { task_id: `t-${key}`, name: 'n', idempotency_key: key });
    const first = await start();
    expect(first).toMatchObject({ status: 201, body: { status: 'queued', attempt: 1 } });
    await server.call('PATCH', `/api/v1/tasks/t-${key}`, { status: 'completed' });
    expect(await start()).toMatchObject({
      status: 201,
      body: { task_id: `t-${key}`, status: 'completed', attempt: 1 },
    });
  });

  test("an owner's tasks are listed for them, and may be cancelled by them", async () => {
    const owner = someone();
    const id = `of-${owner}`;
    await server.call('PATCH', `/api/v1/tasks/${id}`, { owner, progress: 5 });
    const listed = (await server.callAs(owner, 'GET', '/api/v1/tasks?status=processing')).body;
    expect(listed.items).toMatchObject([{ task_id: id, progress: 5 }]);
    expect(JSON.stringify(listed)).not.toMatch(/"(run|seq|former)"/);
    expect((await server.callAs(owner, 'POST', `/api/v1/tasks/${id}/cancel`, {})).body).toMatchObject({
      cancel_requested: true,
    });
  });

  test('an ended task takes no more reports, but is begun anew where it is asked for', async () => {
    const report = async (body: object) => await server.call('PATCH', '/api/v1/tasks/again', body);
    await report({ status: 'failed', error: 'out of paper' });
    expect(await server.call('POST', '/api/v1/tasks/again/retry')).toMatchObject({
      ...{ status: 409, body: { message: expect.stringContaining('something else than this server runs it') } },
    });
    expect(await report({ progress: 5 })).toMatchObject({ status: 200, body: { status: 'failed', progress: 0 } });
    expect(await report({ status: 'completed' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await report({ status: 'processing' })).toMatchObject({ status: 200, body: { attempt: 2, error: null } });
    await report({ status: 'completed', result: { lines: 3 } });
    expect(await report({ status: 'completed', result: { lines: 3 } })).toMatchObject({
      status: 200,
      body: { attempt: 2 },
    });
    expect((await report({ status: 'processing' })).status).toBe(409);
    expect(await report({ status: 'processing', restart: true })).toMatchObject({ body: { attempt: 3, result: null } });
  });
});

describe('sessions of users', () => {
  test('the cookie is HttpOnly and SameSite, as long as its token, opens the API, and is cleared', async () => {
    const authorization = `Bearer ${token({ sub: someone(), exp: inSeconds(600) })}`;
    const set = await server.call('POST', '/api/v1/session', undefined, { authorization });
    const cookie = set.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^tidings_token=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=(660|65\d)$/);
    const [pair] = cookie.split(';');
    const who = await server.call('GET', '/api/v1/whoami', undefined, { authorization: '', cookie: pair as string });
    expect(who).toMatchObject({ status: 200, body: { user_id: `h${users}` } });
    const cleared = await server.call('DELETE', '/api/v1/session');
    expect(cleared.headers.get('set-cookie')).toMatch(/^tidings_token=;.*Max-Age=0/);
    const behind = await server.call('POST', '/api/v1/session', undefined, {
      authorization,
      'x-forwarded-proto': 'https',
    });
    expect(behind.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('actions that need a socket say so, and the others work without one', async () => {
    const user = someone();
    await post(message(user));
    const act = (body: unknown) => server.callAs(user, 'POST', '/api/v1/actions', body);
    expect(await act({ action: 'subscribe', task_id: 't' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('needs a WebSocket') },
    });
    expect(await act({ action: 'mark_all_read', ref: 1 })).toMatchObject({
      status: 200,
      body: { type: 'reply', ref: 1, marked: true },
    });
    expect(await act({ action: 'list' })).toMatchObject({ body: { items: [{ message: 'x' }], unread_count: 0 } });
    expect(await act({ action: 'notify' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await act([])).toMatchObject({ status: 400 });
  });

  test('a token stands in no log, metric or error', async () => {
    const heard: string[] = [];
    const telling = await RunningServer.start({ telemetry: { emit: (event) => heard.push(JSON.stringify(event)) } });
    const jwt = token({ sub: 'ann' });
    const bad = `${jwt.slice(0, -3)}xyz`;
    const answers = [
      await telling.call('GET', `/api/v1/whoami?token=${bad}`, undefined, { authorization: '' }),
      await telling.call('GET', `/api/v1/nothing?token=${jwt}`),
      await telling.call('GET', '/healthz'),
    ];
    const refused = await telling.open(`/ws/?token=${bad}`).settled();
    await telling.open(`/ws/?token=${jwt}`).settled();
    await telling.stop();
    await until(() => heard.some((line) => line.includes('"stopped"')));
    const all = JSON.stringify([heard, answers.map(({ body }) => body), refused.closed]);
    for (const part of [...jwt.split('.').slice(1), apiKey]) expect(all).not.toContain(part);
  });
});

describe("an application's own sessions", () => {
  test('its users are taken at its word, and what it says must name one', async () => {
    const answers: Record<string, unknown> = {
      ann: { sub: 7, username: 'ann', roles: ['clerk'] },
      odd: { sub: 'odd', roles: 'admin', username: 5 },
      nobody: null,
      empty: {},
      object: { sub: { id: 1 } },
    };
    const embedded = await RunningServer.start({
      auth: {
        jwtSecret: undefined,
        authenticate: (request) => answers[String(request.headers['x-session'])] as never,
      },
    });
    const who = (session: string) =>
      embedded.call('GET', '/api/v1/whoami', undefined, { authorization: '', 'x-session': session });
    expect((await who('ann')).body).toEqual({ user_id: '7', username: 'ann', roles: ['clerk'] });
    expect((await who('odd')).body).toEqual({ user_id: 'odd', username: '5', roles: ['admin'] });
    for (const session of ['nobody', 'object']) expect((await who(session)).status).toBe(401);
    expect((await who('empty')).status).toBe(503);
    await embedded.stop();
  });
});
