import { createSender, type Sender } from '@tidings/sender';
import { afterAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

const server = await RunningServer.start({ limits: { stateKeysPerRoom: 3 } });
const overHttp = createSender({ url: server.url, apiKey });
afterAll(async () => {
  await overHttp.close();
  await server.stop();
});

let made = 0;
const aRoom = () => {
  const id = `${++made}`;
  return { room: `project:${id}`, path: `/api/v1/rooms/project/${id}/state` };
};
const as = (user: string, claims: object = {}) => ({ authorization: `Bearer ${token({ sub: user, ...claims })}` });

test('a key is set, read, set again if it is as expected, and removed; a write from an older rev is a conflict', async () => {
  const { room, path } = aRoom();
  const set = async (body: object) => (await server.call('PUT', `${path}/phase`, body)).body;
  const { rev } = await set({ value: 'draft', if_rev: 0 });
  expect(rev).toBeGreaterThan(0);
  expect(await set({ value: 'other', if_rev: 0 })).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`${rev}`),
  });
  const next = await set({ value: { name: 'review' }, if_rev: rev });
  expect(await set({ value: 'late', if_rev: rev })).toMatchObject({ code: 'conflict' });
  const { body } = await server.call('GET', path);
  const entry = { room, key: 'phase', value: { name: 'review' }, from: null, rev: next.rev };
  expect(body).toEqual({ items: [{ ...entry, timestamp: expect.any(String) }] });
  expect((await server.call('DELETE', `${path}/phase?if_rev=${rev}`)).body).toMatchObject({ code: 'conflict' });
  expect((await server.call('DELETE', `${path}/phase?if_rev=${next.rev}`)).body).toEqual({ removed: true });
  expect((await server.call('DELETE', `${path}/phase`)).body).toEqual({ removed: false });
  expect((await server.call('GET', path)).body).toEqual({ items: [] });
  expect(await set({ value: 'again', if_rev: next.rev })).toMatchObject({ code: 'conflict' });
  expect(await set({ value: 'again', if_rev: 0 })).toEqual({ rev: expect.any(Number) });
});

test('of many who count up from what they read, none is lost', async () => {
  const { path } = aRoom();
  const countUp = async (): Promise<void> => {
    const { items } = (await server.call('GET', path)).body;
    const [{ value = 0, rev = 0 } = {}] = items;
    const { status } = await server.call('PUT', `${path}/count`, { value: value + 1, if_rev: rev });
    if (status === 409) await countUp();
  };
  await Promise.all(Array.from({ length: 20 }, countUp));
  expect((await server.call('GET', path)).body.items).toMatchObject([{ value: 20 }]);
});

test('a set that is repeated with its key is done once, whatever the key is at', async () => {
  const { path } = aRoom();
  const set = async (body: object) => (await server.call('PUT', `${path}/lock`, body)).body;
  const mine = { value: 'a', if_rev: 0, idempotency_key: `k${made}` };
  const { rev } = await set(mine);
  expect(await set(mine)).toEqual({ rev, duplicate: true });
  expect(await set({ ...mine, value: 'b' })).toMatchObject({ code: 'idempotency_mismatch' });
});

test('a removal that is repeated with its key answers as it did, and removes nothing that was set since', async () => {
  const { path } = aRoom();
  const set = async (value: string) => (await server.call('PUT', `${path}/lock`, { value })).body;
  const { rev } = await set('a');
  const mine = `${path}/lock?if_rev=${rev}&idempotency_key=removal${made}`;
  const remove = async (at: string, headers?: Record<string, string>) =>
    (await server.call('DELETE', at, undefined, headers)).body;
  const [first, second] = await Promise.all([remove(mine), remove(mine)]);
  expect([first, second]).toContainEqual({ removed: true });
  expect([first, second]).toContainEqual({ removed: true, duplicate: true });
  const again = await set('b');
  expect(await remove(mine)).toEqual({ removed: true, duplicate: true });
  expect(await remove(`${path}/lock?if_rev=${rev}&idempotency_key=other${made}`)).toMatchObject({ code: 'conflict' });
  expect(await remove(`${path}/lock?idempotency_key=removal${made}`)).toMatchObject({ code: 'idempotency_mismatch' });
  expect((await server.call('GET', path)).body.items).toMatchObject([{ value: 'b', rev: again.rev }]);
});

