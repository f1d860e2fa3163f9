import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { message } from './testing/frames.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient;
const logger = { warn: vi.fn(), error: vi.fn() };
const actions = () => server.session.actions;
const tooMany = (ref: unknown, retry_after_ms: number) => ({
  ...{ type: 'error', ref, code: 'too_many', message: 'slow down', docs_url: '', retry_after_ms },
});
const idsSent = () => actions().map(({ ids }) => (ids as string[]).length);

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  clock = new FakeClock();
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
  await client.connect();
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

test('900 marks of one tick travel as one, and each who asked is answered for their own', async () => {
  server.session.answers = false;
  const asked = Array.from({ length: 900 }, (_, n) => client.inbox.markRead(`n${n}`));
  await until(() => actions().length === 1);
  expect(idsSent()).toEqual([900]);
  server.session.send({ type: 'reply', ref: actions()[0]?.ref, marked: 899, not_found: ['n7'] });
  const results = await Promise.allSettled(asked);
  expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([7]);
  await expect(asked[7]).rejects.toMatchObject({ code: 'not_found' });
});

test('marks that differ keep their order', async () => {
  await Promise.all([
    client.inbox.markRead('a'),
    client.inbox.markRead('b'),
    client.inbox.markUnread('a'),
    client.inbox.markRead('a'),
  ]);
  expect(actions().map(({ action, ids }) => [action, ids])).toEqual([
    ['mark_read', ['a', 'b']],
    ['mark_unread', ['a']],
    ['mark_read', ['a']],
  ]);
});

test('what is seen within half a second is sent as one', async () => {
  const seen = [client.inbox.markSeen('a'), client.inbox.markSeen(['b', 'c'])];
  await client.request({ action: 'ping' });
  seen.push(client.inbox.markSeen('d'));
  expect(actions()).toHaveLength(1);
  clock.advance(500);
  await Promise.all(seen);
  expect(actions()[1]).toMatchObject({ action: 'mark_seen', ids: ['a', 'b', 'c', 'd'] });
});

test('no more is sent than a server takes: 150 at once, 45 of them unanswered, then 45 a second', async () => {
  server.session.answers = false;
  for (let n = 0; n < 300; n++) client.request({ action: 'list', before: n }).catch(() => {});
  for (let answered = 0; answered < 150; ) {
    const due = Math.min(150, answered + 45);
    await until(() => actions().length === due);
    for (const { ref } of actions().slice(answered)) server.session.send({ type: 'reply', ref, items: [] });
    answered = due;
  }
  await new Promise<void>((resolve) => client.on('reply', ({ ref }) => ref === actions()[149]?.ref && resolve()));
  clock.advance(1_000);
  await until(() => actions().length === 195);
});

test('what is past a limit of the server is sent again when the server says, in order and before later actions', async () => {
  server.session.answers = false;
  const asked = ['a', 'b', 'c'].map((q) => client.request({ action: 'list', q }));
  await until(() => actions().length === 3);
  let refused = 0;
  client.on('error', () => refused++);
  for (const { ref } of [...actions()]) server.session.send(tooMany(ref, 1_500));
  await until(() => refused === 3);
  const later = client.request({ action: 'list', q: 'd' });
  clock.advance(1_499);
  // The probe of a live connection is no action of the application.
  client.connect();
  await until(() => actions().length === 4);
  server.session.answers = true;
  clock.advance(1_501);
  await Promise.all([...asked, later]);
  const sent = actions().map(({ action, q }) => q ?? action);
  expect(sent).toEqual(['a', 'b', 'c', 'ping', 'a', 'b', 'c', 'd']);
});

test('an action rejects with the time to wait where that is more than a minute, and holds up nothing', async () => {
  server.session.answers = false;
  const refused = client.request({ action: 'list', q: 'x' });
  await until(() => actions().length === 1);
  server.session.send(tooMany(actions()[0]?.ref, 3_600_000));
  await expect(refused).rejects.toMatchObject({ code: 'too_many', retryable: true, retry_after_ms: 3_600_000 });
  server.session.answers = true;
  await client.request({ action: 'ping' });
  expect(actions()).toHaveLength(2);
});

test('lists of ids are cut by their bytes as well as by their number', async () => {
  const long = Array.from({ length: 1_000 }, (_, n) => `${'ü'.repeat(60)}${n}`);
  await Promise.all([
    client.inbox.archive(long),
    client.inbox.markRead(Array.from({ length: 1_500 }, (_, n) => `${n}`)),
  ]);
  const sizes = actions().map((action) => Buffer.byteLength(JSON.stringify(action)));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
  expect(actions().flatMap(({ ids }) => ids)).toHaveLength(2_500);
  expect(Math.max(...idsSent())).toBe(1_000);
});

test('an action that no server reads is refused before it is sent, and blocks nothing', async () => {
  const q = 'ü'.repeat(40_000);
  await expect(client.request({ action: 'list', q })).rejects.toMatchObject({ code: 'payload_too_large' });
  await expect(client.inbox.answer('a', 'yes', q)).rejects.toMatchObject({ code: 'payload_too_large' });
  await expect(client.inbox.markRead('x'.repeat(70_000))).rejects.toMatchObject({ code: 'payload_too_large' });
  await expect(client.request({ action: 'send', room: 'r', event: 'e', data: { n: 1n } })).rejects.toThrow(TypeError);
  await client.request({ action: 'ping' });
  expect(actions()).toHaveLength(1);
});

test.each([1009, 4400])(
  'what was under way when the server closed with %i is rejected, and not sent again',
  async (code) => {
    server.session.answers = false;
    const rejected = expect(client.request({ action: 'list', q: 'x' })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await until(() => actions().length === 1);
    const waiting = client.inbox.markSeen('a');
    server.session.close(code);
    await rejected;
    await until(() => client.state.status === 'reconnecting');
    clock.advance(1_000);
    await until(() => server.sessions.length === 2);
    await waiting;
    expect(actions().map(({ action }) => action)).toEqual(['mark_seen']);
  },
);

test('a thousand receipts of what was let go ask for no page, and one of what was never heard of for one', async () => {
  await client.inbox.loadMore();
  for (let n = 1; n <= 1_000; n++) server.session.send(message(`n${n}`, n, { cursor: `t:${n}` }));
  await until(() => client.inbox.getSnapshot().items[0]?.id === 'n1000');
  const lists = () => actions().filter(({ action }) => action === 'list').length;
  const receipt = { seen_at: '2026-01-31T09:30:00Z', read_at: null, archived_at: null, snoozed_until: null };
  const receipts = (rev: number, ids: string[]) => ({
    ...{ type: 'receipts', id: 'receipts:42', rev, timestamp: '', data: {}, read_upto: 0, unread_count: 1_000 },
    ...{ categories: {}, as_of: rev, items: ids.map((id) => ({ id, ...receipt })) },
  });
  for (let n = 1; n <= 400; n++) server.session.send(receipts(2_000 + n, [`n${n}`]));
  await client.request({ action: 'ping' });
  expect(lists()).toBe(1);
  for (let n = 1; n <= 50; n++) server.session.send(receipts(3_000 + n, [`older${n}`]));
  await client.request({ action: 'ping' });
  await client.request({ action: 'ping' });
  expect(lists()).toBeGreaterThan(1);
  expect(lists()).toBeLessThan(10);
});
