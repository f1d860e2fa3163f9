import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type PlainSocket, RunningServer } from '../../../testing/running-server.ts';
import { answers, answersJson, TestAddress } from '../../../testing/test-address.ts';
import { token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

/** The application's own sessions: what its address answers is up to each test. */
let sessions: TestAddress;
let server: RunningServer;
beforeAll(async () => {
  sessions = await TestAddress.open(answers(401));
  server = await RunningServer.start({ auth: { url: sessions.url }, trustedProxies: ['127.0.0.1'] });
});
beforeEach(() => sessions.becomes(answers(401)));
afterAll(async () => {
  await server.stop();
  sessions.close();
});

let cookies = 0;
/** A session that was not asked about before. */
const session = () => ({ cookie: `session=${++cookies}` });
const browser = () => ({ origin: server.url });

describe('who cannot be let in', () => {
  test('a program is told by HTTP 401 at the upgrade', async () => {
    const { refused } = await server.open('/ws/').settled();
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({
      ...{ status: 401, code: 'unauthenticated', message: expect.stringContaining('no token came') },
    });
  });

  test('a browser, from which that would be hidden, by close 4401', async () => {
    const { closed } = await server.open('/ws/', [], browser()).settled();
    // Whole: a close reason has at most 123 bytes.
    expect(closed).toMatchObject({
      code: 4401,
      reason: expect.stringMatching(/^nobody is signed in.* and no token came$/),
    });
  });

  test('each knows an outage from that: 503 and when to come again, close 1013', async () => {
    sessions.becomes(answers(502));
    const { refused } = await server.open('/ws/', [], session()).settled();
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/auth\.url \(--auth-url\) answers 502/),
    });
    const { closed } = await server.open('/ws/', [], { ...session(), ...browser() }).settled();
    expect(closed).toMatchObject({ code: 1013, reason: expect.stringContaining('auth.url (--auth-url) answers 502') });
  });

  test('one that does not answer the close is cut off', async () => {
    const { hostname, port, host, origin } = new URL(server.url);
    const socket = connect(Number(port), hostname).resume();
    const lines = [
      ...['GET /ws/ HTTP/1.1', `Host: ${host}`, `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket'],
      ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
    ];
    socket.write(lines.join('\r\n'));
    await expect.poll(() => socket.destroyed).toBe(true);
  }, 20_000);

  test('and is let in once it is over', async () => {
    const headers = session();
    sessions.becomes(answers(302, '', { location: '/login' }));
    expect((await server.open('/ws/', [], headers).settled()).refused?.status).toBe(503);
    sessions.becomes(answersJson({ sub: '7' }));
    expect((await server.open('/ws/', [], headers).settled()).received[0]).toMatchObject({ user_id: '7' });
  });

  test('a client of WHATWG sockets outside browsers fails, and learns why from whoami', async () => {
    const socket = new globalThis.WebSocket(`${server.url.replace('http', 'ws')}/ws/`);
    const events: string[] = [];
    for (const name of ['open', 'error', 'close']) socket.addEventListener(name, () => events.push(name));
    await until(() => events.includes('close'));
    expect(events).toEqual(['error', 'close']);
    const whoami = await server.call('GET', '/api/v1/whoami', undefined, { authorization: '' });
    expect(whoami).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(whoami.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('a client that comes back at once after each refusal is slowed, and the log says it once a second', async () => {
    const address = '203.0.113.77';
    const attempt = () =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/`, {
          headers: { 'x-forwarded-for': address },
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    let attempts = 0;
    const end = Date.now() + 1_500;
    const loop = async (): Promise<void> => {
      while (Date.now() < end) {
        await attempt();
        attempts++;
      }
    };
    await Promise.all([loop(), loop(), loop()]);
    expect(attempts).toBeLessThan(50);
    const joined = await server
      .open(`/ws/?token=${token({ sub: 'ann' })}`, [], { 'x-forwarded-for': address })
      .settled();
    expect(joined.received[0]).toMatchObject({ user_id: 'ann' });
  });
});

describe('an outage while connected, or on other ways', () => {
  test('a route answers 503 and when to come again', async () => {
    sessions.becomes(answers(200, '<html>Sign in</html>'));
    const answer = await server.call('GET', '/api/v1/inbox', undefined, { authorization: '', ...session() });
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'unavailable', message: expect.stringMatching(/answers 200 without JSON/) },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  describe('of the published keys', () => {
    let keys: TestAddress;
    let published: RunningServer;
    const jwt = `${btoa('{"alg":"ES256","kid":"k1"}').replaceAll('=', '')}.${btoa('{"sub":"ann"}').replaceAll('=', '')}.AAAA`;
    beforeAll(async () => {
      keys = await TestAddress.open(answers(500));
      published = await RunningServer.start({ auth: { jwtSecret: undefined, jwksUrl: keys.url, url: sessions.url } });
    });
    afterAll(async () => {
      await published.stop();
      keys.close();
    });

    test.each<[string, () => PlainSocket]>([
      ['the query', () => published.open(`/ws/?token=${jwt}`, [], { origin: published.url })],
      ['the subprotocol', () => published.open('/ws/', ['tidings.v1', `bearer.${jwt}`], { origin: published.url })],
      [
        'the first frame',
        () => {
          const socket = published.open('/ws/?auth=frame');
          socket.ws.on('open', () => socket.say({ action: 'authenticate', token: jwt }));
          return socket;
        },
      ],
    ])('closes with 1013 who brings a token by %s', async (_carrier, open) => {
      const { closed } = await open().settled();
      expect(closed).toMatchObject({
        code: 1013,
        reason: expect.stringContaining('auth.jwksUrl (--jwks-url) answers 500'),
      });
    });

    test('refuses a renewal, and leaves the connection', async () => {
      sessions.becomes(answersJson({ sub: 'ann' }));
      const socket = await published.open('/ws/', [], session()).settled();
      socket.say({ action: 'authenticate', token: jwt, ref: 1 });
      expect(await socket.got('error')).toMatchObject({
        ref: 1,
        code: 'unavailable',
        message: expect.stringMatching(/answers 500/),
      });
      socket.say({ action: 'ping', ref: 2 });
      expect(await socket.got('reply')).toMatchObject({ ref: 2 });
    });
  });
});

describe('the address of a socket, asked for as a page', () => {
  test.each(['/ws', '/ws/', '/ws/notifications/', '/ws/tasks?token=x'])('%s is 426 with a sentence', async (path) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect(await response.json()).toMatchObject({
      code: 'upgrade_required',
      message: expect.stringMatching(/connect by ws:\/\/ or wss:\/\//),
    });
  });

  test('is no other address', async () => {
    expect((await fetch(`${server.url}/wsx/`)).status).toBe(404);
  });
});

describe('behind a proxy that is trusted', () => {
  test('those who come by one proxy are counted by their own addresses', async () => {
    const limited = await RunningServer.start({
      ...{ trustedProxies: ['127.0.0.0/8'], limits: { maxConnectionsPerAddress: 1 } },
    });
    const come = (sub: string, from: string) =>
      limited.open(`/ws/?token=${token({ sub })}`, [], { 'x-forwarded-for': from }).settled();
    expect((await come('ann', '198.51.100.1')).received[0]).toMatchObject({ user_id: 'ann' });
    expect((await come('bob', '198.51.100.2, 127.0.0.9')).received[0]).toMatchObject({ user_id: 'bob' });
    expect((await come('eve', '198.51.100.2')).closed?.code).toBe(4409);
    await limited.stop();
  });

  const beginSession = async (headers: Record<string, string>, jwt = token({ sub: 'ann' }), query = '') => {
    const all = { authorization: `Bearer ${jwt}`, ...headers };
    return server.call('POST', `/api/v1/session${query}`, undefined, all);
  };

  test('the cookie is Secure where the outermost proxy was called by https', async () => {
    const cookie = async (headers: Record<string, string>) => (await beginSession(headers)).headers.get('set-cookie');
    expect(await cookie({ 'x-forwarded-proto': 'https,http' })).toMatch(/; Secure/);
    expect(await cookie({ 'x-forwarded-proto': 'https' })).toMatch(/; Secure/);
    expect(await cookie({ 'x-forwarded-proto': 'http, https' })).not.toMatch(/Secure/);
    expect(await cookie({})).not.toMatch(/Secure/);
  });

  test('the cookie holds the token that says who it is', async () => {
    const [ann, bob] = [token({ sub: 'ann' }), token({ sub: 'bob' })];
    const answer = await beginSession({}, bob, `?token=${ann}`);
    expect(answer.body).toMatchObject({ user_id: 'ann' });
    expect(answer.headers.get('set-cookie')).toContain(ann);
  });

  test('a page of the name that the proxy was called by is the server’s own', async () => {
    const headers = { 'x-forwarded-host': 'app.example:443', origin: 'https://app.example' };
    const socket = await server.open(`/ws/?token=${token({ sub: 'ann' })}`, [], headers).settled();
    expect(socket.received[0]).toMatchObject({ user_id: 'ann' });
    const { refused } = await server.open('/ws/', [], { origin: 'https://app.example' }).settled();
    expect(refused).toMatchObject({
      status: 403,
      body: expect.stringContaining('https://app.example'),
    });
  });
});

test('a role with a blank is heard where it is named, and can be given by a back end', async () => {
  const role = 'Domain Users';
  const [byToken, byBackEnd] = [await server.join('ann', { roles: role }), await server.join('bob')];
  expect((await server.call('PUT', '/api/v1/users/bob/roles', { roles: [role] })).status).toBe(200);
  await byBackEnd.got('topic_joined');
  await server.call('POST', '/api/v1/notifications', { to: { role }, title: 'Maintenance' });
  for (const socket of [byToken, byBackEnd]) {
    expect(await socket.got('user_notification')).toMatchObject({ title: 'Maintenance' });
  }
});
