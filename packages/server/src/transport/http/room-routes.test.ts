import { createSender, type Sender } from '@tidings/sender';
import { afterAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { token } from '../../../testing/tokens.ts';

const server = await RunningServer.start();
const overHttp = createSender({ url: server.url, apiKey });
afterAll(async () => {
  await overHttp.close();
  await server.stop();
});

let made = 0;
const aRoom = () => {
  const id = `${++made}`;
  return { room: `project:${id}`, path: `/api/v1/rooms/project/${id}` };
};
const as = (user: string, claims: object = {}) => ({ authorization: `Bearer ${token({ sub: user, ...claims })}` });

test('back ends keep the members of a room, and list them a page at a time', async () => {
  const { room, path } = aRoom();
  const set = (user: string, access: string) => server.call('PUT', `${path}/members/${user}`, { access });
  expect((await set('b', 'r')).body).toEqual({ room, user_id: 'b', access: 'r' });
  for (const user of ['c', 'a']) await set(user, 'rw');
  expect((await set('b', 'rw')).body).toEqual({ room, user_id: 'b', access: 'rw' });
  const first = await server.call('GET', `${path}/members?limit=2`);
  expect(first.body).toEqual({
    items: ['a', 'b'].map((user_id) => ({ user_id, username: null, access: 'rw' })),
    next_after: 'b',
  });
  for (const again of [1, 2]) {
    const { status, body } = await server.call('DELETE', `${path}/members/c`);
    expect([again, status, body]).toEqual([again, 200, { room, user_id: 'c' }]);
  }
  expect((await server.call('GET', `${path}/members?after=b`)).body).toEqual({ items: [], next_after: null });
  expect((await set('a', 'w')).body).toMatchObject({ code: 'bad_request' });
  expect((await server.call('PUT', `/api/v1/rooms/project/*/members/a`, { access: 'r' })).body).toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining("put project:*:r into the grants of the user's token"),
  });
  expect((await server.call('PUT', `/api/v1/rooms/1x/2/members/a`, { access: 'r' })).body).toMatchObject({
    ...{ code: 'bad_request', message: expect.stringContaining('got "1x:2"') },
  });
});

test('who may follow a room reads what was sent, newest first, a page at a time; who may not is told of no room', async () => {
  const { room, path } = aRoom();
  for (const text of ['a', 'b', 'c']) await server.call('POST', `${path}/events`, { event: 'said', data: { text } });
  await server.call('PUT', `${path}/members/ann`, { access: 'r' });
  const read = async (headers?: Record<string, string>) => {
    const texts: string[][] = [];
    for (let before = ''; ; ) {
      const { status, body } = await server.call('GET', `${path}/events?limit=2${before}`, undefined, headers);
      if (status !== 200) return body.code;
      texts.push(body.items.map(({ data }: { data: { text: string } }) => data.text));
      if (body.next_before === null) return texts;
      before = `&before=${body.next_before}`;
    }
  };
  const all = [['c', 'b'], ['a']];
  expect(await read()).toEqual(all);
  expect(await read(as('ann'))).toEqual(all);
  expect(await read(as('bob', { grants: [`${room}:r`] }))).toEqual(all);
  expect(await read(as('bob'))).toBe('not_found');
  await server.call('DELETE', `${path}/members/ann`);
  expect(await read(as('ann'))).toBe('not_found');
});

test('the action room_events answers the same as the route, over HTTP and on a socket', async () => {
  const { room, path } = aRoom();
  for (const text of ['a', 'b', 'c']) await server.call('POST', `${path}/events`, { event: 'said', data: { text } });
  const headers = as('ann', { grants: [`${room}:r`] });
  const socket = await server.open(`/ws/?token=${token({ sub: 'ann', grants: [`${room}:r`] })}`).settled();
  const action = { action: 'room_events', room, limit: 2 };
  let before = {};
  for (const ref of [1, 2]) {
    const query = new URLSearchParams({ limit: '2', ...before });
    const { items, next_before } = (await server.call('GET', `${path}/events?${query}`, undefined, headers)).body;
    expect(items).toHaveLength(ref === 1 ? 2 : 1);
    const asked = { ...action, ...before, ref };
    const answered = { type: 'reply', ref, items, next_before };
    expect((await server.call('POST', '/api/v1/actions', asked, headers)).body).toEqual(answered);
    socket.say(asked);
    expect(await socket.got('reply', ref)).toEqual(answered);
    before = { before: next_before };
  }
  expect((await server.call('POST', '/api/v1/actions', { ...action, room: 'project' }, headers)).body).toMatchObject({
    ...{ code: 'bad_request', message: expect.stringContaining('project:12') },
  });
  expect((await server.call('POST', '/api/v1/actions', action, as('bob'))).body).toMatchObject({ code: 'not_found' });
});

