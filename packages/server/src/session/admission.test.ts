import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { clockAt, ManualClock } from '../../testing/manual-clock.ts';
import { MemoryConnection } from '../../testing/memory-connection.ts';
import { RoomEndpoint } from '../../testing/room-endpoint.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { inSeconds, secret, token } from '../../testing/tokens.ts';
import { tick, until, World } from '../../testing/world.ts';

let folder: TempFolder;
let world: World;
let now: number;
beforeEach(async () => {
  folder = new TempFolder();
  now = Date.now();
  const limits = { maxConnectionsPerAddress: 3, pingIntervalMs: 25_000, pongTimeoutMs: 10_000 };
  world = await new World(sqliteStore(prepared(folder.file())), {
    jwtSecret: secret,
    clock: clockAt(() => now),
    limits,
  }).open();
});
afterEach(async () => {
  await world.close();
  folder.remove();
});

const url = (sub: string, claims: object = {}): string => `/ws/?token=${token({ sub, ...claims })}`;

test('those who have not said who they are count towards the limit of their address, until they go or have said it', async () => {
  const waiting = await Promise.all([1, 2, 3].map(() => world.connect('/ws/?auth=frame')));
  expect((await world.connect('/ws/?auth=frame')).closed?.code).toBe(4409);
  expect((await world.connect(url('ann'))).closed?.code).toBe(4409);
  waiting[0]?.cut();
  waiting[1]?.say({ action: 'authenticate', token: token({ sub: 'ann' }) });
  await until(() => waiting[1]?.of('synced').length === 1);
  expect((await world.join(url('bob'))).closed).toBeNull();
  expect((await world.connect('/ws/?auth=frame')).closed?.code).toBe(4409);
});

test('who has not said who they are within 10 s is turned away', async () => {
  const clock = new ManualClock();
  const other = await new World(sqliteStore(prepared(folder.file('other.db'))), { jwtSecret: secret, clock }).open();
  const connection = await other.connect('/ws/?auth=frame');
  await clock.advance(9_999);
  expect(connection.closed).toBeNull();
  await clock.advance(1);
  expect(connection.closed).toEqual({ code: 4401, reason: 'no token came within 10 s' });
  await other.close();
});

test('the time since the connection was made is part of the 10 s', async () => {
  const clock = new ManualClock();
  const other = await new World(sqliteStore(prepared(folder.file('other.db'))), { jwtSecret: secret, clock }).open();
  const request = { url: '/ws/?auth=frame', headers: { host: 'localhost' }, socket: { remoteAddress: '127.0.0.1' } };
  const admission = await other.admission.admit(request as IncomingMessage, '/ws/', { elapsedMs: 8_000 });
  const connection = new MemoryConnection();
  if (admission.kind === 'open') connection.events = admission.begin(connection);
  await clock.advance(1_999);
  expect(connection.closed).toBeNull();
  await clock.advance(1);
  expect(connection.closed).toMatchObject({ code: 4401 });
  await other.close();
});

test('one that goes away while its token is read leaves nothing behind', async () => {
  const connection = await world.connect('/ws/?auth=frame');
  connection.say({ action: 'authenticate', token: token({ sub: 'ann' }) });
  connection.cut();
  for (let n = 0; n < 20; n++) await tick();
  expect(world.registry.size).toBe(0);
});

test('a token that expires ends its session once the tolerance is over, at the next look, which is once a second', async () => {
  const exp = inSeconds(60);
  const connection = await world.join(url('ann', { exp }));
  await world.sweep();
  expect(connection.closed).toBeNull();
  now = (exp + 59) * 1_000;
  await world.sweep();
  expect(connection.closed).toBeNull();
  now = (exp + 60) * 1_000;
  await world.sweep();
  expect(connection.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
  expect(world.registry.size).toBe(0);
});

test('a silent peer is given up after a ping and the time for an answer, and one that answers is not', async () => {
  const [silent, alive] = [await world.join(url('ann')), await world.join(url('bob'))];
  silent.probe = () => {};
  now += 25_001;
  await world.sweep();
  await tick();
  expect(alive.of('ping')).toHaveLength(1);
  now += 10_002;
  await world.sweep();
  expect(silent.closed?.code).toBe(1006);
  expect(alive.closed).toBeNull();
});

test('a silent peer is given up where the clock was set back after its last sign of life', async () => {
  now += 3_600_000;
  const silent = await world.join(url('ann'));
  now += 25_001;
  await world.sweep();
  await tick();
  now -= 3_600_000;
  silent.probe = () => {};
  await world.sweep();
  now += 10_002;
  await world.sweep();
  expect(silent.closed?.code).toBe(1006);
});

test('a stream ends with 1000 between its age and half as long again; what has no age stays', async () => {
  const clock = new ManualClock();
  const other = await new World(sqliteStore(prepared(folder.file('aged.db'))), { clock }).open();
  const aged = (connection: MemoryConnection) =>
    Object.assign(connection, { traits: { ...connection.traits, maxAgeMs: 600_000 } });
  const [stream, socket] = [await other.connect('/ws/?user=a', aged), await other.connect('/ws/?user=a')];
  for (const connection of [stream, socket]) await until(() => connection.of('synced').length === 1);
  await clock.advance(599_999);
  await other.sweep();
  expect(stream.closed).toBeNull();
  await clock.advance(300_001);
  await other.sweep();
  expect([stream.closed, socket.closed]).toMatchObject([{ code: 1000 }, null]);
  await other.close();
});

test('a clock that jumps an hour either way ends no pings, and closes nobody who answers', async () => {
  const connection = await world.join(url('ann'));
  for (const jump of [3_600_000, -7_200_000, 3_600_000]) {
    now += jump;
    const before = connection.of('ping').length;
    for (let second = 0; second < 40; second++) {
      now += 1_000;
      await world.sweep();
      await tick();
    }
    expect(connection.of('ping').length).toBeGreaterThan(before);
    for (let n = 0; n < 100; n++) connection.say({ action: 'ping', ref: n });
    expect(connection.closed).toBeNull();
  }
});

describe('an endpoint that is not for everybody', () => {
  let room: RoomEndpoint;
  let other: World;
  beforeEach(async () => {
    room = new RoomEndpoint(['ann']);
    other = await new World(sqliteStore(prepared(folder.file('other.db'))), {
      jwtSecret: secret,
      endpoints: [room],
    }).open();
  });
  afterEach(() => other.close());
  const path = (sub: string): string => `/ws/room/a/?token=${token({ sub })}`;

  test('opens to those it is for, without an inbox', async () => {
    const connection = await other.connect(path('ann'));
    expect(room.connections).toEqual([connection]);
    connection.say({ hello: 1 });
    expect(room.received).toEqual(['{"hello":1}']);
    expect(connection.received).toEqual([]);
    expect(other.registry.size).toBe(0);
  });

  test('refuses others: a program by 403, a browser and who sent the token in a frame by close 4403', async () => {
    expect((await other.connect(path('bob'))).closed).toEqual({ code: 403, reason: 'bob is no member of this room' });
    const headers = { origin: 'http://localhost' };
    expect((await other.connect(path('bob'), () => {}, headers)).closed?.code).toBe(4403);
    const late = await other.connect('/ws/room/a?auth=frame');
    late.say({ action: 'authenticate', token: token({ sub: 'bob' }) });
    await until(() => late.closed !== null);
    expect(late.closed).toEqual({ code: 4403, reason: 'bob is no member of this room' });
    expect(room.connections).toEqual([]);
  });
});