test('who may write sets, under the own name; who may read reads; nobody else is told of a room', async () => {
  const { room, path } = aRoom();
  const [ann, bob, eve] = [as('ann', { grants: [`${room}:rw`] }), as('bob', { grants: [`${room}:r`] }), as('eve')];
  expect((await server.call('PUT', `${path}/a`, { value: 1 }, ann)).status).toBe(200);
  const { body } = await server.call('GET', path, undefined, bob);
  expect(body.items).toMatchObject([{ key: 'a', value: 1, from: { user_id: 'ann' } }]);
  expect((await server.call('PUT', `${path}/a`, { value: 2 }, bob)).body.code).toBe('forbidden');
  expect((await server.call('DELETE', `${path}/a`, undefined, bob)).body.code).toBe('forbidden');
  for (const [method, at] of [
    ['GET', path],
    ['DELETE', `${path}/a`],
    ['PUT', `${path}/a`],
  ] as const) {
    const told = await server.call(method, at, method === 'PUT' ? { value: 3 } : undefined, eve);
    expect(told.body.code).toBe('not_found');
  }
  expect((await server.call('GET', path)).body.items).toMatchObject([{ value: 1 }]);
});

test('a room has few keys, and small values', async () => {
  const { path } = aRoom();
  const set = async (key: string, body: object) => (await server.call('PUT', `${path}/${key}`, body)).body;
  for (const key of ['a', 'b', 'c']) expect(await set(key, { value: key })).toEqual({ rev: expect.any(Number) });
  expect(await set('d', { value: 1 })).toMatchObject({
    code: 'payload_too_large',
    message: expect.stringContaining('3 keys'),
  });
  expect(await set('a', { value: 2 })).toEqual({ rev: expect.any(Number) });
  await server.call('DELETE', `${path}/b`);
  expect(await set('d', { value: 1 })).toEqual({ rev: expect.any(Number) });
  expect(await set('a', { value: 'x'.repeat(4_000) })).toMatchObject({ code: 'payload_too_large' });
  expect(await set('x'.repeat(101), { value: 1 })).toMatchObject({ code: 'bad_request' });
  expect(await set('a', {})).toMatchObject({ code: 'bad_request', message: expect.stringContaining('value') });
  expect(await set('a', { value: 1, ttl_ms: 10 })).toMatchObject({ code: 'bad_request' });
});

test('a key with a slash is named in the query', async () => {
  const { room, path } = aRoom();
  const id = room.slice('project:'.length);
  const put = await server.call('PUT', `/api/v1/rooms/project/-/state/-?room_id=${id}&state_key=a%2Fb`, {
    value: null,
  });
  expect(put.status).toBe(200);
  expect((await server.call('GET', path)).body.items).toMatchObject([{ key: 'a/b', value: null }]);
});

describe.each([
  ['over HTTP', () => overHttp],
  ['in the process', () => server.tidings as unknown as Sender],
] as [string, () => Sender][])('a sender %s', (_name, sender) => {
  test('reads, sets and removes the state of a room', async () => {
    const { room } = aRoom();
    const { rooms } = sender();
    const { rev } = await rooms.setState(room, 'phase', 'draft', { ifRev: 0 });
    await expect(rooms.setState(room, 'phase', 'other', { ifRev: 0 })).rejects.toMatchObject({ code: 'conflict' });
    await rooms.setState(room, 'until noon', [1], { ttlMs: 60_000 });
    const state = await rooms.state(room);
    expect(state).toMatchObject([
      { key: 'phase', value: 'draft', rev },
      { key: 'until noon', value: [1] },
    ]);
    expect(Date.parse(String(state[1]?.expires_at))).toBeGreaterThan(Date.now() + 30_000);
    await expect(rooms.removeState(room, 'phase', { ifRev: 1 })).rejects.toMatchObject({ code: 'conflict' });
    expect(await rooms.removeState(room, 'phase')).toEqual({ removed: true });
    await expect(rooms.setState(room, 'phase', undefined)).rejects.toMatchObject({ code: 'bad_request' });
  });
});
