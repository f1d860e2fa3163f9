import type { Clock } from './clock.ts';

export interface BackoffOptions {
  /** Milliseconds before the second attempt; doubled for each one after it. */
  initialDelayMs: number;
  /** Milliseconds at most, unless the server asks for more by Retry-After. */
  maxDelayMs: number;
}

/** Milliseconds before attempt `n + 1`: between half and all of the doubled delay, so that senders spread. */
export function backoffMs(n: number, { initialDelayMs, maxDelayMs }: BackoffOptions, random = Math.random()): number {
  const full = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(n - 1, 30));
  return full * (0.5 + random / 2);
}

/** Resolves after `ms`, or at once when `stop` aborts. */
export function pause(ms: number, clock: Clock, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const end = () => {
      cancel();
      stop.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    stop.addEventListener('abort', end, { once: true });
  });
}