test('a user with the right sends, under the own name and with keys of the own', async () => {
  const { room, path } = aRoom();
  const send = (user: string, body: object, access = 'rw') =>
    server.call('POST', `${path}/events`, body, as(user, { username: `${user}-name`, grants: [`${room}:${access}`] }));
  const body = { event: 'said', data: { text: 'hello', more: [1] }, idempotency_key: 'k' };
  const { status, body: sent } = await send('eve', body);
  expect([status, sent]).toEqual([201, { id: expect.any(String), rev: expect.any(Number) }]);
  expect((await send('eve', { ...body, data: { more: [1], text: 'hello' } })).body).toEqual({
    ...sent,
    duplicate: true,
  });
  expect((await send('eve', { ...body, data: {} })).body).toMatchObject({ code: 'idempotency_mismatch' });
  expect((await send('fay', body)).body).not.toHaveProperty('duplicate');
  expect((await send('eve', { event: 'said' }, 'r')).body).toMatchObject({ code: 'forbidden' });
  expect((await send('eve', { event: 'no name' })).body).toMatchObject({ code: 'bad_request' });
  expect((await send('eve', { event: 'said', data: { text: 'x'.repeat(262_144) } })).body).toMatchObject({
    code: 'payload_too_large',
  });
  const { items } = (await server.call('GET', `${path}/events`)).body;
  expect(items.map(({ from }: { from: object }) => from)).toEqual([
    { user_id: 'fay', username: 'fay-name' },
    { user_id: 'eve', username: 'eve-name' },
  ]);
});

test('an event that is larger than a client takes comes truncated, with the place where it is read', async () => {
  const { room, path } = aRoom();
  const headers = as('gil', { grants: [`${room}:r`] });
  const socket = await server.open(`/ws/rooms/project/${room.slice(8)}/?max_frame=8192`, [], headers).settled();
  await server.call('POST', `${path}/events`, { event: 'said', data: { text: 'x'.repeat(9_000) } });
  const frame = await socket.got('room_event');
  expect(frame).toMatchObject({ room, event: 'said', truncated: true, data: {} });
  const { body } = await server.call('GET', frame.url as string, undefined, headers);
  expect(body.items).toMatchObject([{ id: frame.id, rev: frame.rev, data: { text: 'x'.repeat(9_000) } }]);
});

describe.each<[string, () => Sender]>([
  ['over HTTP', () => overHttp],
  ['in the same process', () => server.tidings as unknown as Sender],
])('a sender %s', (_where, senderOf) => {
  test('sends to rooms and keeps their members', async () => {
    const { rooms } = senderOf();
    const { room, path } = aRoom();
    expect(await rooms.setMember(room, 7, 'r')).toEqual({ room, user_id: '7', access: 'r' });
    const socket = await server.open(`/ws/projects/${room.slice(8)}/`, [], as('7')).settled();
    const { id, rev } = await rooms.send(room, 'approved', { by: 'ann' });
    expect(await socket.got('room_event')).toMatchObject({ id, rev, room, event: 'approved', data: { by: 'ann' } });
    const keyed = await rooms.send(room, 'said', {}, { idempotencyKey: `k-${room}` });
    expect(await rooms.send(room, 'said', {}, { idempotencyKey: `k-${room}` })).toEqual({ ...keyed, duplicate: true });
    expect(await rooms.send(room, 'typing', {}, { ephemeral: true })).toEqual({ ephemeral: true });
    const page = await rooms.events(room, { limit: 1 });
    expect(page).toMatchObject({ items: [{ event: 'said', rev: keyed.rev, from: null }], next_before: keyed.rev });
    const older = await rooms.events(room, { before: keyed.rev });
    expect(older).toMatchObject({ items: [{ id, event: 'approved', data: { by: 'ann' } }], next_before: null });
    await rooms.setMember(room, 8, 'rw');
    const first = await rooms.members(room, { limit: 1 });
    expect(first).toMatchObject({ items: [{ user_id: '7', access: 'r' }], next_after: '7' });
    expect((await rooms.members(room, { after: 7 })).items).toMatchObject([{ user_id: '8', access: 'rw' }]);
    await expect(rooms.events(room, { limit: 101 })).rejects.toMatchObject({
      code: 'bad_request',
      message: 'limit must be a whole number from 1 to 100; got 101',
    });
    expect(await socket.got('ephemeral_event')).toMatchObject({ room, event: 'typing', from: null });
    expect((await server.call('GET', `${path}/events`)).body.items).toHaveLength(2);
    expect(await rooms.removeMember(room, '7')).toEqual({ room, user_id: '7' });
    await expect.poll(() => socket.closed?.code).toBe(4403);
    await expect(rooms.send('nothing', 'said')).rejects.toMatchObject({ code: 'bad_request' });
    await expect(rooms.setMember(room, '7', 'w' as 'r')).rejects.toMatchObject({ code: 'bad_request' });
  });
});

test('in development the query brings grants, to a call and to a poll as to a socket', async () => {
  const development = await RunningServer.start({ dev: true });
  const get = (path: string) => development.call('GET', path, undefined, { authorization: '' });
  const may = await get('/api/v1/rooms/project/1/state?user=ann&grants=project:1:r');
  const other = await get('/api/v1/rooms/project/2/state?user=ann&grants=project:1:r');
  const synced = await get('/api/v1/sync?user=ann&grants=project:1:r&subscribe=room:project:1');
  await development.stop();
  expect([may.status, other.body.code, synced.status]).toEqual([200, 'not_found', 200]);
});
