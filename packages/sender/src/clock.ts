import { after } from '@tidings/protocol';

/** The sender's clock; tests have their own. */
export interface Clock {
  /** Milliseconds from an arbitrary start. */
  now(): number;
  /** Runs `action` once after `ms`, however many, unless the function it returns is called first. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after,
};
