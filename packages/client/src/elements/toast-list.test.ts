import { expect, it } from 'vitest';
import { message } from '../testing/frames.ts';
import { ToastList } from './toast-list.ts';

type Kind = 'calm' | 'urgent' | 'running';

const ids = (list: ToastList) => list.toasts.filter((toast) => toast.phase === 'shown').map((toast) => toast.id);
const draft = (id: string, kind: Kind = 'calm', text = '') => ({
  ...{ id, frame: message(id, 1, { message: text }), isUrgent: kind === 'urgent', stays: kind === 'running' },
});
const put = (list: ToastList, id: string, kind: Kind = 'calm', text = '') => list.put(draft(id, kind, text), 3, 1_000);

function pass(list: ToastList, milliseconds: number, held = false): void {
  for (let passed = 0; passed < milliseconds; passed += 250) list.pass(250, held);
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
  list.update(draft('b'), 1_000);
  list.update(draft('a', 'calm', 'later'), 1_000);
  expect(list.toasts).toMatchObject([{ id: 'a', frame: { message: 'later' } }]);
  list.dismiss('a');
  list.update(draft('a', 'calm', 'too late'), 1_000);
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
  list.update(draft('b'), 1_000);
  pass(list, 1_000);
  expect(ids(list)).toEqual(['a']);
  for (const id of ['c', 'd', 'e']) put(list, id);
  expect(ids(list)).toEqual(['e', 'd', 'c']);
});

it('counts what finds no room, and forgets the count once it is calm', () => {
  const list = new ToastList();
  for (let index = 0; index < 43; index += 1) put(list, `n${index}`);
  expect(ids(list)).toEqual(['n2', 'n1', 'n0']);
  expect(list.more).toBe(40);
  pass(list, 1_000);
  expect(list.more).toBe(0);
});

it('gives an error the place of the oldest toast that is none', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'urgent');
  put(list, 'c');
  put(list, 'd', 'urgent');
  expect(ids(list)).toEqual(['d', 'c', 'b']);
  expect(list.more).toBe(1);
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
