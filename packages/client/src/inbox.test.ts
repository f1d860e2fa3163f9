import { beforeEach, expect, test, vi } from 'vitest';
import { InboxStore } from './inbox.ts';
import type { NotificationFrame } from './inbox-item.ts';
import { InboxRecords } from './records/inbox-records.ts';
import type { ActionRequest, Reply } from './requests.ts';
import { actOnTask } from './tasks.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { counts, message, receipt, receipts, retracted, synced, taskFrame } from './testing/frames.ts';

let records: InboxRecords;
let inbox: InboxStore;
let asked: ActionRequest[];
let answer: (action: ActionRequest) => object | Promise<object>;

beforeEach(() => {
  asked = [];
  answer = () => ({});
  const request = async (action: ActionRequest) => {
    asked.push(action);
    return { type: 'reply', ref: 1, ...(await answer(action)) } as Reply;
  };
  records = new InboxRecords({
    request,
    clock: new FakeClock(),
    resume: { rev: (id): number => records.rev(id) ?? -1, delete() {} },
    logger: console,
  });
  inbox = new InboxStore(records);
});

const shown = () => inbox.getSnapshot();
const ids = () => shown().items.map((item) => item.id);
const item = (id: string) => shown().items.find((one) => one.id === id);
const idsWhere = (test: 'read' | 'seen' | 'expired') =>
  shown()
    .items.filter((one) => one[test])
    .map(({ id }) => id);
/** A promise that a test keeps or breaks. */
const held = () => Promise.withResolvers<object>();

test('keeps notifications newest first, and neither tasks nor receipts nor topics nor what is silent', () => {
  records.apply(message('a', 1));
  records.apply(taskFrame('t', 2));
  records.apply(message('b', 3, { silent: true }));
  records.apply(message('c', 4));
  records.apply(receipts(5));
  records.apply({ ...retracted('audience:everyone', 6), type: 'topic_joined', topic: 'everyone', ...counts(2, 6) });
  expect(ids()).toEqual(['c', 'a']);
});

test('the snapshot is one object until something changes, and then another', () => {
  const before = shown();
  expect(shown()).toBe(before);
  records.apply(taskFrame('t', 2));
  expect(shown()).toBe(before);
  records.apply(message('a', 1));
  expect(shown()).not.toBe(before);
});

test('an item knows what its frame says besides its text', () => {
  const task = { task_id: 't', status: 'processing', progress: 45 };
  const actions = [{ id: 'yes', label: 'Yes' }];
  records.apply(message('a', 1, { category: 'approvals', actions, task }));
  expect(item('a')).toMatchObject({ category: 'approvals', actions, task, expired: false, answer: null });
  records.apply(message('a', 2, { alert_rev: 1, actions, answer: { action_id: 'yes' }, updated_at: '2026-01-31' }));
  expect(item('a')).toMatchObject({ actions: [], answer: { action_id: 'yes' }, task: null });
  records.apply(message('b', 3, { actions, expired: true }));
  expect(item('b')).toMatchObject({ actions: [], expired: true });
});

test('reads the list anew where receipts are more than a frame holds, and came truncated', async () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2));
  answer = () => ({ items: [message('b', 2, { receipt: receipt('b', true) })], next_before: null });
  const { items: _items, categories: _categories, ...left } = receipts(3, counts(1, 3));
  records.apply({ ...left, truncated: true, url: '/api/v1/inbox' } as never);
  await expect.poll(() => item('b')).toMatchObject({ read: true });
  expect(ids()).toEqual(['b']);
  expect(asked).toMatchObject([{ action: 'list' }]);
  expect(shown().counts).toEqual({ unread: 1, categories: {} });
});

// --- places

test('an edit stays where the notification is, and does not ask for attention again', () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2));
  records.apply(receipts(3, { items: [receipt('a', true)], ...counts(1, 3) }));
  records.apply(message('a', 4, { alert_rev: 1, updated_at: '2026-01-31T09:31:00Z', message: 'corrected' }));
  expect(ids()).toEqual(['b', 'a']);
  expect(item('a')).toMatchObject({ rev: 4, alertRev: 1, read: true, frame: { message: 'corrected' } });
  expect(shown().counts.unread).toBe(1);
});

