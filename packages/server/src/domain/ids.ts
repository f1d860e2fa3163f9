import { randomFillSync } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuv';
const pool = new Uint8Array(4096);
let used = pool.length;

/**
 * A new id: a prefix, 9 characters of time, 16 random ones (80 bits).
 * Ids made later sort later, to the millisecond, which keeps the database's index compact.
 */
export function newId(prefix: string, now: number): string {
  if (used + 16 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let text = prefix;
  for (let shift = 40; shift >= 0; shift -= 5) text += alphabet[Math.floor(now / 2 ** shift) & 31];
  for (let i = 0; i < 16; i++) text += alphabet[(pool[used++] as number) & 31];
  return text;
}
