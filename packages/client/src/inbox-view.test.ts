import { TidingsError } from '@tidings/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { type InboxFilter, inboxView } from './inbox-view.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { InboxNetwork } from './testing/inbox-network.ts';
import { until } from './testing/until.ts';

let clock: FakeClock;
let network: InboxNetwork;
let client: TidingsClient;

beforeEach(async () => {
  clock = new FakeClock();
  network = new InboxNetwork(clock);
  client = createTidingsClient({ url: 'http://h', clock, WebSocket: network.WebSocket, random: () => 0.5 });
  client.connect();
  await network.flush();
});
afterEach(() => client.disconnect());

const publish = (id: string, more: object = {}) =>
  network.server.publish({ type: 'notification', id, title: '', message: '', ...more });

async function open(filter: InboxFilter) {
  const view = inboxView(client, filter);
  await network.flush();
  return { view, ids: () => view.getSnapshot().items.map(({ id }) => id) };
}

test.each<[InboxFilter, string[]]>([
  [{}, ['e', 'd', 'c', 'b', 'a']],
  [{ category: 'approvals' }, ['c', 'b']],
  [{ type: 'user_file' }, ['d']],
  [{ unread: true }, ['e', 'd', 'c', 'a']],
  [{ unread: false }, ['b']],
  [{ q: 'QUARTER' }, ['d', 'a']],
  [{ q: 're\u0301chnung', category: 'approvals' }, ['c']],
  [{ since: '2026-01-31T09:31:00Z', until: '2026-01-31T09:33:00Z' }, ['c', 'b']],
])('%j takes what fits of what comes live', async (filter, expected) => {
  const { view, ids } = await open(filter);
  const minuteLater = async () => {
    await network.flush();
    clock.advance(60_000);
  };
  publish('a', { title: 'First Quarter' });
  await minuteLater();
  publish('b', { category: 'approvals' });
  await minuteLater();
  publish('c', { category: 'approvals', message: 'Réchnung 17' });
  await minuteLater();
  publish('d', { type: 'user_file', file_name: 'quarter.zip' });
  publish('e', { category: 'imports' });
  network.server.act({ action: 'mark_read', ids: ['b'] });
  await network.flush();
  expect(ids()).toEqual(expected);
  expect(view.getSnapshot().counts).toEqual(client.inbox.getSnapshot().counts);
});

test('asks the server for its pages, with what was named', async () => {
  for (let n = 0; n < 70; n++) publish(`n${n}`, { category: n % 2 ? 'odd' : 'even' });
  await network.flush();
  const { view, ids } = await open({ category: 'odd' });
  expect(ids()).toHaveLength(35);
  expect(view.getSnapshot()).toMatchObject({ hasMore: false, status: 'ready' });
});

test('shows what is asked of the inbox at once, and takes it back with it', async () => {
  publish('a');
  publish('b');
  await network.flush();
  const archived = await open({ view: 'archived' });
  const unread = await open({ unread: true });
  const done = client.inbox.archive('a');
  expect(unread.ids()).toEqual(['b']);
  await network.flush();
  await done;
  expect(archived.ids()).toEqual([]);
  await network.flush();
  expect(archived.ids()).toEqual(['a']);
  const back = client.inbox.unarchive('a');
  expect(archived.ids()).toEqual([]);
  await network.flush();
  await back;
  expect(client.inbox.getSnapshot().items.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('says when its page did not come, and asks again when the connection is back', async () => {
  publish('a');
  network.server.act({ action: 'archive', ids: ['a'] });
  await network.flush();
  vi.spyOn(network.server, 'act').mockImplementationOnce(() => {
    throw new TidingsError('internal', 'no');
  });
  const { view, ids } = await open({ view: 'archived' });
  expect(view.getSnapshot()).toMatchObject({ items: [], status: 'failed' });
  network.cut();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(1_000);
  await network.flush();
  await network.flush();
  expect(ids()).toEqual(['a']);
});

test('begins anew with the client, and tells of a catch-up once', async () => {
  publish('a');
  await network.flush();
  const { view, ids } = await open({});
  const told = vi.fn();
  view.onChange(told);
  network.forgets = true;
  network.cut();
  publish('b');
  publish('c');
  await until(() => client.state.status === 'reconnecting');
  clock.advance(1_000);
  await network.flush();
  expect(ids()).toEqual(['c', 'b', 'a']);
  expect(told.mock.calls.length).toBeLessThan(6);
});

test('what was marked unread after all was read stays unread in a view that is opened later', async () => {
  publish('a');
  publish('b');
  await network.flush();
  network.server.act({ action: 'mark_all_read' });
  network.server.act({ action: 'mark_unread', ids: ['a'] });
  await network.flush();
  const { view } = await open({});
  network.server.act({ action: 'mark_seen', ids: ['b'] });
  await network.flush();
  expect(view.getSnapshot().items).toMatchObject([
    { id: 'b', read: true, seen: true },
    { id: 'a', read: false },
  ]);
});

test('what went with a topic comes back with it', async () => {
  const told = { id: 'audience:everyone', timestamp: '', data: {}, topic: 'everyone', unread_count: 1, categories: {} };
  const { ids } = await open({ unread: true });
  const frame = publish('a', { topic: 'everyone' });
  await network.flush();
  network.tell({ ...told, type: 'topic_left', rev: 101, as_of: 101 });
  await network.flush();
  expect([ids(), client.inbox.getSnapshot().items]).toEqual([[], []]);
  network.tell({ ...told, type: 'topic_joined', rev: 102, as_of: 102 }, { ...frame, snapshot: true });
  await network.flush();
  expect(ids()).toEqual(['a']);
  expect(client.inbox.getSnapshot()).toMatchObject({ items: [{ id: 'a' }], counts: { unread: 1 } });
});

test('hears nothing more once it is closed', async () => {
  const { view, ids } = await open({});
  const told = vi.fn();
  view.onChange(told);
  view.close();
  publish('a');
  await network.flush();
  expect(told).not.toHaveBeenCalled();
  expect(ids()).toEqual([]);
});