test('an edit of what is not loaded is passed over, one of what was never heard of is news', () => {
  records.apply(synced(100, 3));
  records.apply(message('old', 101, { alert_rev: 40, updated_at: '2026-01-31T09:31:00Z' }));
  expect(shown()).toMatchObject({ items: [], counts: { unread: 3 } });
  records.apply(message('conflated', 103, { alert_rev: 102, updated_at: '2026-01-31T09:31:00Z' }));
  expect(ids()).toEqual(['conflated']);
  expect(shown().counts.unread).toBe(4);
});

test('what was missed while away is news past the cursor, and an edit up to it', () => {
  records.begin('t:100');
  records.apply(message('old', 101, { alert_rev: 40, replayed: true }));
  records.apply(message('missed', 103, { alert_rev: 102, replayed: true }));
  records.apply(synced(103, 1));
  expect(ids()).toEqual(['missed']);
});

test('what another change overtook before it came is news after a reconnect, although the cursor is past it', () => {
  records.apply(synced(2, 0));
  // `a` asked at 3 and was read at 4; the frame of 3 never came, since `a` had moved on before it was read from the store.
  records.apply(receipts(4, { items: [receipt('a', true)], ...counts(0, 4) }));
  records.begin('t:4:xxxxxxxx');
  records.apply(message('old', 6, { alert_rev: 1, replayed: true }));
  records.apply(message('a', 7, { alert_rev: 3, replayed: true, receipt: receipt('a', true) }));
  records.apply(synced(7, 0));
  expect(ids()).toEqual(['a']);
  expect(item('a')).toMatchObject({ read: true });
});

test('one that asks for attention again is on top and unread, even where it had been read', () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2));
  records.apply(receipts(3, { items: [receipt('a', true)], ...counts(1, 3) }));
  records.apply(message('a', 4));
  expect(ids()).toEqual(['a', 'b']);
  expect(item('a')?.read).toBe(false);
  expect(shown().counts.unread).toBe(2);
});

test('receipts from before it asked again, which come late, say nothing of it any more', () => {
  records.apply(message('a', 5, { snapshot: true }));
  records.apply(receipts(4, { items: [receipt('a', true)], ...counts(1, 4) }));
  expect(item('a')?.read).toBe(false);
  records.apply(receipts(6, { items: [receipt('a', true)], ...counts(0, 6) }));
  expect(item('a')?.read).toBe(true);
});

test('one that asks for attention again comes back from where it was put away', () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2));
  records.apply(receipts(3, { items: [{ ...receipt('a', true), archived_at: '2026-01-31T09:31:00Z' }] }));
  records.apply(receipts(4, { items: [{ ...receipt('c', true), snoozed_until: '2026-02-01T08:00:00Z' }] }));
  records.apply(message('a', 5));
  records.apply(message('c', 6));
  expect(ids()).toEqual(['c', 'a', 'b']);
  expect(idsWhere('read')).toEqual([]);
});

test('a topic that is joined may have older ones among what is loaded', async () => {
  answer = () => ({ items: [], next_before: null });
  await inbox.loadMore();
  records.apply({ ...retracted('audience:everyone', 6), type: 'topic_joined', topic: 'everyone', ...counts(2, 6) });
  records.apply(message('a', 5, { snapshot: true, topic: 'everyone' }));
  expect(shown()).toMatchObject({ hasMore: true, counts: { unread: 2 } });
  expect(ids()).toEqual(['a']);
});

test('a room that is joined or left is none of the inbox, but for the count that comes with it', async () => {
  records.apply(message('a', 1));
  answer = () => ({ items: [], next_before: null });
  await inbox.loadMore();
  const room = { ...retracted('audience:room:project:12', 6), topic: 'room:project:12' };
  records.apply({ ...room, type: 'topic_joined', access: 'rw', ...counts(2, 6) });
  expect(shown()).toMatchObject({ hasMore: false, counts: { unread: 2 } });
  const { data, timestamp } = message('e', 7);
  records.apply({
    type: 'room_event',
    id: 'e',
    rev: 7,
    timestamp,
    data,
    room: 'project:12',
    event: 'said',
    from: null,
  });
  records.apply({ ...room, type: 'topic_left', rev: 8, ...counts(3, 8) });
  expect(ids()).toEqual(['a']);
  expect(shown()).toMatchObject({ hasMore: false, counts: { unread: 3 } });
});

