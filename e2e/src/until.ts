import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds. Throws after a time, ms, with what was waited for. */
export async function until(what: string, holds: () => boolean | undefined, limit = 20_000): Promise<void> {
  const deadline = performance.now() + limit;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ${limit / 1_000} s for ${what}`);
    await pause(5);
  }
}
