import { describe, expect, it } from 'vitest';
import { checkJson } from './check-json.ts';

const cycle: Record<string, unknown> = { name: 'self' };
cycle.inner = { list: [cycle] };
let deep: unknown = 1;
for (let level = 0; level < 100_000; level++) deep = [deep];

describe('checkJson', () => {
  it('takes what JSON carries, and the same object twice', () => {
    const shared = { a: 1 };
    const value = { x: shared, y: [shared, null, 'text', true, 1.5], at: new Date(0), gone: undefined };
    expect(() => checkJson(value)).not.toThrow();
  });

  it.each([
    ['a cycle', cycle, 'inner.list[0] cannot be sent as JSON: it is a cycle'],
    ['infinity', { a: [Number.POSITIVE_INFINITY] }, 'a[0] cannot be sent as JSON: it is Infinity'],
    ['an invalid Date', { at: new Date('x') }, 'at cannot be sent as JSON: it is an invalid Date'],
    ['an Error', { error: new TypeError('x') }, 'error cannot be sent as JSON: it is a Error'],
    ['a hole in an array', { a: [1, undefined] }, 'a[1] cannot be sent as JSON: it is undefined'],
    ['a symbol', { a: Symbol('x') }, 'a cannot be sent as JSON: it is a symbol'],
    ['what toJSON makes', { a: { toJSON: () => 1n } }, 'a cannot be sent as JSON: it is a bigint'],
    ['too many levels', { deep }, 'nested too deeply'],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', {
        enumerable: true,
        get() {
          throw new Error('not loaded');
        },
      }),
      'could not be read: not loaded',
    ],
  ])('refuses %s by its place', (_, value, text) => {
    expect(() => checkJson(value)).toThrow(
      expect.objectContaining({ code: 'bad_request', message: expect.stringContaining(text) }),
    );
  });
});
