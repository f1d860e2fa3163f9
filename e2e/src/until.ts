import { setTimeout as pause } from 'node:timers/promises';

/** Waits for what other processes bring. @throws if it is not so in time */
export async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after ${withinMs} ms: ${condition}`);
    await pause(5);
  }
}
