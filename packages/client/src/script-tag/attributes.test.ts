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

test('what the address of the token answers goes to the client as it is, and what is no answer is an error', async () => {
  expect(await tokenFrom('{"token": "a.b.c"}')).toBe('{"token": "a.b.c"}');
  server.whoami = { status: 502, body: {} };
  const { token } = optionsOf({ tokenUrl: `${server.url}/api/v1/whoami` }, '');
  const failed = expect(typeof token === 'function' && token()).rejects;
  await failed.toThrow('502');
  await expect(typeof token === 'function' && token()).rejects.not.toHaveProperty('retryable');
});

test('a page where nobody is signed in has no token, for good', async () => {
  server.whoami = { status: 401, body: {} };
  const { token } = optionsOf({ tokenUrl: `${server.url}/api/v1/whoami` }, '');
  await expect(typeof token === 'function' && token()).rejects.toMatchObject({
    code: 'unauthenticated',
    retryable: false,
  });
});
