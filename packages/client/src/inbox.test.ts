import { beforeEach, expect, test, vi } from 'vitest';
import { InboxStore } from './inbox.ts';
import type { ActionRequest, Reply } from './requests.ts';
import { message, receipt, receipts, retracted, taskFrame } from './testing/frames.ts';

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
  inbox = new InboxStore(request, (id) => inbox.revOf(id) ?? -1, console);
});

const ids = () => inbox.getSnapshot().items.map((item) => item.id);
const readIds = () =>
  inbox
    .getSnapshot()
    .items.filter((item) => item.read)
    .map((item) => item.id);
const synced = (unread_count: number) => inbox.apply({ type: 'synced', cursor: 't:1', unread_count });

test('keeps notifications newest first, and neither tasks nor receipts nor what is silent', () => {
  inbox.apply(message('a', 1));
  inbox.apply(taskFrame('t', 2));
  inbox.apply(message('b', 3, { silent: true }));
  inbox.apply(message('c', 4));
  inbox.apply(receipts(5));
  expect(ids()).toEqual(['c', 'a']);
});

test('the snapshot is one object until something changes, and then another', () => {
  const before = inbox.getSnapshot();
  expect(inbox.getSnapshot()).toBe(before);
  inbox.apply(taskFrame('t', 2));
  expect(inbox.getSnapshot()).toBe(before);
  inbox.apply(message('a', 1));
  expect(inbox.getSnapshot()).not.toBe(before);
});

test('counts as the server does, and goes on counting between its answers', () => {
  synced(7);
  inbox.apply(message('a', 1));
  expect(inbox.getSnapshot()).toMatchObject({ unreadCount: 8, status: 'ready' });
  inbox.apply(message('a', 2));
  expect(inbox.getSnapshot().unreadCount).toBe(8);
  inbox.apply(receipts(3, { items: [receipt('a', true)], unread_count: 5 }));
  expect(inbox.getSnapshot().unreadCount).toBe(5);
  inbox.apply(receipts(4, { items: [receipt('a', false)] }));
  expect(inbox.getSnapshot().unreadCount).toBe(6);
});

test('the watermark reads what is not newer, and an explicit unread wins until the next one', () => {
  for (const rev of [1, 2, 3]) inbox.apply(message(`n${rev}`, rev));
  inbox.apply(receipts(4, { read_upto: 2, unread_count: 1 }));
  expect(readIds()).toEqual(['n2', 'n1']);
  inbox.apply(receipts(5, { read_upto: 2, items: [receipt('n1', false)], unread_count: 2 }));
  expect(readIds()).toEqual(['n2']);
  inbox.apply(receipts(6, { read_upto: 3, unread_count: 0 }));
  expect(readIds()).toEqual(['n3', 'n2', 'n1']);
});

test('an edit of what was read does not ask for attention again', () => {
  inbox.apply(message('a', 1));
  inbox.apply(receipts(2, { items: [receipt('a', true)], unread_count: 0 }));
  inbox.apply(message('a', 3, { message: 'corrected' }));
  expect(inbox.getSnapshot()).toMatchObject({ unreadCount: 0, items: [{ id: 'a', rev: 3, read: true }] });
});

test('a frame that brings its receipt is read by that, and a receipt may come before its notification', () => {
  inbox.apply(receipts(5, { items: [receipt('later', true)], unread_count: 0 }));
  inbox.apply(message('later', 6));
  inbox.apply(message('known', 7, { replayed: true, receipt: receipt('known', true) }));
  expect(readIds()).toEqual(['known', 'later']);
});

test('what was retracted or archived is gone from list and count', () => {
  inbox.apply(message('a', 1));
  inbox.apply(message('b', 2));
  inbox.apply(retracted('a', 3));
  inbox.apply(receipts(4, { items: [{ ...receipt('b', false), archived_at: '2026-01-31T09:31:00Z' }] }));
  expect(inbox.getSnapshot()).toMatchObject({ items: [], unreadCount: 0 });
});

test('marks as read by ids, and all only up to what is shown', async () => {
  await inbox.markAllRead();
  inbox.apply(message('a', 11));
  inbox.apply(message('b', 12));
  await inbox.markRead('a');
  await inbox.markAllRead();
  expect(asked).toEqual([
    { action: 'mark_read', ids: ['a'] },
    { action: 'mark_all_read', up_to: 12 },
  ]);
});

test('splits what is more than one action may name', async () => {
  await inbox.markRead(Array.from({ length: 1_001 }, (_, n) => `n${n}`));
  expect(asked.map((action) => ('ids' in action ? action.ids?.length : 0))).toEqual([1_000, 1]);
});

test('loads older pages from the top on, until there are none', async () => {
  inbox.apply(message('unread', 9));
  answer = (action) =>
    'before' in action && action.before === 5
      ? { items: [message('old', 4)], next_before: null, unread_count: 1 }
      : {
          items: [message('unread', 9), message('read', 5, { receipt: receipt('read', true) })],
          next_before: 5,
          unread_count: 1,
        };
  const loading = inbox.loadMore();
  expect(inbox.loadMore()).toBe(loading);
  expect(inbox.getSnapshot().status).toBe('loading');
  await loading;
  expect(readIds()).toEqual(['read']);
  await inbox.loadMore();
  expect(ids()).toEqual(['unread', 'read', 'old']);
  expect(inbox.getSnapshot()).toMatchObject({ hasMore: false, unreadCount: 1 });
  await inbox.loadMore();
  expect(asked).toHaveLength(2);
});

test('a page that fails is told to who asked, and may be asked for again', async () => {
  answer = () => Promise.reject(new Error('lost'));
  await expect(inbox.loadMore()).rejects.toThrow('lost');
  expect(inbox.getSnapshot().status).toBe('waiting');
  answer = () => ({ items: [message('a', 1)], next_before: null, unread_count: 0 });
  await inbox.loadMore();
  expect(ids()).toEqual(['a']);
});

test('holds the newest of a long stream only, and can load the rest again', async () => {
  answer = () => ({ items: [], next_before: null, unread_count: 0 });
  await inbox.loadMore();
  for (let rev = 1; rev <= 700; rev++) inbox.apply(message(`n${rev}`, rev));
  const { items, hasMore } = inbox.getSnapshot();
  expect(items.length).toBeGreaterThanOrEqual(500);
  expect(items.length).toBeLessThan(600);
  expect(items[0]?.id).toBe('n700');
  expect(hasMore).toBe(true);
});

test('tells of a whole catch-up once', () => {
  const listener = vi.fn();
  inbox.onChange(listener);
  inbox.changes.hold();
  inbox.apply(message('a', 1));
  inbox.apply(message('b', 2));
  expect(listener).not.toHaveBeenCalled();
  inbox.changes.release();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(ids()).toEqual(['b', 'a']);
});
