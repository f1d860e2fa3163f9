import { after } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after,
};
