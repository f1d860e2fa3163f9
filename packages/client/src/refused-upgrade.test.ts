import { afterEach, beforeEach, expect, test } from 'vitest';
import { whyRefused } from './refused-upgrade.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { ProtocolServer } from './testing/protocol-server.ts';

let server: ProtocolServer;
let base: URL;

beforeEach(async () => {
  server = await ProtocolServer.start();
  base = new URL(`${server.url}/`);
});
afterEach(() => server.stop());

const ask = (token?: string, fetcher: typeof fetch = fetch, origin?: string) =>
  whyRefused({ base, token, query: { user: 'alice' }, fetch: fetcher, clock: new FakeClock(), origin });

/** A browser that may not read what comes from elsewhere without the server's leave. */
const withoutLeave: typeof fetch = (url, init) =>
  init?.mode === 'no-cors' ? fetch(url, init) : Promise.reject(new TypeError('Failed to fetch'));

test.each([
  [401, { code: 'unauthenticated', message: 'the token has expired' }, 'unauthenticated', false],
  [403, { code: 'origin_not_allowed' }, 'origin_not_allowed', false],
  [403, { code: 'forbidden', message: 'not you' }, 'forbidden', false],
  [429, { code: 'too_many' }, 'too_many', true],
  [503, { code: 'unavailable' }, 'unavailable', true],
  [200, { user_id: '1' }, 'unreachable', true],
  [404, { error: 'nginx' }, 'unreachable', true],
])('an answer of %i %j means %s', async (status, body, code, retryable) => {
  server.whoami = { status, body };
  expect(await ask()).toMatchObject({ code, retryable });
});

test('asks as who the socket would have been', async () => {
  await ask('a.b.c');
  expect(server.asked[0]?.url).toBe('/api/v1/whoami?user=alice');
  expect(server.asked[0]?.headers.authorization).toBe('Bearer a.b.c');
});

test('no server at all is unreachable, and the message names the address', async () => {
  await server.stop();
  const reason = await ask();
  expect(reason).toMatchObject({ code: 'unreachable', retryable: true });
  expect(reason.message).toContain(base.href);
  server = await ProtocolServer.start();
});

test('a server whose answers the page may not read does not list its origin', async () => {
  const reason = await ask(undefined, withoutLeave, 'https://app.example');
  expect(reason).toMatchObject({ code: 'origin_not_allowed', retryable: false });
  expect(reason.message).toContain('--allowed-origins https://app.example');
});

test('a server that comes up between the questions is not taken for one that forbids', async () => {
  let asked = 0;
  const comingUp: typeof fetch = (url, init) =>
    ++asked === 1 ? Promise.reject(new TypeError('Failed to fetch')) : fetch(url, init);
  expect((await ask(undefined, comingUp, 'https://app.example')).code).toBe('unreachable');
});

test('a server that does not answer is given up after 10 s', async () => {
  const clock = new FakeClock();
  const silent: typeof fetch = (_url, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  const answer = whyRefused({ base, token: undefined, query: {}, fetch: silent, clock, origin: undefined });
  clock.advance(10_000);
  expect((await answer).code).toBe('unreachable');
});
