import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from './diagnosis.ts';
import { type ClientOptions, settingsOf } from './options.ts';
import { idle } from './state.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { serverUrl } from './url.ts';

let server: ProtocolServer;
let base: URL;

beforeEach(async () => {
  server = await ProtocolServer.start();
  base = new URL(`${server.url}/`);
});
afterEach(() => server.stop());

const close = (code: number, reason = '') => ({ code, reason }) as CloseEvent;

function ended(more: Partial<Parameters<typeof judge>[0]> = {}, options: ClientOptions = {}) {
  const settings = settingsOf({
    ...{ url: base.href, query: { user: 'alice' }, clock: new FakeClock(), random: () => 0.5, ...options },
  });
  const known = { problem: undefined, phase: 'opening' as const, token: '', settings, state: idle };
  return judge({ ...known, refusedAt: 0, url: serverUrl, origin: () => undefined, ...more });
}

const ask = async (token = '', fetcher: typeof fetch = fetch, origin?: string) =>
  (await ended({ token, origin: () => origin }, { fetch: fetcher })).reason;

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
  expect(await ask('t')).toMatchObject({ code, retryable: code === 'unauthenticated' || retryable });
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
  expect(reason.message).toContain('pages of https://app.example: name it in auth.allowedOrigins (--allowed-origins)');
});

test('a server that comes up between the questions is not taken for one that forbids', async () => {
  let asked = 0;
  const comingUp: typeof fetch = (url, init) =>
    ++asked === 1 ? Promise.reject(new TypeError('Failed to fetch')) : fetch(url, init);
  expect((await ask(undefined, comingUp, 'https://app.example')).code).toBe('unreachable');
});

test('a server that does not answer is given up after 5 s', async () => {
  const clock = new FakeClock();
  const silent: typeof fetch = (_url, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  const verdict = ended({}, { fetch: silent, clock });
  clock.advance(5_000);
  expect((await verdict).reason.code).toBe('unreachable');
});

test('what answers in the place of a Tidings server is told which paths to pass on', async () => {
  server.whoami = { status: 200, body: {} };
  const { message } = await ask();
  expect(message).toContain('is no Tidings server');
  expect(message).toMatch(/Vite, Angular, Next or webpack.*\/ws\/.*\/api\//);
});

test('what came in the place of a greeting is named', async () => {
  const { reason } = await ended({ problem: '{"type":"hot"}' });
  expect(reason).toMatchObject({ code: 'unreachable', retryable: true });
  expect(reason.message).toContain('it said {"type":"hot"}');
});

test.each([
  [close(1012, '{"retry_after_ms":3210}'), 'restarting', 3_210],
  [close(1012, '{"retry_after_ms":6913142403}'), 'restarting', 2_000_000_000],
  [close(1009), 'payload_too_large', 500],
  [close(1013, 'full'), 'unavailable', 500],
  [close(4400), 'bad_response', 500],
  [close(4408), 'too_slow', 0],
  [close(4409), 'too_many', 500],
  [close(4403, 'not you'), 'forbidden', null],
  [close(1006), 'connection_lost', 500],
  [undefined, 'connection_lost', 500],
])('a connection that ends with %j: %s, and the next attempt in %s ms', async (problem, code, delayMs) => {
  const verdict = await ended({ problem, phase: 'live' });
  expect(verdict).toMatchObject({ reason: { code, retryable: delayMs !== null }, delayMs });
});

test('a text that is no token is final, a function that gave none is called again', async () => {
  const fixed = await ended({ problem: '<!doctype html>', token: null }, { token: '<!doctype html>' });
  expect(fixed).toMatchObject({ reason: { code: 'unauthenticated' }, delayMs: null });
  const asked = await ended({ problem: '<!doctype html>', token: null }, { token: () => '' });
  expect(asked).toMatchObject({ reason: { code: 'unauthenticated', retryable: true }, delayMs: 500 });
  expect(asked.reason.message).toContain('<!doctype');
});

test('an address that is none is told what to set', async () => {
  for (const [url, got] of [
    ['mailto:a@b', 'mailto:a@b'],
    ['', 'none'],
  ] as const) {
    const { reason } = await ended({}, { url });
    expect(reason).toMatchObject({ code: 'bad_request', message: expect.stringContaining(`got ${got}`) });
    expect(reason.message).toContain('NEXT_PUBLIC_TIDINGS_URL');
  }
});
