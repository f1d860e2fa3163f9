import { expect, test } from 'vitest';
import { Journal } from './journal.ts';
import { message, synced } from './testing/frames.ts';

function journal(cursor: string | null = null): Journal {
  const made = new Journal(() => undefined);
  made.begin(cursor);
  return made;
}

test('keeps the last cursor that came, in whatever frame, back as well as on', () => {
  const it = journal();
  it.accept(message('a', 5, { replayed: true }));
  it.accept(message('b', 8, { snapshot: true }));
  expect(it.cursor).toBeNull();
  it.accept(synced(9));
  expect(it.cursor).toBe('t:9');
  it.accept(message('a', 10));
  it.accept(message('d', 12, { replayed: true }));
  expect(it.cursor).toBe('t:10');
  it.accept({ type: 'ping', cursor: 'u:6' });
  expect(it.cursor).toBe('u:6');
  it.accept(message('a', 10));
  expect(it.cursor).toBe('t:10');
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
