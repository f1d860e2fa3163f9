import { expect, it } from 'vitest';
import type { Change } from './change.ts';
import { type Asked, ChangeLine } from './change-line.ts';

/** A change that any later one takes in. */
const change = (n: number): Change<number> => ({
  ...{ call: { method: 'PATCH', path: `/${n}` }, key: '' },
  read: () => n,
  mergedWith: () => change(n),
});
const asked = (n: number) => ({ change: change(n), pending: { settled: false } }) as Asked<number>;

it('takes in however many reports have come to wait, as in a long outage', () => {
  const line = new ChangeLine<number>();
  line.add(asked(0));
  const first = line.next();
  const count = 300_000;
  for (let n = 1; n <= count; n++) line.add(asked(n));
  line.catchUp();
  expect(first?.asked).toHaveLength(count + 1);
  expect(first?.change.call.path).toBe(`/${count}`);
});
