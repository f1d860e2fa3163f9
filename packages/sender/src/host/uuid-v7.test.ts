import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { uuidV7 } from './uuid-v7.ts';

it('makes UUIDs of version 7 that sort by their time', () => {
  const times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 2 ** 45];
  const ids = times.map((now) => uuidV7(randomUUID(), now));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(times.map(() => uuidV7(randomUUID(), 5))).size).toBe(times.length);
});
