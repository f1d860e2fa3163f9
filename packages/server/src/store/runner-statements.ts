import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, statementCompiler, text } from './statement.ts';

/** Leases of those who run tasks. */
export function runnerStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    addRunner: statement({ name: text, until: number }, (p) =>
      db.insertInto('runners').values({ name: p.name, lease_until: p.until }),
    ),
    extendRunner: statement({ name: text, until: number }, (p) =>
      db.updateTable('runners').set({ lease_until: p.until }).where('name', '=', p.name).returning('name'),
    ),
    runners: statement({}, () => db.selectFrom('runners').select(['name', 'lease_until'])),
    /** Removes a runner whose lease has ended. */
    removeRunner: statement({ name: text, now: number }, (p) =>
      db.deleteFrom('runners').where('name', '=', p.name).where('lease_until', '<=', p.now),
    ),
    /** Removes the permits of runners that are not there. */
    removePermits: statement({}, () =>
      db.deleteFrom('task_permits').where('runner', 'not in', db.selectFrom('runners').select('name')),
    ),
    permits: statement({ name: text, key: text }, (p) =>
      db
        .selectFrom('task_permits')
        .select(['number', 'runner', 'token'])
        .where('name', '=', p.name)
        .where('key', '=', p.key),
    ),
    /** Takes a permit that nobody has, or whose runner was removed. */
    takePermit: statement(
      { name: text, key: text, number, token: text, runner: text },
      (p) => sql<{ number: number }>`
      insert into task_permits (name, key, number, token, runner)
      values (${p.name}, ${p.key}, ${p.number}, ${p.token}, ${p.runner})
      on conflict (name, key, number) do update set token = excluded.token, runner = excluded.runner
      where not exists (select 1 from runners where runners.name = task_permits.runner)
      returning number`,
    ),
    returnPermit: statement({ token: text }, (p) => db.deleteFrom('task_permits').where('token', '=', p.token)),
    removeRunners: statement({}, () => db.deleteFrom('runners')),
  };
}
