import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';
import { inSeconds, token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(() => server.stop());

const call = (method: string, path: string, body?: unknown) => server.call(method, `/api/v1${path}`, body);

test('roles that a back end sets hold at once, on sockets and over HTTP', async () => {
  const before = { authorization: `Bearer ${token({ sub: 'r1', roles: ['clerk'], iat: inSeconds(-60) })}` };
  const socket = await server.open('/ws/', [], before).settled();
  expect((await call('PUT', '/users/r1/roles', { roles: ['boss', 'boss'] })).body).toEqual({
    ...{ user_id: 'r1', roles: ['boss'] },
  });
  expect(await socket.got('topic_left')).toMatchObject({ topic: 'role:clerk' });
  expect(await socket.got('topic_joined')).toMatchObject({ topic: 'role:boss' });
  expect((await server.call('GET', '/api/v1/whoami', undefined, before)).body.roles).toEqual(['boss']);
});

test('sessions are ended, one or all, and may come back', async () => {
  const [first, second] = [await server.join('d1'), await server.join('d1')];
  const { session_id } = first.received[0] as { session_id: string };
  const one = await call('POST', '/users/d1/disconnect', { session_id, reason: 'Signed in elsewhere' });
  expect(one).toMatchObject({ status: 200, body: { disconnected: 1 } });
  await until(() => first.closed !== null);
  expect(first.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('Signed in elsewhere') });
  expect(second.closed).toBeNull();
  expect((await call('POST', '/users/d1/disconnect')).body).toEqual({ disconnected: 1 });
  await until(() => second.closed !== null);
  expect((await server.join('d1')).closed).toBeNull();
});

test('tokens that are revoked open nothing any more', async () => {
  const headers = { authorization: `Bearer ${token({ sub: 'v1', jti: 'j1', iat: inSeconds(-60) })}` };
  const socket = await server.open('/ws/', [], headers).settled();
  expect((await call('POST', '/tokens/revoke', { token_id: 'j1' })).body).toEqual({ disconnected: 1 });
  await until(() => socket.closed !== null);
  expect(socket.closed?.code).toBe(4401);
  expect(await server.call('GET', '/api/v1/whoami', undefined, headers)).toMatchObject({
    ...{ status: 401, body: { code: 'unauthenticated' } },
  });
});
