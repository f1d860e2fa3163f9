import type pg from 'pg';
import { type PageOrder, pageBytes } from '../page-rows.ts';
import type { Value } from '../statement.ts';
import type { Statements } from '../statements.ts';
import { type AnyRow, isPage, type ReadStep, type Step, valuesOf } from '../steps.ts';
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

  async read(steps: readonly ReadStep[]): Promise<AnyRow[][]> {
    const query = this.#query(steps);
    try {
      const { rows } = await this.#pool.query<string[]>({ ...query, values: this.#values(steps), rowMode: 'array' });
      return (rows[0] as string[]).map((json) => decodeJson<AnyRow[]>(json));
    } catch (error) {
      throw readFailure(error);
    }
  }

  #values(steps: readonly ReadStep[]): Value[] {
    return steps.flatMap(statementsOf).flatMap(({ name, params }) => encodedValues(this.#statements[name], params));
  }

  /** The text of a list of steps, prepared as long as there are not too many different ones. */
  #query(steps: readonly ReadStep[]): { name?: string; text: string } {
    const shape = steps.map(shapeOf).join();
    const known = this.#combined.get(shape);
    if (known) return known;
    const text = this.#combine(steps);
    if (this.#combined.size >= preparedLimit) return { text };
    const query = { name: `tidings_read_${this.#combined.size}`, text };
    this.#combined.set(shape, query);
    return query;
  }

  /** The rows of each step as one column of JSON; parameters are counted on from statement to statement. */
  #combine(steps: readonly ReadStep[]): string {
    let before = 0;
    const columns = steps.map((step) => {
      const texts = statementsOf(step).map(({ name }) => {
        let own = 0;
        const renumbered = this.#statements[name].sql.replace(/\$(\d+)/g, (_, n) => {
          own = Math.max(own, Number(n));
          return `$${Number(n) + before}`;
        });
        before += own;
        return renumbered;
      });
      return `(select coalesce(json_agg(x), '[]') from (${isPage(step) ? pageOf(texts, step.order) : texts[0]}) x)`;
    });
    return `select ${columns.join(',\n')}`;
  }
}

/** The values of a statement's parameters, as PostgreSQL can hold them. */
export const encodedValues = (statement: Statements[Step['name']], params: object): Value[] =>
  valuesOf(statement, params).map((value) => (typeof value === 'string' ? encodeText(value) : value));

const statementsOf = (step: ReadStep): readonly Step[] => (isPage(step) ? step.page : [step]);

const shapeOf = (step: ReadStep): string => {
  const names = statementsOf(step).map(({ name }) => name);
  return isPage(step) ? `page(${names.join()} ${JSON.stringify(step.order)})` : names.join();
};

/**
 * The rows of a page: the first, up to the one that takes it past `pageBytes`. Large texts are kept apart from their rows, so that those of
 * other rows are not read.
 */
function pageOf(texts: readonly string[], order: PageOrder | null): string {
  return `select * from (
    select r.*, sum(r.bytes) over (rows unbounded preceding) - r.bytes as bytes_before from (${rowsOf(texts, order)}) r) p
    where bytes_before < ${pageBytes}`;
}

/** The rows of several statements in one order, each once. */
function rowsOf(texts: readonly string[], order: PageOrder | null): string {
  if (order === null || texts.length === 1) return texts[0] as string;
  const all = texts.map((text) => `(${text})`).join(' union all ');
  const by = `u.${order.by}${order.direction === 'desc' ? ' desc' : ''}`;
  return `select distinct on (u.${order.by}, u.id) u.* from (${all}) u order by ${by}, u.id, u.alert_rev desc`;
}
