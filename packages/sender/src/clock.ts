/** The sender's clock; tests have their own. */
export interface Clock {
  /** Milliseconds from an arbitrary start. */
  now(): number;
  /** Runs `action` once after `ms`, unless the function it returns is called first. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
