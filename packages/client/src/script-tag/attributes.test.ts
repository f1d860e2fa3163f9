import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProtocolServer } from '../testing/protocol-server.ts';
import { optionsOf } from './attributes.ts';

let server: ProtocolServer;

beforeEach(async () => {
  server = await ProtocolServer.start();
});
afterEach(() => server.stop());

const tokenFrom = (body: string) => {
  server.files.set('/token', { type: 'text/plain', body });
  const { token } = optionsOf({ tokenUrl: `${server.url}/token` }, '');
  return typeof token === 'function' ? token() : token;
};

test('the server is where the script came from, unless data-url says otherwise', () => {
  expect(optionsOf({}, 'https://notify.example/tidings.js').url).toBe('https://notify.example/');
  expect(optionsOf({}, 'https://app.example/notify/tidings.js?v=2').url).toBe('https://app.example/notify/');
  expect(optionsOf({ url: 'https://other.example' }, 'https://notify.example/tidings.js').url).toBe(
    'https://other.example',
  );
  expect(optionsOf({}, '').url).toBeUndefined();
});

test('who one is in development goes into the address', () => {
  expect(optionsOf({ user: 'alice', roles: 'admin,ops' }, '').query).toEqual({ user: 'alice', roles: 'admin,ops' });
  expect(optionsOf({}, '')).toMatchObject({ query: {}, token: undefined });
});

test('the token may be answered as JSON or as text', async () => {
  expect(await tokenFrom('{"token": "a.b.c"}')).toBe('a.b.c');
  expect(await tokenFrom('a.b.c\n')).toBe('a.b.c');
});

test.each(['', '{"jwt": "a.b.c"}', '{'])('an answer of %j is no token', async (body) => {
  await expect(tokenFrom(body)).rejects.toThrow();
});

test('a page where nobody is signed in has no token, for good', async () => {
  server.whoami = { status: 401, body: {} };
  const { token } = optionsOf({ tokenUrl: `${server.url}/api/v1/whoami` }, '');
  await expect(typeof token === 'function' && token()).rejects.toMatchObject({
    code: 'unauthenticated',
    retryable: false,
  });
});
