import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, type PlainSocket, RunningServer } from '../../../testing/running-server.ts';
import { inSeconds, token, unsigned } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

let server: RunningServer;
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  server = await RunningServer.start({
    auth: {
      ...{ allowedOrigins: ['https://app.example.com'], issuer: 'us', audience: 'tidings' },
      clockToleranceSeconds: 0,
    },
    limits: { maxConnectionsPerUser: 5, maxFrameBytes: 65_536 },
  });
});
afterAll(async () => {
  await server.stop();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(uncaught).toEqual([]);
});

const ours = { iss: 'us', aud: 'tidings' };
const good = (sub: string, more: object = {}): string => token({ sub, ...ours, ...more });
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
let users = 0;
const someone = (): string => `u${++users}`;
const join = (user: string, path = '/ws/'): Promise<PlainSocket> =>
  server.open(`${path}?token=${good(user)}`).settled();

describe('who is there', () => {
  // As a browser does: who sends no Origin is told by HTTP.
  const browser = () => ({ origin: server.url });
  const carriers: [string, (jwt: string) => PlainSocket][] = [
    ['the query', (jwt) => server.open(`/ws/?token=${jwt}`, [], browser())],
    ['the Authorization header', (jwt) => server.open('/ws/', [], { ...browser(), authorization: `Bearer ${jwt}` })],
    ['the subprotocols', (jwt) => server.open('/ws/', ['tidings.v1', `bearer.${jwt}`], browser())],
    ['the cookie', (jwt) => server.open('/ws/', [], { ...browser(), cookie: `a=b; tidings_token=${jwt}; c=d` })],
    [
      'the first frame',
      (jwt) => {
        const socket = server.open('/ws/?auth=frame');
        socket.ws.on('open', () => socket.say({ action: 'authenticate', token: jwt }));
        return socket;
      },
    ],
  ];

  test.each(carriers)('a token is taken from %s', async (_name, open) => {
    const user = someone();
    const socket = await open(good(user, { username: `${user}-name`, roles: ['clerk'] })).settled();
    expect(socket.received[0]).toMatchObject({
      ...{ type: 'connection_established', user_id: user, username: `${user}-name`, roles: ['clerk'] },
    });
  });

  test.each(carriers)('a bad token from %s is closed with 4401 and the reason', async (_name, open) => {
    const socket = await open(token({ sub: someone(), ...ours }, {}, 'another secret of thirty-two bytes')).settled();
    expect(socket.closed).toEqual({
      code: 4401,
      reason: 'the token was signed with another secret than this server has',
    });
    expect(socket.received).toEqual([]);
  });

  const claims = { sub: 'mallory', roles: ['admin'], ...ours };
  test.each([
    ['none', unsigned(claims, 'none'), /JWT|algorithm/],
    ['none in capitals', unsigned(claims, 'NONE'), /JWT|algorithm/],
    ['a public key taken as the secret', token(claims, {}, pem), /another secret/],
    ['RS256 where a secret is set', token(claims, { alg: 'RS256' }), /algorithm/],
    ['jku', token(claims, { jku: 'http://127.0.0.1:1/keys', kid: '../../dev/null' }, 'x'.repeat(32)), /another secret/],
    ['a critical header', token(claims, { crit: ['b64'], b64: false }), /JWT/],
    ['expired', token({ ...claims, exp: inSeconds(-1) }), /expired/],
    ['not valid yet', token({ ...claims, nbf: inSeconds(600) }), /not valid yet/],
    ['another issuer', token({ ...claims, iss: 'them' }), /claim "iss"/],
    ['another audience', token({ ...claims, aud: 'them' }), /claim "aud"/],
    ['no audience', token({ sub: 'mallory', iss: 'us' }), /claim "aud"/],
    ['a refresh token', token({ ...claims, token_type: 'refresh' }), /token_type is "refresh"/],
    ['no user', token({ ...ours }), /claim "sub" must be/],
    ['a user that is an object', token({ ...claims, sub: { id: 1 } }), /claim "sub" must be|JWT|sub/],
    ['an empty user', token({ ...claims, sub: '' }), /claim "sub" must not have fewer than 1 characters/],
    ['no JWT at all', 'x', /not a JWT/],
    ['dots alone', '..', /not a JWT/],
  ])('a token is refused with 4401: %s', async (_name, jwt, reason) => {
    const socket = await server.open(`/ws/?token=${encodeURIComponent(jwt)}`, [], browser()).settled();
    expect(socket.closed?.code).toBe(4401);
    expect(socket.closed?.reason).toMatch(reason);
    const called = await server.call('GET', '/api/v1/whoami', undefined, { authorization: `Bearer ${jwt}` });
    expect(called).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', message: expect.stringMatching(reason) },
    });
  });

  test('nobody is closed with 4401 and what to send', async () => {
    const socket = await server.open('/ws/', [], browser()).settled();
    expect(socket.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('?token=') });
  });

  test('an API key is no token, and a token no API key', async () => {
    expect((await server.open(`/ws/?token=${apiKey}`).settled()).refused?.status).toBe(401);
    const body = { to: { everyone: true } };
    const asUser = { authorization: `Bearer ${good(someone())}` };
    expect((await server.call('POST', '/api/v1/notifications', body, asUser)).status).toBe(401);
  });

  test('a number is a user, as a string', async () => {
    const socket = await server.open(`/ws/?token=${token({ sub: 42, ...ours })}`).settled();
    expect(socket.received[0]).toMatchObject({ user_id: '42', username: '42' });
  });

  test.each([
    ['something else first', { action: 'ping' }],
    ['no JSON first', 'x'],
    ['a bad token', { action: 'authenticate', token: 'x' }],
  ])('?auth=frame is closed with 4401 after %s', async (_name, first) => {
    const socket = server.open('/ws/?auth=frame');
    socket.ws.on('open', () => socket.say(first));
    await until(() => socket.closed !== null);
    expect(socket.closed?.code).toBe(4401);
  });

  test('a token that expires closes the connection, and one that was renewed in time does not', async () => {
    const [gone, stays] = [someone(), someone()];
    const short = { exp: inSeconds(2) };
    const sockets = [gone, stays].map((user) => server.open(`/ws/?token=${good(user, short)}`));
    await Promise.all(sockets.map((socket) => socket.settled()));
    const [expiring, renewed] = sockets as [PlainSocket, PlainSocket];
    renewed.say({ action: 'authenticate', token: 'x', ref: 1 });
    expect(await renewed.got('error')).toMatchObject({ code: 'unauthenticated', ref: 1 });
    renewed.say({ action: 'authenticate', token: good('somebody-else'), ref: 2 });
    expect(await renewed.got('error', 2)).toMatchObject({ code: 'unauthenticated', ref: 2 });
    renewed.say({ action: 'authenticate', token: good(stays, { exp: inSeconds(600) }), ref: 3 });
    expect(await renewed.got('reply')).toMatchObject({ ref: 3, user_id: stays });
    await until(() => expiring.closed !== null);
    expect(expiring.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
    expect(renewed.closed).toBeNull();
  });

  test('a role that a renewed token lacks is heard no more, and one that it gains is', async () => {
    const user = someone();
    const [lost, won] = [`lost-${user}`, `won-${user}`];
    const socket = await server.open(`/ws/?token=${good(user, { roles: [lost] })}`).settled();
    socket.say({ action: 'authenticate', token: good(user, { roles: [won] }), ref: 1 });
    expect(await socket.got('topic_left')).toMatchObject({ topic: `role:${lost}` });
    for (const role of [lost, won]) await server.tidings.notify({ to: { role }, type: 'user_message', message: role });
    expect(await socket.got('user_message')).toMatchObject({ message: won });
    expect(socket.of('user_message')).toHaveLength(1);
  });
});

