import { expect, it } from 'vitest';
import { message } from '../../testing/frames.ts';
import { ToastList } from './toast-list.ts';

type Kind = 'calm' | 'urgent' | 'running';

const ids = (list: ToastList) => list.toasts.filter((toast) => toast.phase === 'shown').map((toast) => toast.id);
const draft = (id: string, kind: Kind = 'calm', text = '') => ({
  ...{ id, frame: message(id, 1, { message: text }), isUrgent: kind === 'urgent', stays: kind === 'running' },
});
const stack = { max: 3, duration: 1_000, isPointed: false };
const put = (list: ToastList, id: string, kind: Kind = 'calm', text = '') => list.put(draft(id, kind, text), stack);

function pass(list: ToastList, milliseconds: number, held = false): void {
  for (let passed = 0; passed < milliseconds; passed += 250) list.pass(250, held, stack);
}

it('shows the newest first, and lets each go after its time, errors later', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'urgent');
  expect(ids(list)).toEqual(['b', 'a']);
  pass(list, 1_000);
  expect(ids(list)).toEqual(['b']);
  pass(list, 1_500);
  expect(ids(list)).toEqual([]);
  pass(list, 250);
  expect(list.toasts).toEqual([]);
});

it('updates a toast where it stands, with its time begun anew', () => {
  const list = new ToastList();
  put(list, 'a', 'calm', 'first');
  put(list, 'b');
  pass(list, 750);
  put(list, 'a', 'calm', 'second');
  pass(list, 500);
  expect(list.toasts.find((toast) => toast.id === 'a')?.frame).toMatchObject({ message: 'second' });
  expect(ids(list)).toEqual(['a']);
});

it('shows a later version of what is shown, and of nothing else', () => {
  const list = new ToastList();
  put(list, 'a');
  list.update(draft('b'), stack);
  list.update(draft('a', 'calm', 'later'), stack);
  expect(list.toasts).toMatchObject([{ id: 'a', frame: { message: 'later' } }]);
  list.dismiss('a');
  list.update(draft('a', 'calm', 'too late'), stack);
  pass(list, 250);
  expect(list.toasts).toEqual([]);
});

it('shows what asks again after it was seen off', () => {
  const list = new ToastList();
  put(list, 'a');
  list.dismiss('a');
  put(list, 'a', 'calm', 'again');
  expect(list.toasts).toMatchObject([{ phase: 'shown', frame: { message: 'again' } }]);
});

it('keeps what goes on until it has ended, unless its place is needed', () => {
  const list = new ToastList();
  put(list, 'a', 'running');
  put(list, 'b', 'running');
  pass(list, 60_000);
  expect(ids(list)).toEqual(['b', 'a']);
  list.update(draft('b'), stack);
  pass(list, 1_000);
  expect(ids(list)).toEqual(['a']);
  for (const id of ['c', 'd', 'e']) put(list, id);
  expect(ids(list)).toEqual(['e', 'd', 'c']);
});

it('shows the newest on top, counts what finds no room, and forgets the count once it is calm', () => {
  const list = new ToastList();
  for (let index = 0; index < 43; index += 1) put(list, `n${index}`);
  expect(ids(list)).toEqual(['n42', 'n41', 'n40']);
  expect(list.more).toBe(40);
  pass(list, 1_000);
  expect(list.more).toBe(0);
});

it('keeps errors while others come, and makes room among errors only where there are no others', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'urgent');
  put(list, 'c');
  put(list, 'd', 'urgent');
  expect(ids(list)).toEqual(['d', 'c', 'b']);
  put(list, 'e', 'urgent');
  put(list, 'f');
  expect(ids(list)).toEqual(['f', 'e', 'd']);
  put(list, 'g');
  expect(ids(list)).toEqual(['g', 'e', 'd']);
  expect(list.more).toBe(4);
});

it('unfolds what found no room, as it is by now, fifty at a time, without what was dealt with', () => {
  const list = new ToastList();
  for (let index = 0; index < 60; index += 1) put(list, `n${index}`);
  list.update(draft('n50', 'calm', 'later'), stack);
  list.unfold(stack, (id) => id === 'n55');
  expect(ids(list).slice(0, 5)).toEqual(['n59', 'n58', 'n57', 'n56', 'n54']);
  expect(list.toasts.find(({ id }) => id === 'n50')?.frame).toMatchObject({ message: 'later' });
  expect(list.more).toBe(7);
  list.unfold(stack, () => false);
  expect(ids(list).at(-1)).toBe('n0');
  expect(list.more).toBe(0);
  put(list, 'newest');
  expect(ids(list)).toHaveLength(59);
});

it('moves nothing while a pointer is on it: what comes waits until that has left', () => {
  const list = new ToastList();
  put(list, 'a');
  const pointed = { ...stack, isPointed: true };
  for (const id of ['b', 'c']) list.put(draft(id), pointed);
  list.pass(250, true, pointed);
  expect([ids(list), list.more]).toEqual([['a'], 2]);
  list.pass(250, false, stack);
  expect([ids(list), list.more]).toEqual([['c', 'b', 'a'], 0]);
});

it('forgets everything when it is cleared', () => {
  const list = new ToastList();
  for (const id of ['a', 'b', 'c', 'd']) put(list, id);
  list.put(draft('e'), { ...stack, isPointed: true });
  list.clear();
  list.unfold(stack, () => false);
  expect([list.toasts, list.more]).toEqual([[], 0]);
});

it('takes no toast away for an error while there is room', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'urgent');
  expect(ids(list)).toEqual(['b', 'a']);
});

it('stands still while it is held, but lets go what is leaving', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b');
  list.dismiss('b');
  pass(list, 60_000, true);
  expect(list.toasts.map((toast) => toast.id)).toEqual(['a']);
  pass(list, 1_250);
  expect(ids(list)).toEqual(['a']);
  pass(list, 250);
  expect(ids(list)).toEqual([]);
});
