import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds. Throws after a time, ms, with what was waited for. */
export async function until(what: string, holds: () => boolean | undefined, limit = 40_000): Promise<void> {
  const deadline = performance.now() + limit;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ${limit / 1_000} s for ${what}`);
    await pause(5);
  }
}

/** Resolves as what is awaited does. Throws after a time, ms, with what that was. */
export async function within<T>(limit: number, what: () => string, awaited: Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = pause(limit, undefined, { signal: end.signal }).then((): never => {
    throw new Error(`waited ${limit / 1_000} s for ${what()}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([awaited, late]);
  } finally {
    end.abort();
  }
}
