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
    const now = await database.now();
    await database.write({ removed: step('removeRunner', { name, now }), permits: step('removePermits') });
  },

  async takePermit(permit, atMost) {
    const { name, key } = permit;
    const { taken, runners } = await database.read({ taken: step('permits', { name, key }), runners: step('runners') });
    if (taken.some(({ token }) => token === permit.token)) return true;
    // One whose lease has ended has its permits until it is removed: it is told then, should it come back.
    const there = new Set(runners.map((runner) => runner.name));
    const held = new Set(taken.filter(({ runner }) => there.has(runner)).map((one) => one.number));
    for (let number = 0; number < atMost; number++) {
      if (held.has(number)) continue;
      const { took } = await database.write({ took: step('takePermit', { ...permit, number }) });
      if (took.length === 1) return true;
    }
    return false;
  },

  async returnPermit(token) {
    await database.write({ returned: step('returnPermit', { token }) });
  },
});
