import type pg from 'pg';
import type { Value } from '../statement.ts';
import type { Statements } from '../statements.ts';
import { type AnyRow, type Step, valuesOf } from '../steps.ts';
import { decodeJson, encodeText } from './characters.ts';
import { readFailure } from './failure.ts';

/** The most statements that are prepared: a server keeps each for as long as the connection lives. */
const preparedLimit = 500;

/** Reads. However many statements, they are one to PostgreSQL: one round trip, one snapshot. */
export class PostgresReader {
  readonly #pool: pg.Pool;
  readonly #statements: Statements;
  readonly #combined = new Map<string, { name: string; text: string }>();

  constructor(pool: pg.Pool, statements: Statements) {
    this.#pool = pool;
    this.#statements = statements;
  }

  async read(steps: readonly Step[]): Promise<AnyRow[][]> {
    const query = this.#query(steps.map(({ name }) => name));
    try {
      const { rows } = await this.#pool.query<string[]>({ ...query, values: this.#values(steps), rowMode: 'array' });
      return (rows[0] as string[]).map((json) => decodeJson<AnyRow[]>(json));
    } catch (error) {
      throw readFailure(error);
    }
  }

  #values(steps: readonly Step[]): Value[] {
    return steps.flatMap(({ name, params }) => encodedValues(this.#statements[name], params));
  }

  /** The text of a list of statements, prepared as long as there are not too many different ones. */
  #query(names: readonly (keyof Statements)[]): { name?: string; text: string } {
    const shape = names.join();
    const known = this.#combined.get(shape);
    if (known) return known;
    const text = combine(names.map((name) => this.#statements[name].sql));
    if (this.#combined.size >= preparedLimit) return { text };
    const query = { name: `tidings_read_${this.#combined.size}`, text };
    this.#combined.set(shape, query);
    return query;
  }
}

/** The values of a statement's parameters, as PostgreSQL can hold them. */
export const encodedValues = (statement: Statements[Step['name']], params: object): Value[] =>
  valuesOf(statement, params).map((value) => (typeof value === 'string' ? encodeText(value) : value));

/** Each statement's rows as one column of JSON; parameters are counted on from statement to statement. */
function combine(texts: readonly string[]): string {
  let before = 0;
  const columns = texts.map((text) => {
    let own = 0;
    const renumbered = text.replace(/\$(\d+)/g, (_, n) => {
      own = Math.max(own, Number(n));
      return `$${Number(n) + before}`;
    });
    before += own;
    return `(select coalesce(json_agg(x), '[]') from (${renumbered}) x)`;
  });
  return `select ${columns.join(',\n')}`;
}