test('a snooze that ended puts its notification on top, unread, with what it says now', () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2));
  records.apply(receipts(3, { items: [{ ...receipt('a', true), snoozed_until: '2026-02-01T08:00:00Z' }] }));
  expect(ids()).toEqual(['b']);
  const back = message('a', 4, { alert_rev: 1, receipt: { ...receipt('a', false), alert_rev: 6 } });
  records.apply(receipts(6, { items: [{ ...receipt('a', false), alert_rev: 6 }], returned: [back], ...counts(2, 6) }));
  expect(ids()).toEqual(['a', 'b']);
  expect(item('a')).toMatchObject({ alertRev: 6, read: false, frame: { message: 'a at 4' } });
  records.apply(message('a', 7, { alert_rev: 1 }));
  expect(ids()).toEqual(['a', 'b']);
});

test('a snooze that ended brings back what was never loaded', () => {
  const back = message('old', 4, { receipt: { ...receipt('old', false), alert_rev: 9 } });
  records.apply(synced(8, 0));
  records.apply(
    receipts(9, { items: [{ ...receipt('old', false), alert_rev: 9 }], returned: [back], ...counts(1, 9) }),
  );
  expect(item('old')).toMatchObject({ alertRev: 9, read: false });
});

// --- the count

test('takes a count that is newer, and adds what asked for attention after it', () => {
  records.apply(synced(10, 7, { approvals: 2 }));
  records.apply(message('a', 11, { category: 'approvals' }));
  records.apply(message('b', 12));
  expect(shown()).toMatchObject({
    counts: { unread: 9, categories: { approvals: 3 } },
    unreadCount: 9,
    status: 'ready',
  });
  records.apply({ type: 'unread_count', ...counts(5, 11, { approvals: 1, imports: 4 }) });
  expect(shown().counts).toEqual({ unread: 6, categories: { approvals: 1, imports: 4 } });
  records.apply({ type: 'unread_count', ...counts(99, 10) });
  expect(shown().counts.unread).toBe(6);
});

test('a frame that comes behind a count which knew of it adds nothing', () => {
  records.apply(synced(10, 0));
  records.apply({ type: 'unread_count', ...counts(1, 12) });
  records.apply(message('a', 11));
  records.apply(message('b', 12, { alert_rev: 11 }));
  expect(shown().counts.unread).toBe(1);
});

test('counts neither what is sent again, nor a snapshot, nor an edit, nor what is silent or expired', () => {
  records.apply(synced(10, 2));
  records.apply(message('a', 11, { replayed: true }));
  records.apply(message('b', 12, { snapshot: true }));
  records.apply(message('c', 13, { silent: true }));
  records.apply(message('d', 14, { expired: true }));
  records.apply(message('e', 15));
  records.apply(message('e', 16, { alert_rev: 15, updated_at: '2026-01-31T09:31:00Z' }));
  records.apply(message('e', 17));
  expect(shown().counts.unread).toBe(3);
});

test('a category may have any name', () => {
  records.apply(synced(1, 0));
  records.apply(message('a', 2, { category: 'constructor' }));
  records.apply(message('b', 3, { category: 'constructor' }));
  expect(shown().counts.categories).toEqual({ constructor: 2 });
});

test('holds thousands of unread ones that no count was told of', () => {
  records.apply(synced(0, 0));
  for (let rev = 1; rev <= 12_000; rev++) records.apply(message(`n${rev}`, rev));
  expect(shown().counts.unread).toBe(12_000);
});

// --- receipts

test('the watermark reads what is not newer, and an explicit unread wins until the next one', () => {
  for (const rev of [1, 2, 3]) records.apply(message(`n${rev}`, rev));
  records.apply(receipts(4, { read_upto: 2 }));
  expect(idsWhere('read')).toEqual(['n2', 'n1']);
  records.apply(receipts(5, { read_upto: 2, items: [receipt('n1', false)] }));
  expect(idsWhere('read')).toEqual(['n2']);
  records.apply(receipts(6, { read_upto: 3 }));
  expect(idsWhere('read')).toEqual(['n3', 'n2', 'n1']);
});

test('a frame that brings its receipt is read by that, and a receipt may come before its notification', () => {
  records.apply(receipts(5, { items: [receipt('later', true)], replayed: true }));
  records.apply(message('later', 6, { alert_rev: 4 }));
  records.apply(message('again', 7));
  records.apply(message('known', 8, { replayed: true, receipt: receipt('known', true) }));
  expect(idsWhere('read')).toEqual(['known', 'later']);
});

