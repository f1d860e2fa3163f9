import type { RunnerStore } from '../domain/store/runners.ts';
import { type SqlDatabase, step } from './steps.ts';

/** Leases of those who run tasks. */
export const runnerStore = (database: SqlDatabase): RunnerStore => ({
  async addRunner(name, ms) {
    await database.write({ added: step('addRunner', { name, until: (await database.now()) + ms }) });
  },

  async extendRunner(name, ms) {
    const until = (await database.now()) + ms;
    return (await database.write({ extended: step('extendRunner', { name, until }) })).extended.length === 1;
  },

  async runners() {
    const rows = await database.rows(step('runners'));
    const now = await database.now();
    return rows.map(({ name, lease_until }) => ({ name, isAlive: lease_until > now }));
  },

  async removeRunner(name) {
    await database.write({ removed: step('removeRunner', { name, now: await database.now() }) });
  },
});
