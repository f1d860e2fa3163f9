import { expect, it } from 'vitest';
import { reasonOf } from './thrown.ts';

const throwing = Object.defineProperty(new Error(), 'message', {
  get() {
    throw new Error('not this either');
  },
});
const unreadable = 'something was thrown that cannot be read as text';

it.each([
  [new Error('no luck'), 'no luck'],
  [{ message: 'no error, but has one' }, 'no error, but has one'],
  [new TypeError(), 'TypeError'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7n, '7'],
  [Symbol('seven'), 'Symbol(seven)'],
  [{ message: 42 }, '[object Object]'],
  [throwing, unreadable],
  [Object.create(null), unreadable],
  [
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('closed');
        },
      },
    ),
    unreadable,
  ],
  [new Error('a\0b\ud800c'), 'a\ufffdb\ufffdc'],
])('says why: %#', (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});

it('cuts what is long, between two characters', () => {
  expect(reasonOf(new Error('x'.repeat(10_000)))).toHaveLength(10_000);
  const cut = reasonOf(new Error(`${'x'.repeat(9_998)}😀😀`));
  expect(cut).toBe(`${'x'.repeat(9_998)}…`);
});
