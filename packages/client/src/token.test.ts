import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import type { TokenSource } from './options.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';
import { tokenOf, tokenPattern } from './token.ts';

let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient;
const logger = { warn: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  clock = new FakeClock();
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

test.each([
  'a.b.c',
  ' a.b.c\n',
  '"a.b.c"',
  'Bearer a.b.c',
  '"Bearer a.b.c"',
  '{"token": "a.b.c", "expires_in": 60}',
  { token: 'a.b.c' },
])('takes the token out of %j', async (given) => {
  expect(await tokenOf(() => given as string)).toBe('a.b.c');
});

test.each(['<!doctype html><title>Sign in</title>', '', '{', '{"error":"no"}', 'please sign in', undefined])(
  'is no token: %j',
  async (given) => {
    expect(tokenPattern.test(await tokenOf(() => given as string))).toBe(false);
  },
);

/** Connects with what answers the first time so, and with a token the second time. */
async function recovers(first: () => string | Promise<string>): Promise<void> {
  let count = 0;
  const source: TokenSource = () => (++count === 1 ? first() : 'good');
  const connected = client.connect(source);
  if (first === never) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(15_000);
  }
  await until(() => client.state.status === 'reconnecting');
  expect(client.state.reason).toMatchObject({ code: 'unauthenticated', retryable: true });
  clock.advance(500);
  await connected;
  expect(server.session.protocols).toEqual(['tidings.v1', 'bearer.good']);
}
const never = () => new Promise<string>(() => {});

test.each([
  ['a login page', () => '<!doctype html><title>Sign in</title>'],
  ['nothing', () => ''],
  ['an error', () => Promise.reject(new Error('the network is down'))],
  ['silence for 15 s', never],
])('a token function that once gives %s is asked again', async (_, first) => recovers(first));

test('a stale token is asked for anew at once, and again until it has been refused for a minute', async () => {
  let count = 0;
  server.onSession = (session) => {
    if (session.protocols[1] === 'bearer.t4') session.welcome();
    else session.close(4401, 'the token has expired');
  };
  const connected = client.connect(() => `t${++count}`);
  await until(() => client.state.attempt === 1);
  expect(client.state.retryAt).toBe(clock.now());
  for (const attempt of [2, 3]) {
    clock.advance(2_000);
    await until(() => client.state.attempt === attempt);
  }
  clock.advance(2_000);
  await connected;
});

test('an endpoint that says that nobody is signed in ends it at once', async () => {
  const error = Object.assign(new Error('sign in first'), { code: 'unauthenticated', retryable: false });
  await expect(client.connect(() => Promise.reject(error))).rejects.toMatchObject({
    code: 'unauthenticated',
    message: 'sign in first',
  });
  expect(client.state).toMatchObject({ status: 'closed', attempt: 1 });
});
