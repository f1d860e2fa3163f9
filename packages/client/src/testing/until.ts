import { setTimeout as pause } from 'node:timers/promises';

/** Waits for what a real socket brings; fails after 5 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after 5 s: ${condition}`);
    await pause(2);
  }
}
