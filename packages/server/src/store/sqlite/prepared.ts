import type Database from 'better-sqlite3';
import { valuesOf } from '../statement.ts';
import { statements } from '../statements.ts';
import type { RowOf, StatementName, Step } from '../steps.ts';
import { sqliteCompiler } from './dialect.ts';

/** The hot statements on one connection, each prepared when it is first run. */
export class PreparedStatements {
  readonly #database: Database.Database;
  readonly #texts = statements(sqliteCompiler());
  readonly #prepared = new Map<StatementName, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Runs a statement, and returns its rows; none where it returns none. */
  run<Name extends StatementName>({ name, params }: Step<Name>): RowOf<Name>[] {
    const { [name]: text } = this.#texts;
    let statement = this.#prepared.get(name);
    if (!statement) {
      statement = this.#database.prepare(text.sql);
      this.#prepared.set(name, statement);
    }
    const values = valuesOf(text, params as object);
    if (statement.reader) return statement.all(...values) as RowOf<Name>[];
    statement.run(...values);
    return [];
  }
}
