import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PlainSocket, RunningServer } from '../testing/running-server.ts';
import { token } from '../testing/tokens.ts';
import { until } from '../testing/world.ts';

const smallest = 8_192;
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `m${++users}`;
/** The largest message that came, in bytes. */
const largest = new WeakMap<PlainSocket, number>();
function open(user: string, query: string): PlainSocket {
  const socket = server.open(`/ws/?token=${token({ sub: user })}${query}`);
  largest.set(socket, 0);
  socket.ws.on('message', (data: Buffer) => largest.set(socket, Math.max(largest.get(socket) ?? 0, data.length)));
  return socket;
}
const join = (user: string, query = `&max_frame=${smallest}`): Promise<PlainSocket> => open(user, query).settled();
const large = { x: 'y'.repeat(10_000) };
/** Reads the content at a frame's `url`, as a user. */
const read = async (user: string, { url }: Record<string, unknown>) =>
  (await server.callAs(user, 'GET', String(url))).body;

test('what is larger than a client takes comes as a stub, live, replayed and as a snapshot, counts alike, and is read at its address', async () => {
  const user = someone();
  const [whole, small] = await Promise.all([join(user, ''), join(user)]);
  const sent = { to: { user }, type: 'invoice_paid', category: 'invoices', title: 'paid', data: large };
  const { id } = (await server.call('POST', '/api/v1/notifications', sent)).body;
  await server.call('POST', '/api/v1/notifications', { to: { user }, type: 'invoice_paid', data: { n: 1 } });
  const [stub, next] = [await small.got('invoice_paid'), await small.got('invoice_paid', 2)];
  const { rev, timestamp, cursor } = await whole.got('invoice_paid');
  const left = { type: 'invoice_paid', id, rev, timestamp, category: 'invoices', data: {} };
  const url = `/api/v1/inbox/items/${id}`;
  expect(stub).toEqual({ ...left, truncated: true, url, cursor });
  expect(next).toMatchObject({ n: 1 });
  expect(next).not.toHaveProperty('truncated');
  expect(await read(user, stub)).toMatchObject({ ...left, title: 'paid', data: large, x: large.x });

  const resumed = await join(user, `&max_frame=${smallest}&cursor=${small.of('synced')[0]?.cursor}`);
  expect(resumed.of('invoice_paid')[0]).toEqual({ ...left, truncated: true, url, replayed: true });
  const fresh = await join(user);
  expect(fresh.of('invoice_paid')[0]).toMatchObject({ ...left, truncated: true, url, snapshot: true });
  expect(fresh.of('synced')[0]).toMatchObject({ unread_count: 2, categories: { invoices: 1 } });
  for (const socket of [small, resumed, fresh]) expect(largest.get(socket)).toBeLessThanOrEqual(smallest);
  expect(largest.get(whole)).toBeGreaterThan(20_000);
});

test('a list has fewer items, and goes on where it was cut', async () => {
  const user = someone();
  const socket = await join(user, '&max_frame=20000&replay=0');
  const items = Array.from({ length: 25 }, (_, n) => ({
    ...{ to: { user }, type: 'page_item', data: { n, x: 'y'.repeat(n % 5 === 0 ? 12_000 : 1_000) } },
  }));
  const { results } = (await server.call('POST', '/api/v1/notifications/batch', items)).body;
  const ids: unknown[] = [];
  let before: unknown;
  for (let page = 1; page === 1 || before !== null; page++) {
    socket.say({ action: 'list', limit: 100, ...(before ? { before } : {}), ref: page });
    const reply = await socket.got('reply', page);
    const found = reply.items as Record<string, unknown>[];
    expect(found.length).toBeGreaterThan(0);
    for (const item of found) {
      ids.push(item.id);
      if (item.truncated)
        expect(await read(user, item)).toMatchObject({ id: item.id, data: { x: 'y'.repeat(12_000) } });
    }
    before = reply.next_before;
  }
  expect(ids).toEqual(results.map(({ id }: { id: string }) => id).reverse());
  expect(largest.get(socket)).toBeLessThanOrEqual(20_000);
});