test('what is archived or put off elsewhere is gone from the list, and comes back as it was', () => {
  for (const id of ['a', 'b', 'c']) records.apply(message(id, id.charCodeAt(0)));
  const away = { archived_at: '2026-01-31T09:31:00Z' };
  records.apply(
    receipts(200, {
      items: [
        { ...receipt('b', true), ...away },
        { ...receipt('c', false), ...away },
      ],
    }),
  );
  records.apply(receipts(201, { items: [{ ...receipt('a', false), snoozed_until: '2026-02-01T08:00:00Z' }] }));
  expect(ids()).toEqual([]);
  records.apply(receipts(202, { items: [receipt('b', true), receipt('c', false), receipt('a', false)] }));
  expect(ids()).toEqual(['c', 'b', 'a']);
  expect(idsWhere('read')).toEqual(['b']);
  expect(asked).toEqual([]);
});

test('what comes back and was never loaded is asked for', async () => {
  answer = () => ({ items: [message('old', 4, { receipt: receipt('old', false) })], next_before: null });
  records.apply(receipts(9, { items: [receipt('old', false)], ...counts(1, 9) }));
  await expect.poll(() => ids()).toEqual(['old']);
  expect(asked).toEqual([{ action: 'list', before: undefined, limit: 50 }]);
});

test('a page that was read before a receipt does not undo it', async () => {
  records.apply(receipts(4));
  const page = held();
  answer = () => page.promise;
  const loading = inbox.loadMore();
  records.apply(message('b', 5));
  records.apply(receipts(6, { items: [receipt('a', true), receipt('b', true)], replayed: true }));
  page.resolve({ items: [message('b', 5), message('a', 3, { receipt: receipt('a', false) })], next_before: null });
  await loading;
  expect(idsWhere('read')).toEqual(['b', 'a']);
});

test('what was retracted is gone, and what came by a topic goes with it', () => {
  records.apply(message('a', 1));
  records.apply(message('b', 2, { topic: 'role:admin' }));
  records.apply(message('c', 3, { topic: 'everyone' }));
  records.apply(retracted('a', 4));
  records.apply({ ...retracted('audience:role:admin', 5), type: 'topic_left', topic: 'role:admin', ...counts(1, 5) });
  expect(ids()).toEqual(['c']);
  expect(shown().counts.unread).toBe(1);
});

test('what left with its topic comes back as the user left it, where its snooze put it', () => {
  records.apply(synced(0, 0));
  const shared = { topic: 'role:admin' };
  const membership = { ...retracted('audience:role:admin', 10), ...shared };
  for (const [n, id] of ['read', 'asleep', 'back'].entries()) records.apply(message(id, n + 1, shared));
  records.apply(message('own', 6));
  const until = '2026-02-01T08:00:00Z';
  const [asleep, back] = [receipt('asleep', false), receipt('back', false)];
  records.apply(receipts(7, { items: [receipt('read', true), { ...asleep, snoozed_until: until }] }));
  const returned = [message('back', 3, { ...shared, receipt: { ...back, alert_rev: 8 } })];
  records.apply(receipts(8, { items: [{ ...back, alert_rev: 8 }], returned }));
  records.apply({ ...membership, rev: 10, type: 'topic_left', ...counts(1, 10) });
  records.apply({ ...membership, rev: 11, type: 'topic_joined', ...counts(2, 11) });
  for (const [n, id] of ['read', 'asleep', 'back'].entries()) {
    records.apply(message(id, 12 + n, { ...shared, alert_rev: n + 1, updated_at: '2026-01-31' }));
  }
  expect(ids()).toEqual(['back', 'own', 'read']);
  expect(idsWhere('read')).toEqual(['read']);
  expect(shown().counts.unread).toBe(2);
});

// --- what the user does

test.each([
  ['mark_read', () => inbox.markRead('a'), {}, { unread: 0 }],
  ['archive', () => inbox.archive(['a']), {}, { unread: 0 }],
  [
    'snooze',
    () => inbox.snooze('a', new Date('2026-02-01T08:00:00Z')),
    { until: '2026-02-01T08:00:00.000Z' },
    { unread: 0 },
  ],
  ['mark_seen', () => inbox.markSeen('a'), {}, { unread: 1 }],
] as const)('%s shows at once, and goes back where it is refused', async (action, act, more, then) => {
  records.apply(synced(0, 0));
  records.apply(message('a', 1, { category: 'x' }));
  const before = shown();
  const reply = held();
  answer = () => reply.promise;
  const done = act();
  expect(asked).toEqual([{ action, ids: ['a'], until: undefined, ...more }]);
  expect(shown().items).not.toEqual(before.items);
  expect(shown().counts).toMatchObject(then);
  reply.reject(new Error('refused'));
  await expect(done).rejects.toThrow('refused');
  expect(shown()).toEqual(before);
});

