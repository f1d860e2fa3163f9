import type Database from 'better-sqlite3';
import type { Statements } from '../statements.ts';
import { type RowOf, type StatementName, type Step, valuesOf } from '../steps.ts';

/** The hot statements on one connection, each prepared when it is first run. */
export class PreparedStatements {
  readonly #database: Database.Database;
  readonly #texts: Statements;
  readonly #prepared = new Map<StatementName, Database.Statement>();

  constructor(database: Database.Database, texts: Statements) {
    this.#database = database;
    this.#texts = texts;
  }

  /** Runs a statement, and returns its rows; none if it returns none. */
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
