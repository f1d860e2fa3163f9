import type Database from 'better-sqlite3';
import { mergePage, type PageRows, type SizedRow, takePage } from '../page-rows.ts';
import type { Value } from '../statement.ts';
import type { Statements } from '../statements.ts';
import {
  type AnyRow,
  isPage,
  type PageStep,
  type ReadStep,
  type RowOf,
  type StatementName,
  type Step,
  valuesOf,
} from '../steps.ts';

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
  run<Name extends StatementName>(step: Step<Name>): RowOf<Name>[] {
    const statement = this.#statement(step.name);
    const values = this.#values(step);
    if (statement.reader) return statement.all(...values) as RowOf<Name>[];
    statement.run(...values);
    return [];
  }

  /** The rows of a step of a read. Of a page no row past its end is read. */
  read(step: ReadStep): AnyRow[] {
    return isPage(step) ? this.page(step).rows : this.run(step);
  }

  page<Name extends StatementName>({ page, limit, order }: PageStep<Name>): PageRows<RowOf<Name>> {
    let found: PageRows<SizedRow> = { rows: [], full: false };
    for (const one of limit === 0 ? [] : page) {
      const rows = this.#statement(one.name).iterate(...this.#values(one)) as IterableIterator<SizedRow>;
      found = order ? mergePage(found, rows, order, limit) : takePage(rows, limit);
    }
    return found as unknown as PageRows<RowOf<Name>>;
  }

  #statement(name: StatementName): Database.Statement {
    const known = this.#prepared.get(name);
    if (known) return known;
    const statement = this.#database.prepare(this.#texts[name].sql);
    this.#prepared.set(name, statement);
    return statement;
  }

  #values({ name, params }: Step): Value[] {
    return valuesOf(this.#texts[name], params as object);
  }
}