test('what was granted stays until the receipts tell of it, and then it is what they tell', async () => {
  records.apply(synced(0, 0));
  records.apply(message('a', 1));
  answer = () => ({ marked: 1, not_found: [] });
  await inbox.archive('a');
  expect(shown()).toMatchObject({ items: [], counts: { unread: 0 } });
  records.apply(receipts(2, { items: [{ ...receipt('a', false), archived_at: '2026-01-31T09:31:00Z' }] }));
  expect(ids()).toEqual([]);
  records.apply(receipts(3, { items: [receipt('a', false)], ...counts(1, 3) }));
  expect(ids()).toEqual(['a']);
});

test('receipts that come before the answer count as well', async () => {
  records.apply(message('a', 1));
  answer = () => {
    records.apply(receipts(2, { items: [receipt('a', true)] }));
    records.apply(receipts(3, { items: [receipt('a', false)], ...counts(1, 3) }));
    return { marked: 1 };
  };
  await inbox.markRead('a');
  expect(item('a')?.read).toBe(false);
});

test('unarchive, unsnooze and mark unread take back', async () => {
  records.apply(
    message('a', 1, { replayed: true, receipt: { ...receipt('a', true), archived_at: '2026-01-31T09:31:00Z' } }),
  );
  expect(ids()).toEqual([]);
  const done = [inbox.unarchive('a'), inbox.unsnooze('a'), inbox.markUnread('a')];
  expect(item('a')?.read).toBe(false);
  await Promise.all(done);
  expect(asked.map(({ action }) => action)).toEqual(['unarchive', 'unsnooze', 'mark_unread']);
});

test('marks all as read up to what is shown, and the count of what is not loaded goes with it', async () => {
  await inbox.markAllRead();
  records.apply(synced(10, 128));
  records.apply(message('a', 11));
  records.apply(message('b', 12));
  const reply = held();
  answer = () => reply.promise;
  const done = inbox.markAllRead();
  records.apply(message('c', 13));
  expect(idsWhere('read')).toEqual(['b', 'a']);
  expect(shown().counts.unread).toBe(1);
  reply.resolve({ marked: true });
  await done;
  expect(shown().counts.unread).toBe(1);
  records.apply(receipts(14, { read_upto: 12, ...counts(1, 14) }));
  expect(shown().counts.unread).toBe(1);
  expect(asked).toEqual([{ action: 'mark_all_read', up_to: 12 }]);
});

test('splits what is more than one action may name', async () => {
  await inbox.markRead(Array.from({ length: 1_001 }, (_, n) => `n${n}`));
  expect(asked.map((action) => ('ids' in action ? action.ids?.length : 0))).toEqual([1_000, 1]);
});

const approval: Partial<NotificationFrame> = { actions: [{ id: 'approve', label: 'Approve' }] };
const given = { action_id: 'approve', user_id: '42', username: 'amadmin', answered_at: '2026-01-31T09:31:00Z' };

test('an answer is under way at once, is asked for once, and is then what counts', async () => {
  records.apply(message('a', 1, approval));
  const reply = held();
  answer = () => reply.promise;
  const done = [inbox.answer('a', 'approve', 'fine'), inbox.answer('a', 'approve')];
  expect(item('a')).toMatchObject({ answering: 'approve', answer: null });
  reply.resolve({ id: 'a', answer: { ...given, username: 'ann' }, repeated: true });
  await Promise.all(done);
  expect(item('a')).toMatchObject({ answering: null, answer: { username: 'ann' }, actions: [] });
  await inbox.answer('a', 'approve');
  expect(asked).toEqual([{ action: 'answer', id: 'a', action_id: 'approve', comment: 'fine' }]);
  records.apply(message('a', 2, { ...approval, alert_rev: 1, answer: given }));
  expect(item('a')).toMatchObject({ answer: given });
  records.apply(message('a', 3, approval));
  expect(item('a')).toMatchObject({ answer: null, actions: approval.actions });
});

test('an answer that is refused gives the buttons back', async () => {
  records.apply(message('a', 1, approval));
  answer = () => Promise.reject(new Error('gone'));
  await expect(inbox.answer('a', 'approve')).rejects.toThrow('gone');
  expect(item('a')).toMatchObject({ answering: null, answer: null, actions: approval.actions });
});

