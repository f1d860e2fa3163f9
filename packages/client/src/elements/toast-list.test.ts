import { expect, it } from 'vitest';
import type { Description, Tone } from './describe-frame.ts';
import { ToastList } from './toast-list.ts';

const describe = (tone: Tone, title = ''): Description => ({ tone, icon: tone, title, message: '', link: null });
const ids = (list: ToastList) => list.toasts.filter((toast) => toast.phase === 'shown').map((toast) => toast.id);
const put = (list: ToastList, id: string, tone: Tone = 'info', title = '') =>
  list.put(id, describe(tone, title), 3, 1_000);

function pass(list: ToastList, milliseconds: number, held = false): void {
  for (let passed = 0; passed < milliseconds; passed += 250) list.pass(250, held);
}

it('shows the newest first, and lets each go after its time, errors later', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'error');
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
  put(list, 'a', 'info', 'first');
  put(list, 'b');
  pass(list, 750);
  put(list, 'a', 'success', 'second');
  pass(list, 500);
  expect(list.toasts.find((toast) => toast.id === 'a')?.description.title).toBe('second');
  expect(ids(list)).toEqual(['a']);
});

it('does not show a later version of what was seen off', () => {
  const list = new ToastList();
  put(list, 'a');
  list.dismiss('a');
  put(list, 'a', 'info', 'again');
  pass(list, 250);
  expect(list.toasts).toEqual([]);
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
  put(list, 'b', 'error');
  put(list, 'c');
  put(list, 'd', 'error');
  expect(ids(list)).toEqual(['d', 'c', 'b']);
  expect(list.more).toBe(1);
});

it('takes no toast away for an error while there is room', () => {
  const list = new ToastList();
  put(list, 'a');
  put(list, 'b', 'error');
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
