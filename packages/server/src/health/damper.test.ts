import type { HealthState } from '@tidings/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Damper } from './damper.ts';

const states: readonly HealthState[] = ['ok', 'degraded', 'down'];
const level = (state: HealthState): number => states.indexOf(state);
const findings = fc.array(fc.constantFrom(...states), { maxLength: 60 });
const holds = fc.record({ worse: fc.integer({ min: 1, max: 6 }), better: fc.integer({ min: 1, max: 6 }) });

/** The states that a damper takes on, by its rule: what each stretch of findings agrees on. */
function model(found: readonly HealthState[], hold: { worse: number; better: number }): HealthState[] {
  let state = 0;
  return found.map((_, n) => {
    const last = (count: number) =>
      found
        .slice(0, n + 1)
        .slice(-count)
        .map(level);
    const [mildest, severest] = [Math.min(...last(hold.worse)), Math.max(...last(hold.better))];
    if (n + 1 >= hold.worse && mildest > state) state = mildest;
    else if (n + 1 >= hold.better && severest < state) state = severest;
    return states[state] as HealthState;
  });
}

const taken = (found: readonly HealthState[], hold: { worse: number; better: number }): HealthState[] => {
  const damper = new Damper(hold);
  return found.map((state) => damper.take(state));
};

describe('a damper', () => {
  test('takes on a state when the findings have agreed on it for long enough, as the model does', () => {
    fc.assert(
      fc.property(findings, holds, (found, hold) => {
        expect(taken(found, hold)).toEqual(model(found, hold));
      }),
    );
  });

  test('stays as it is while findings flap, however often', () => {
    const short = fc.integer({ min: 1, max: 2 });
    const flapping = fc.array(fc.tuple(fc.constantFrom(...states), short), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(flapping, (stretches) => {
        // Each stretch is too short to count, and is followed by one of the state that holds.
        const found = stretches.flatMap(([state, length]) => [
          ...new Array<HealthState>(length).fill(state),
          'ok' as const,
        ]);
        expect(new Set(taken(found, { worse: 3, better: 5 }))).toEqual(new Set(['ok']));
      }),
    );
  });

  test('ends in the state that is found from some time on', () => {
    fc.assert(
      fc.property(findings, holds, fc.constantFrom(...states), (found, hold, last) => {
        const rest = new Array<HealthState>(Math.max(hold.worse, hold.better)).fill(last);
        expect(taken([...found, ...rest], hold).at(-1)).toBe(last);
      }),
    );
  });

  test('becomes as bad as all agree on, where some are worse', () => {
    expect(taken(['down', 'degraded', 'down'], { worse: 3, better: 5 }).at(-1)).toBe('degraded');
  });
});
