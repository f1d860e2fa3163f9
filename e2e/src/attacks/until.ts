import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds. Throws after 20 s, with what was waited for. */
export async function until(what: string, holds: () => boolean | undefined): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited for 20 s: ${what}`);
    await pause(5);
  }
}
