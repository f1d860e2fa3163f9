import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestDatabase } from '../testing/postgres.ts';
import { apiKey, RunningServer } from '../testing/running-server.ts';
import { token } from '../testing/tokens.ts';
import { until } from '../testing/world.ts';

const limits = { workBurst: 100, workPerSecond: 5, refusalBurst: 5, refusalsPerSecond: 5 };
const searching = { searchesPerUser: 1, workBurst: 10_000 };
let users = 0;
const someone = (): string => `l${++users}`;
const idsOf = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe.each([
  { name: 'SQLite', database: async () => null },
  { name: 'PostgreSQL', database: () => TestDatabase.create() },
])('limits of a server on $name', ({ database }) => {
  let own: TestDatabase | null;
  let server: RunningServer;
  beforeAll(async () => {
    own = await database();
    server = await RunningServer.start({ limits, ...(own ? { database: own.url } : {}) });
  });
  afterAll(async () => {
    await server.stop();
    await own?.drop();
  });
  /** Sends a user so many notifications, whose ids begin with a text. */
  async function sendTo(user: string, prefix: string, count: number): Promise<void> {
    const items = idsOf(prefix, count).map((external_id) => ({ to: { user }, external_id, title: external_id }));
    for (let n = 0; n < items.length; n += 1_000) {
      const { status } = await server.call('POST', '/api/v1/notifications/batch', items.slice(n, n + 1_000));
      expect(status).toBe(201);
    }
  }

  test('the work of a user is one budget, on sockets and over HTTP, and nobody else is held up', async () => {
    const [much, other] = [someone(), someone()];
    await sendTo(much, 'a', 700);
    const ids = idsOf('a', 700);
    const socket = await server.join(much);
    socket.say({ action: 'mark_read', ids, ref: 'first' });
    expect(await socket.got('reply')).toMatchObject({ ref: 'first', marked: 700, not_found: [] });
    socket.say({ action: 'mark_unread', ids, ref: 'second' });
    const refused = await socket.got('error');
    expect(refused).toMatchObject({ ref: 'second', code: 'too_many', retry_after_ms: expect.any(Number) });
    expect(refused.retry_after_ms).toBeGreaterThanOrEqual(1_000);
    const calls: [string, string, object?][] = [
      ['POST', '/api/v1/inbox/read', { ids: ['a-1'] }],
      ['POST', '/api/v1/inbox/snooze', { ids: ['a-1'], until: '2099-01-01T00:00:00Z' }],
      ['POST', '/api/v1/inbox/read_all', {}],
      ['POST', '/api/v1/actions', { action: 'mark_read', ids: ['a-1'] }],
      ['GET', '/api/v1/inbox?q=text'],
      ['GET', '/api/v1/inbox/unread_count'],
    ];
    const answers = await Promise.all(calls.map((call) => server.callAs(much, ...call)));
    for (const [n, { status, headers, body }] of answers.entries()) {
      expect([calls[n]?.[1], status, body.code]).toEqual([calls[n]?.[1], 429, 'too_many']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await server.callAs(other, 'GET', '/api/v1/inbox/unread_count')).status).toBe(200);
    // A refused action changed nothing, and accepted ones hold.
    const { body } = await server.call('GET', `/api/v1/users/${much}/inbox?unread=false&limit=100`);
    expect([body.unread_count, body.items.length]).toEqual([0, 100]);
  });

  test('a user who goes on all the same is closed with 4429, and told when to come back', async () => {
    const user = someone();
    const socket = await server.join(user);
    for (let n = 0; n < 60; n++) socket.say({ action: 'mark_read', ids: idsOf('none', 500), ref: n });
    await until(() => socket.closed !== null);
    expect(socket.closed?.code).toBe(4429);
    expect(JSON.parse(socket.closed?.reason ?? '')).toMatchObject({ retry_after_ms: expect.any(Number) });
    const again = await server.open(`/ws/?token=${token({ sub: user })}`).settled();
    expect(again.refused).toMatchObject({ status: 429 });
    expect(Number(again.refused?.headers['retry-after'])).toBeGreaterThan(0);
    const headers = { authorization: `Bearer ${token({ sub: user })}` };
    const stream = await (await fetch(`${server.url}/api/v1/events`, { headers })).text();
    expect(stream).toMatch(/^retry: ?[1-9]\d*\n/);
    expect(stream).toContain('"code":4429');
    const page = await server.open(`/ws/?token=${token({ sub: user })}`, [], { origin: server.url }).settled();
    expect(page.closed).toMatchObject({ code: 4429, reason: expect.stringContaining('retry_after_ms') });
  });
});