test('what is asked of a task shows on what follows it, until its next frame', async () => {
  const task = { task_id: 't', status: 'processing', cancel_requested: false };
  records.apply(message('a', 1, { task }));
  records.apply(message('b', 2, { task: { ...task, task_id: 'other' } }));
  await actOnTask(records, { action: 'cancel_task', task_id: 't' }, { cancel_requested: true });
  expect(item('a')?.task).toMatchObject({ cancel_requested: true });
  expect(item('b')?.task).toMatchObject({ cancel_requested: false });
  records.apply(message('a', 3, { alert_rev: 1, task: { ...task, status: 'completed' } }));
  expect(item('a')?.task).toMatchObject({ status: 'completed', cancel_requested: false });
});

// --- pages

test('loads older pages from the top on, until there are none', async () => {
  records.apply(synced(9, 1));
  records.apply(message('unread', 9, { replayed: true, snapshot: true }));
  answer = (action) =>
    'before' in action && action.before === 5
      ? { items: [message('old', 4)], next_before: null }
      : {
          items: [message('unread', 9), message('read', 7, { alert_rev: 5, receipt: receipt('read', true) })],
          next_before: 5,
        };
  const loading = inbox.loadMore();
  expect(inbox.loadMore()).toBe(loading);
  expect(shown().status).toBe('loading');
  await loading;
  expect(idsWhere('read')).toEqual(['read']);
  await inbox.loadMore();
  expect(ids()).toEqual(['unread', 'read', 'old']);
  expect(shown()).toMatchObject({ hasMore: false, unreadCount: 1, status: 'ready' });
  await inbox.loadMore();
  expect(asked).toHaveLength(2);
});

test('a page that fails is told to who asked and in the status, and may be asked for again', async () => {
  answer = () => Promise.reject(new Error('lost'));
  await expect(inbox.loadMore()).rejects.toThrow('lost');
  expect(shown().status).toBe('failed');
  answer = () => ({ items: [message('a', 1)], next_before: null });
  await inbox.loadMore();
  expect(ids()).toEqual(['a']);
  expect(shown().status).toBe('ready');
});

test('holds the newest of a long stream only, and can load the rest again', async () => {
  answer = () => ({ items: [], next_before: null });
  await inbox.loadMore();
  for (let rev = 1; rev <= 800; rev++) records.apply(message(`n${rev}`, rev));
  const { items, hasMore } = shown();
  expect(items.length).toBeGreaterThanOrEqual(500);
  expect(items.length).toBeLessThan(700);
  expect(items[0]?.id).toBe('n800');
  expect(hasMore).toBe(true);
});

test('a fresh snapshot forgets everything, and what is asked for stays asked for', async () => {
  records.apply(synced(10, 3));
  records.apply(message('a', 11));
  const reply = held();
  answer = () => reply.promise;
  const done = inbox.markRead('a');
  records.begin(null);
  inbox.release();
  expect(shown()).toMatchObject({ items: [], counts: { unread: 0 } });
  records.apply(message('a', 2, { replayed: true, snapshot: true }));
  records.apply(synced(5, 1));
  expect(idsWhere('read')).toEqual(['a']);
  expect(shown().counts.unread).toBe(0);
  reply.resolve({ marked: 0 });
  await done;
  expect(shown().counts.unread).toBe(1);
});

test('receipts that repeat up to where all was read, as the snapshot before them said, read nothing', () => {
  records.begin(null, 3);
  records.apply(
    message('marked unread', 2, { replayed: true, snapshot: true, receipt: receipt('marked unread', false) }),
  );
  records.apply(receipts(7, { read_upto: 3, replayed: true, ...counts(1, 7) }));
  records.apply(synced(7, 1));
  inbox.release();
  expect(item('marked unread')).toMatchObject({ read: false });
  records.apply(receipts(8, { read_upto: 7, ...counts(0, 8) }));
  expect(item('marked unread')).toMatchObject({ read: true });
});

test('tells of a whole catch-up once', () => {
  const listener = vi.fn();
  inbox.onChange(listener);
  records.begin('t:0');
  records.apply(message('a', 1, { replayed: true }));
  records.apply(message('b', 2, { replayed: true }));
  expect(listener).not.toHaveBeenCalled();
  inbox.release();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(ids()).toEqual(['b', 'a']);
});