describe('where one comes from', () => {
  test.each([
    ['a foreign origin', 'https://evil.example.com'],
    ['null', 'null'],
    ['one that only begins like an allowed one', 'https://app.example.com.evil.com'],
    ['another scheme', 'http://app.example.com'],
    ['a name that is no URL', 'app.example.com'],
  ])('%s is refused with 403 before the upgrade, cookie or not', async (_name, origin) => {
    const jwt = good(someone());
    const socket = await server.open('/ws/', [], { origin, cookie: `tidings_token=${jwt}` }).settled();
    expect(socket.refused?.status).toBe(403);
    expect(JSON.parse(socket.refused?.body ?? '')).toMatchObject({ code: 'origin_not_allowed' });
    const call = await server.call('POST', '/api/v1/inbox/read_all', {}, { origin, cookie: `tidings_token=${jwt}` });
    expect(call).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
    expect(call.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    ['an allowed one', () => 'https://app.example.com'],
    ["the server's own", () => server.url],
  ])('%s may connect', async (_name, origin) => {
    const socket = await server.open(`/ws/?token=${good(someone())}`, [], { origin: origin() }).settled();
    expect(socket.of('synced')).toHaveLength(1);
  });

  test('a path that is none of ours is 404', async () => {
    expect((await server.open('/ws/none/').settled()).refused?.status).toBe(404);
    expect((await server.open('/ws/__proto__').settled()).refused?.status).toBe(404);
  });
});

describe('plain exchanges', () => {
  test('subscribe to test-123, report progress 45 by HTTP, and read it', async () => {
    const socket = await join(someone(), '/ws/tasks/');
    socket.say({ action: 'subscribe', task_id: 'test-123' });
    await socket.got('subscribed');
    const { status, body } = await server.call('PATCH', '/api/v1/tasks/test-123', { progress: 45 });
    expect([status, body.status]).toEqual([200, 'processing']);
    expect(await socket.got('task_update')).toMatchObject({ task_id: 'test-123', progress: 45, status: 'processing' });
  });

  test.each(['/ws', '/ws/', '/ws/notifications', '/ws/notifications/', '/ws/tasks', '/ws/tasks/'])(
    '%s opens',
    async (path) => {
      const socket = await join(someone(), path);
      expect(socket.received[0]).toMatchObject({ type: 'connection_established' });
    },
  );

  test('text of any length and kind arrives as it was sent', async () => {
    const user = someone();
    const socket = await join(user);
    const texts = ['', 'x'.repeat(100), 'ü'.repeat(126), 'x'.repeat(9_999), '🦉\u2028"}\\', '</script>', '\u202eשלום'];
    for (const message of texts) await server.tidings.notify({ to: { user }, type: 'user_message', message });
    const big = 'y'.repeat(100_000);
    await server.tidings.notify({ to: { user }, type: 'custom', data: { big, rev: 'mine', id: 'mine', replayed: 1 } });
    await socket.got('custom');
    expect(socket.of('user_message').map(({ message }) => message)).toEqual(texts);
    const [custom] = socket.of('custom');
    expect(custom).toMatchObject({ big, data: { big, rev: 'mine', id: 'mine', replayed: 1 } });
    expect(custom).toMatchObject({ rev: expect.any(Number), id: expect.stringMatching(/^n/) });
    expect(custom).not.toHaveProperty('replayed');
  });
});

describe('what a client must not do', () => {
  test('anything that would send a notification from a browser is forbidden', async () => {
    const socket = await join(someone());
    const tries = [
      { action: 'notify', to: { everyone: true } },
      { action: 'send_notification' },
      { action: 'broadcast' },
      { type: 'user_message', message: 'x' },
      { type: 'notification', data: {} },
    ];
    for (const one of tries) socket.say(one);
    await socket.got('error', tries.length);
    expect(socket.of('error').map(({ code }) => code)).toEqual(tries.map(() => 'forbidden'));
  });

  const json = fc.jsonValue({ maxDepth: 6 });
  const names = [
    'subscribe',
    'unsubscribe',
    'mark_read',
    'mark_all_read',
    'mark_seen',
    'list',
    'ack',
    'ping',
    'archive',
  ];
  const frames = fc.oneof(
    fc.string(),
    json.map((value) => JSON.stringify(value)),
    fc
      .record(
        {
          action: fc.oneof(
            fc.constantFrom(...names, 'snooze', 'send', 'presence', 'answer_task', 'cancel_task'),
            fc.string(),
          ),
          ref: json,
          ...{ task_id: json, id: json, ids: json, up_to: json, limit: json, before: json, room: json, cursor: json },
          ...{ until: json, data: json, event: json, answer: json, state: json },
        },
        { requiredKeys: ['action', 'ref'] },
      )
      .map((value) => JSON.stringify(value)),
    fc
      .tuple(fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'), json)
      .map(
        ([name, value]) =>
          `{"action":"${name}","ref":1,"${name}":${JSON.stringify(value)},"data":{"__proto__":{"polluted":1}}}`,
      ),
    fc.nat(20_000).map((depth) => `{"action":"ping","ref":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    fc.constantFrom(
      '{"action":"list","before":1e400,"ref":1}',
      '{"action":"mark_all_read","up_to":9007199254740993,"ref":1}',
    ),
  );

  test('whatever a frame holds, it is answered by an error or a reply, nothing is thrown and nothing polluted', async () => {
    const fuzzed = await RunningServer.start({ limits: { actionBurst: 1_000_000, workBurst: 1_000_000 } });
    const socket = await fuzzed.join('fuzz');
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 10 }), async (texts) => {
        const count = () => socket.of('error').length + socket.of('reply').length;
        for (const text of texts) socket.say(text);
        socket.say({ action: 'ping', ref: 'done' });
        const before = answers;
        await until(
          () =>
            socket.of('reply').some(({ ref }, i) => ref === 'done' && i >= 0) && count() >= before + texts.length + 1,
        );
        answers = count();
        socket.received.length = 0;
        answers = 0;
        expect(socket.closed).toBeNull();
      }),
      { numRuns: 150 },
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    await fuzzed.stop();
  }, 60_000);

  test('a frame that would be changed by being read is refused with its ref', async () => {
    const socket = await join(someone());
    const refused: [text: string, ref: unknown, message: RegExp][] = [
      [`{"ref":"deep","action":"list","q":${'['.repeat(9_000)}${']'.repeat(9_000)}}`, 'deep', /100 levels deep/],
      ['{"ref":{"n":[1]},"action":"ping","action":"list"}', { n: [1] }, /^action is there twice/],
      ['{"ref":3,"action":"mark_all_read","up_to":9007199254740993}', 3, /^up_to must be a number that a double/],
      ['{"ref":4,"action":"mark_all_read","upto":7}', 4, /^the action "mark_all_read" has no member "upto"/],
      [`{"action":"ping","ref":${'['.repeat(200)}${']'.repeat(200)}}`, undefined, /100 levels deep/],
    ];
    for (const [text] of refused) socket.say(text);
    await socket.got('error', refused.length);
    const errors = socket.of('error');
    expect(errors.map(({ ref }) => ref)).toEqual(refused.map(([, ref]) => ref));
    expect(errors).toMatchObject(
      refused.map(([, , message]) => ({ code: 'bad_request', message: expect.stringMatching(message) })),
    );
    expect(socket.closed).toBeNull();
  });

  test('frames that are no JSON, again and again, end in 4400', async () => {
    const socket = await join(someone());
    for (let n = 0; n < 60; n++) socket.say('{');
    await until(() => socket.closed !== null);
    expect(socket.closed?.code).toBe(4400);
  });

  test('too many actions are refused, and end in 4429', async () => {
    const socket = await join(someone());
    for (let n = 0; n < 600; n++) socket.say({ action: 'ping', ref: n });
    await until(() => socket.closed !== null);
    expect(socket.closed?.code).toBe(4429);
    expect(socket.of('error')[0]).toMatchObject({ code: 'too_many' });
    expect(socket.of('error')[0]?.ref).toBeGreaterThanOrEqual(200);
  });

  test('a frame that is too large is closed with 1009, and a frame that is no UTF-8 with 1007', async () => {
    const [large, torn] = [await join(someone()), await join(someone())];
    large.say('x'.repeat(100_000));
    torn.ws.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false });
    await until(() => large.closed !== null && torn.closed !== null);
    expect([large.closed?.code, torn.closed?.code]).toEqual([1009, 1007]);
  });

  test('more connections of one user than allowed are closed with 4409, and a place that is freed may be taken', async () => {
    const user = someone();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => join(user)));
    expect((await join(user)).closed?.code).toBe(4409);
    sockets[0]?.ws.close();
    await until(() => sockets[0]?.closed !== null);
    let again = await join(user);
    for (let n = 0; again.closed && n < 50; n++) again = await join(user);
    expect(again.closed).toBeNull();
  });

  test('a peer that resets in mid-upgrade leaves nothing behind', async () => {
    const before = (await server.call('GET', '/healthz')).body.connections;
    const { port } = new URL(server.url);
    for (let n = 0; n < 20; n++) {
      const socket = connect(Number(port), '127.0.0.1');
      const key = Buffer.alloc(16).toString('base64');
      const head = `GET /ws/?token=${good(someone())} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
      socket.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      socket.resetAndDestroy();
    }
    for (let n = 0; n < 100; n++) {
      if ((await server.call('GET', '/healthz')).body.connections <= before) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('connections of peers that are gone are still counted');
  });
});

test('a server that stops tells everybody when to come back, spread over time', async () => {
  const stopping = await RunningServer.start({ limits: { restartSpreadMs: 5_000 } });
  const sockets = await Promise.all(Array.from({ length: 10 }, (_, n) => stopping.join(`s${n}`)));
  await stopping.tidings.close();
  await until(() => sockets.every(({ closed }) => closed !== null));
  expect(new Set(sockets.map(({ closed }) => closed?.code))).toEqual(new Set([1012]));
  const waits = sockets.map(({ closed }) => JSON.parse(closed?.reason ?? '{}').retry_after_ms as number);
  expect(waits.every((wait) => wait >= 0 && wait <= 5_000)).toBe(true);
  expect(new Set(waits).size).toBeGreaterThan(1);
  await stopping.stop();
});

test('where keys are published, a token signed with one of them is good, and the key itself is no secret', async () => {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
  let isAway = false;
  const keys = createServer((_request, response) => {
    if (isAway) response.destroy();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const { port } = keys.address() as { port: number };
  const start = () => RunningServer.start({ auth: { jwtSecret: undefined, jwksUrl: `http://127.0.0.1:${port}/keys` } });
  const published = await start();
  const text = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ sub: 'ann' })}`;
  const signed = `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  expect((await published.open(`/ws/?token=${signed}`).settled()).received[0]).toMatchObject({ user_id: 'ann' });
  for (const key of [pem, String(jwk.n)]) {
    const confused = token({ sub: 'ann' }, { kid: 'k1' }, key);
    expect((await published.open(`/ws/?token=${confused}`).settled()).refused?.status).toBe(401);
  }
  isAway = true;
  const later = await start();
  const { refused } = await later.open(`/ws/?token=${signed}`).settled();
  expect(refused).toMatchObject({
    status: 503,
    body: expect.stringContaining('auth.jwksUrl (--jwks-url) does not answer'),
  });
  for (const one of [published, later]) await one.stop();
  keys.close();
});
