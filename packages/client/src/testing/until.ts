import { setTimeout as pause } from 'node:timers/promises';

/** Waits for what a real socket brings; fails after 40 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 40_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after 40 s: ${condition}`);
    await pause(2);
  }
}
