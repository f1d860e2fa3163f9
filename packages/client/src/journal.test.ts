import { expect, test } from 'vitest';
import { Journal } from './journal.ts';
import { message } from './testing/frames.ts';

const synced = (cursor: string) => ({ type: 'synced' as const, cursor, unread_count: 0, categories: {} });
const ping = (cursor: string) => ({ type: 'ping' as const, cursor });

function journal(cursor: string | null = null): Journal {
  const made = new Journal(() => undefined);
  made.begin(cursor);
  return made;
}

test('has no cursor before the server has given one, whatever was received', () => {
  const it = journal();
  it.accept(message('a', 5));
  expect(it.cursor).toBeNull();
  it.accept(synced('t:9'));
  expect(it.cursor).toBe('t:9');
});

test('goes on with each durable frame, in the term given last, but not with snapshots and what is sent again', () => {
  const it = journal('t:3');
  it.accept(message('a', 4));
  expect(it.cursor).toBe('t:4');
  it.accept(message('b', 8, { snapshot: true }));
  expect(it.cursor).toBe('t:4');
  it.accept(message('d', 5, { replayed: true }));
  expect(it.cursor).toBe('t:4');
  it.accept(ping('u:6'));
  it.accept(message('c', 7));
  expect(it.cursor).toBe('u:7');
});

test('is set by synced and ping, back as well as on, and never back by a frame', () => {
  const it = journal('t:3');
  it.accept(message('a', 9));
  it.accept(message('b', 5));
  expect(it.cursor).toBe('t:9');
  it.accept(ping('t:7'));
  expect(it.cursor).toBe('t:7');
});

test('drops a rev that is held of that record, and no other by the cursor', () => {
  const it = journal('t:100');
  expect(it.accept(message('a', 5))).toBe(true);
  expect(it.accept(message('a', 5))).toBe(false);
  expect(it.accept(message('a', 4))).toBe(false);
  expect(it.accept(message('a', 6))).toBe(true);
  expect(it.accept(message('b', 2))).toBe(true);
});

test('keeps revs over a resume and forgets them where it begins anew', () => {
  const it = journal('t:1');
  it.accept(message('a', 5));
  it.begin('t:5');
  expect(it.accept(message('a', 5))).toBe(false);
  it.begin(null);
  expect(it.cursor).toBeNull();
  expect(it.accept(message('a', 5))).toBe(true);
});

test('forgets what was received longest ago, except what is held elsewhere', () => {
  const it = new Journal((id) => (id === 'held' ? 1 : undefined));
  it.begin('t:0');
  it.accept(message('held', 1));
  it.accept(message('old', 2));
  for (let rev = 3; rev < 10_010; rev++) it.accept(message(`n${rev}`, rev));
  expect(it.accept(message('held', 1))).toBe(false);
  expect(it.accept(message('old', 2))).toBe(true);
});
