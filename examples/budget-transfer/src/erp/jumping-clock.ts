import type { Clock } from './clock.ts';

/** A clock for tests: sleeping takes no time and moves it on. */
export interface JumpingClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[];
}

export function createJumpingClock(): JumpingClock {
  let time = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    async sleep(ms) {
      sleeps.push(ms);
      time += ms;
    },
  };
}
