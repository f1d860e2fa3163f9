import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../testing/running-server.ts';
import { inSeconds, token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ apiKeys: [apiKey, 'another-key'] });
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `h${++users}`;
const post = (body: unknown, headers = {}, query = '') =>
  server.call('POST', `/api/v1/notifications${query}`, body, headers);
const message = (user: string, more: object = {}) => ({ to: { user }, type: 'user_message', message: 'x', ...more });

describe('problems', () => {
  const notification = { to: { user: '1' }, message: 'x' };
  test.each<[string, string, string, unknown, number, string, RegExp]>([
    ['a body that is no JSON', 'POST', '/notifications', '{"to":', 400, 'bad_request', /cannot be read|JSON/],
    ['no body', 'POST', '/notifications', undefined, 400, 'bad_request', /a notification/],
    ['null', 'POST', '/notifications', 'null', 400, 'bad_request', /a notification/],
    ['a string', 'POST', '/notifications', '"x"', 400, 'bad_request', /a notification/],
    ['an empty array', 'POST', '/notifications', [], 400, 'bad_request', /1 to 1000 notifications; got 0/],
    ['1,001 items', 'POST', '/notifications', Array(1_001).fill(notification), 400, 'bad_request', /got 1001/],
    [
      '2 MB',
      'POST',
      '/notifications',
      { ...notification, data: { x: 'x'.repeat(2e6) } },
      413,
      'payload_too_large',
      /1 MiB/,
    ],
    ['nobody', 'POST', '/notifications', { message: 'x' }, 400, 'bad_request', /to/],
    ['two audiences', 'POST', '/notifications', { to: { user: '1', role: 'x' } }, 400, 'bad_request', /exactly one of/],
    ['an empty list', 'POST', '/notifications', { to: { users: [] } }, 400, 'bad_request', /exactly one of/],
    ['not everyone', 'POST', '/notifications', { to: { everyone: false } }, 400, 'bad_request', /exactly one of/],
    ['a user that is null', 'POST', '/notifications', { to: { user: null } }, 400, 'bad_request', /exactly one of/],
    ['an unknown member', 'POST', '/notifications', { ...notification, titel: 'x' }, 400, 'bad_request', /"titel"/],
    [
      'an unknown colour',
      'POST',
      '/notifications',
      { ...notification, notification_type: 'red' },
      400,
      'bad_request',
      /"success"/,
    ],
    ['a type with spaces', 'POST', '/notifications', { ...notification, type: 'a b' }, 400, 'bad_request', /type/],
    [
      'a file that is a script',
      'POST',
      '/notifications',
      { ...notification, type: 'user_file', data: { file_url: 'javascript:alert(1)' } },
      400,
      'bad_request',
      /file_url/,
    ],
    [
      'a file that is data',
      'POST',
      '/notifications',
      { ...notification, type: 'user_file', data: { file_url: 'data:text/html,x' } },
      400,
      'bad_request',
      /file_url/,
    ],
    [
      'an end that is past',
      'POST',
      '/notifications',
      { ...notification, expires_at: '2001-01-01T00:00:00Z' },
      400,
      'bad_request',
      /to come/,
    ],
    [
      'a day that is none',
      'POST',
      '/notifications',
      { ...notification, expires_at: '2031-13-45T00:00:00Z' },
      400,
      'bad_request',
      /to come/,
    ],
    [
      'deep nesting',
      'POST',
      '/notifications',
      `{"to":{"user":"1"},"data":{"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
      400,
      'bad_request',
      /100 levels/,
    ],
    [
      '__proto__',
      'POST',
      '/notifications',
      '{"to":{"user":"1"},"__proto__":{"polluted":1}}',
      400,
      'bad_request',
      /not valid JSON/,
    ],
    ['an unknown route', 'GET', '/nothing', undefined, 404, 'not_found', /GET \/api\/v1\/nothing/],
    ['a method that is not there', 'DELETE', '/notifications', undefined, 404, 'not_found', /DELETE/],
    ['a progress of 101', 'PATCH', '/tasks/t', { progress: 101 }, 400, 'bad_request', /progress/],
    ['a status that is none', 'PATCH', '/tasks/t', { status: 'done' }, 400, 'bad_request', /"completed"/],
    ['a task with a long id', 'PATCH', `/tasks/${'t'.repeat(300)}`, {}, 400, 'bad_request', /1 to 256/],
    ['a task nobody knows', 'GET', '/tasks/none', undefined, 404, 'not_found', /no task "none", or it is not yours/],
    ['a limit of 1,000', 'GET', '/tasks?limit=1000', undefined, 400, 'bad_request', /1 to 100/],
    ['a limit that is no number', 'GET', '/tasks?limit=many', undefined, 400, 'bad_request', /whole number/],
    ['by what is nothing', 'GET', '/users/1/connections?by=shoe', undefined, 400, 'bad_request', /id or username/],
  ])('%s', async (_name, method, path, body, status, code, text) => {
    const answer = await server.call(method, `/api/v1${path}`, body);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, body: { status, code, message: expect.stringMatching(text) } });
    expect(answer.body).toMatchObject({ detail: answer.body.message, docs_url: `https://tidings.dev/errors/${code}` });
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.ts|node_modules/);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('a body of another type than JSON is said to be so', async () => {
    const answer = await post('<x/>', { 'content-type': 'application/xml' });
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('application/json') } });
  });

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
    const other = await post(message(user), { ...key, authorization: 'Bearer another-key' });
    expect(other.body.id).not.toBe(first.body.id);
  });

  test('an array is stored whole or not at all, and the answer names the item', async () => {
    const user = someone();
    const bad = await post([message(user), message(user, { title: 7 }), message(user)]);
    expect(bad).toMatchObject({
      status: 400,
      body: { code: 'bad_request', index: 1, message: expect.stringMatching(/^item 1: title/) },
    });
    expect((await server.callAs(user, 'GET', '/api/v1/inbox')).body.items).toEqual([]);
    const good = await post([message(user), message(user)]);
    expect(good.body.results).toHaveLength(2);
    const inbox = (await server.callAs(user, 'GET', '/api/v1/inbox')).body;
    expect(inbox.items.map(({ id }: { id: string }) => id).reverse()).toEqual(
      good.body.results.map(({ id }: { id: string }) => id),
    );
  });

  test('with ?atomic=false each item is answered for itself', async () => {
    const user = someone();
    const { status, body } = await post([message(user), { to: {} }, message(user)], {}, '?atomic=false');
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { rev: expect.any(Number) },
      { error: { code: 'bad_request', message: expect.any(String) } },
      { rev: expect.any(Number) },
    ]);
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
    expect(cookie).toMatch(/^tidings_token=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=(600|59\d)$/);
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
      body: { message: expect.stringContaining('socket') },
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
      jwtSecret: undefined,
      authenticate: (request) => answers[String(request.headers['x-session'])] as never,
    });
    const who = (session: string) =>
      embedded.call('GET', '/api/v1/whoami', undefined, { authorization: '', 'x-session': session });
    expect((await who('ann')).body).toEqual({ user_id: '7', username: 'ann', roles: ['clerk'] });
    expect((await who('odd')).body).toEqual({ user_id: 'odd', username: 'odd', roles: [] });
    for (const session of ['nobody', 'empty', 'object']) expect((await who(session)).status).toBe(401);
    await embedded.stop();
  });
});
