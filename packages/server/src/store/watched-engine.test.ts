import { expect, test } from 'vitest';
import { put } from '../../testing/temp-store.ts';
import { DatabaseRefusal, type SqlEngine } from './engine.ts';
import { WatchedEngine } from './watched-engine.ts';

test('refused transactions of one kind are tried again once, whatever revs they expect', async () => {
  const rehearsed: unknown[] = [];
  const refusing: Partial<SqlEngine> = {
    apply: async () => {
      throw new DatabaseRefusal('SQLITE_ERROR', new Error('no such table'), true);
    },
    rehearse: async (attempt) => void rehearsed.push(attempt),
    probe: async () => {},
    trouble: () => null,
  };
  const engine = new WatchedEngine(refusing as SqlEngine);
  for (const expected of [undefined, null, 1, 2, 3, 4]) {
    const groups = [{ writes: [{ ...put({ topics: ['user:a'] }), expect: expected }], atomic: false }];
    await expect(engine.apply(groups)).rejects.toThrow('nothing was stored');
  }
  expect(engine.trouble()).toMatch(/the database refused it/);
  await engine.probe();
  expect(rehearsed).toHaveLength(3);
  expect(engine.trouble()).toBeNull();
});