test('so has a page of what was sent to a room', async () => {
  const room = 'project:large';
  const socket = server.open(`/ws/?token=${token({ sub: someone(), grants: [`${room}:r`] })}&max_frame=${smallest}`);
  await socket.settled();
  const ids: unknown[] = [];
  for (let n = 0; n < 12; n++) {
    const data = { n, x: 'y'.repeat(n % 4 === 0 ? 12_000 : 2_000) };
    ids.unshift((await server.call('POST', '/api/v1/rooms/project/large/events', { event: 'said', data })).body.id);
  }
  const found: Record<string, unknown>[] = [];
  let before: unknown;
  for (let page = 1; page === 1 || before !== null; page++) {
    socket.say({ action: 'room_events', room, limit: 100, ...(before ? { before } : {}), ref: page });
    const reply = await socket.got('reply', page);
    found.push(...(reply.items as Record<string, unknown>[]));
    before = reply.next_before;
  }
  expect(found.map(({ id }) => id)).toEqual(ids);
  const stub = found.find(({ truncated }) => truncated) as Record<string, unknown>;
  const { body } = await server.call('GET', String(stub.url));
  expect(body.items).toEqual([expect.objectContaining({ id: stub.id, data: { n: 8, x: 'y'.repeat(12_000) } })]);
});

test('tasks, receipts, counts and long answers fit too, at the limits of ids', async () => {
  const user = someone();
  const socket = await join(user);
  // Each of these takes three bytes as JSON, and nine in an address.
  const task_id = 'ü€'.repeat(128);
  await server.call('PATCH', `/api/v1/tasks/${encodeURIComponent(task_id)}`, { owner: user, progress: 7, data: large });
  const task = await socket.got('task_update');
  expect(task).toMatchObject({ task_id, progress: 7, status: 'processing', data: {}, truncated: true });
  expect(await read(user, task)).toMatchObject({ task_id, data: large });

  const many = Array.from({ length: 400 }, (_, n) => ({
    to: { user },
    title: 'x',
    category: `c${n}-${'x'.repeat(50)}`,
  }));
  const { results } = (await server.call('POST', '/api/v1/notifications/batch', many)).body;
  const ids = results.map(({ id }: { id: string }) => id);
  await socket.got('user_notification', ids.length);
  socket.say({ action: 'mark_read', ids: ids.slice(0, 100), ref: 1 });
  expect(await socket.got('receipts')).toMatchObject({ truncated: true, url: '/api/v1/inbox', unread_count: 300 });
  expect((await read(user, socket.of('receipts')[0] ?? {})).items).toHaveLength(20);
  socket.say({ action: 'unread_count', ref: 2 });
  await until(() => socket.of('error').length === 1);
  expect(socket.of('error')[0]).toMatchObject({ ref: 2, code: 'payload_too_large' });
  socket.say({ action: 'list', limit: 2, ref: 3 });
  await until(() => socket.of('reply').some(({ ref }) => ref === 3));
  expect(socket.of('reply').at(-1)).toMatchObject({ items: [{ id: ids.at(-1) }, { id: ids.at(-2) }], categories: {} });
  socket.say({ action: 'ping', ref: 'x'.repeat(20_000) });
  await until(() => socket.of('error').length === 2);
  expect(socket.of('error')[1]).not.toHaveProperty('ref');
  const again = await join(user);
  expect(again.of('synced')[0]).toMatchObject({
    unread_count: 300,
    truncated: true,
    url: '/api/v1/inbox/unread_count',
  });
  for (const one of [socket, again]) expect(largest.get(one)).toBeLessThanOrEqual(smallest);
});

test.each(['0', '8191', '-1', '1e5', 'x', '9007199254740993000'])(
  'max_frame=%s is refused with a sentence',
  async (text) => {
    const path = `/ws/?token=${token({ sub: someone() })}&max_frame=${text}`;
    const reason = `max_frame must be a whole number of bytes from ${smallest}; got "${text}"`;
    const program = await server.open(path).settled();
    expect(program.refused?.status).toBe(400);
    expect(JSON.parse(program.refused?.body ?? '')).toMatchObject({ code: 'bad_request', message: reason });
    const page = await server.open(path, [], { origin: server.url }).settled();
    expect(page.closed).toEqual({ code: 4400, reason });
  },
);

test('an empty max_frame is none', async () => {
  expect((await join(someone(), '&max_frame=')).of('synced')).toHaveLength(1);
});