test('thousands that were marked as unread are read in parts, and that is work of their user', async () => {
  const server = await RunningServer.start({ limits: { workBurst: 5_200, workPerSecond: 1 } });
  const [user, to] = ['marker', { user: 'marker' }];
  const ids = idsOf('m', 4_000);
  const parts = [0, 1_000, 2_000, 3_000].map((from) => ids.slice(from, from + 1_000));
  for (const part of parts) {
    const items = part.map((external_id) => ({ to, external_id, message: 'x' }));
    await server.call('POST', '/api/v1/notifications/batch', items);
  }
  const count = async () => (await server.call('GET', `/api/v1/users/${user}/inbox`)).body.unread_count;
  const readAll = (up_to: number) => server.callAs(user, 'POST', '/api/v1/inbox/read_all', { up_to });
  await readAll(1_000_000);
  for (const part of parts) await server.callAs(user, 'POST', '/api/v1/inbox/unread', { ids: part });
  expect(await count()).toBe(4_000);
  // Each of the first two looks at all of them, and finds none.
  const statuses: number[] = [];
  for (const upTo of [1, 1, 1_000_000, 1_000_000]) statuses.push((await readAll(upTo)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect(await count()).toBe(0);
  await server.stop();
});

test('what there is of the tasks that an address names is work of its user, as far as no cursor vouches for it', async () => {
  const server = await RunningServer.start({ limits: { workBurst: 100, workPerSecond: 1 } });
  const topics = Array.from({ length: 75 }, (_, n) => `task:${n}`).join();
  const polls = async (query: string, count: number) => {
    const user = someone();
    const statuses: number[] = [];
    for (let n = 0; n < count; n++) {
      statuses.push((await server.callAs(user, 'GET', `/api/v1/sync?wait=0&${query}`)).status);
    }
    return statuses;
  };
  expect(await polls(`topics=${topics}`, 3)).toEqual([200, 200, 429]);
  expect(await polls(`subscribe=${topics}&cursor=x`, 3)).toEqual([200, 200, 429]);
  expect(await polls(`topics=${topics}&cursor=x`, 2)).toEqual([200, 429]);
  await server.stop();
});

test('an id of an application’s that thousands have is found for each user, and costs no more than any', async () => {
  const server = await RunningServer.start({ limits: { workBurst: 20, workPerSecond: 1 } });
  for (const part of [0, 1_000]) {
    const items = idsOf(`r${part}`, 1_000).map((user) => ({ to: { user }, external_id: 'letter', message: 'x' }));
    await server.call('POST', '/api/v1/notifications/batch', items);
  }
  const seen = async (user: string) =>
    (await server.callAs(user, 'POST', '/api/v1/inbox/seen', { ids: ['letter'] })).status;
  expect([await seen('r0-1'), await seen('r0-1')]).toEqual([200, 200]);
  expect([await seen('nobody'), await seen('nobody')]).toEqual([404, 404]);
  await server.stop();
});

test('an address whose API keys and tokens are refused again and again is told to wait, and good ones are not', async () => {
  const server = await RunningServer.start({ limits });
  try {
    const bad = { authorization: 'Bearer wrong' };
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) {
      statuses.push((await server.call('GET', '/api/v1/connections', undefined, bad)).status);
      statuses.push((await server.call('GET', '/api/v1/inbox', undefined, bad)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const { status, headers } = await server.call('GET', '/api/v1/connections', undefined, bad);
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
    const good = { authorization: `Bearer ${apiKey}` };
    expect((await server.call('GET', '/api/v1/connections', undefined, good)).status).toBe(200);
    expect((await server.callAs('someone', 'GET', '/api/v1/inbox')).status).toBe(200);
  } finally {
    await server.stop();
  }
});

test('the calls with one API key are bounded, and those of another go on', async () => {
  const server = await RunningServer.start({
    auth: { apiKeys: [apiKey, 'another-key-of-ours'] },
    limits: { apiKeyWorkBurst: 3, apiKeyWorkPerSecond: 1 },
  });
  try {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await server.call('GET', '/api/v1/connections')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const other = { authorization: 'Bearer another-key-of-ours' };
    expect((await server.call('GET', '/api/v1/connections', undefined, other)).status).toBe(200);
  } finally {
    await server.stop();
  }
});

describe.each([
  { name: 'SQLite', database: async () => null },
  { name: 'PostgreSQL', database: () => TestDatabase.create() },
])('searches on $name', ({ database }) => {
  test('a user has so many under way, and is told when to search again', async () => {
    const own = await database();
    const server = await RunningServer.start({ limits: searching, ...(own ? { database: own.url } : {}) });
    try {
      const socket = await server.join('1');
      for (let n = 0; n < 20; n++) socket.say({ action: 'list', q: 'text', ref: n });
      socket.say({ action: 'list', ref: 'plain' });
      await until(() => socket.of('reply').length + socket.of('error').length === 21);
      expect(socket.of('reply').map(({ ref }) => ref)).toEqual(expect.arrayContaining([0, 'plain']));
      expect(socket.of('error').length).toBeGreaterThan(0);
      const told = { code: 'too_many', retry_after_ms: 1_000 };
      for (const error of socket.of('error')) expect(error).toMatchObject(told);
    } finally {
      await server.stop();
      await own?.drop();
    }
  });
});
