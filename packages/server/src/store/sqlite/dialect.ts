import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Schema } from '../schema.ts';

/**
 * Writes `+?` for `?`, which means the same: where a bare place holder is compared with a column in a join, or stands behind
 * `limit`, SQLite 3.5x plans the statement anew each time a value is bound, which takes twenty times as long as running it.
 */
class PlannedOnce extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?';
  }
}

/** A Kysely that only compiles: the statements it makes are run by the threads that own the database. */
export const sqliteCompiler = (): Kysely<Schema> =>
  new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new PlannedOnce(),
    },
  });
