import type { Kysely } from 'kysely';
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
    removeRunners: statement({}, () => db.deleteFrom('runners')),
  };
}
