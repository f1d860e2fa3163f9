import {
  type CompiledQuery,
  type DeleteResult,
  type Expression,
  type InsertResult,
  type Kysely,
  sql,
  type UpdateResult,
} from 'kysely';
import type { Schema } from './schema.ts';

/** The type of a parameter, where a statement declares it. */
export const text: string = '';
export const number: number = 0;
export const textOrNull: string | null = null;
export const numberOrNull: number | null = null;

export type Value = string | number | null;

/**
 * One compiled statement, for one kind of database. Rows come as the driver gives them, and both drivers give the types that
 * `Schema` has: integers of every size and flags as numbers, JSON as text.
 */
export interface Statement<Params, Row> {
  readonly sql: string;
  /** The names of its parameters in the order in which the database takes them. One that stands twice is named twice. */
  readonly order: readonly (keyof Params & string)[];
  /** The type of its rows; not there at run time. */
  readonly row?: Row;
}

/** A parameter, as it stands in SQL. */
export type Param<Type extends Value> = Expression<Type>;
/** The parameters of a statement, as they stand in SQL. */
export type NamedParams<Declared extends Record<string, Value>> = {
  readonly [Name in keyof Declared]: Param<Declared[Name]>;
};

/** A statement that returns nothing has no rows. */
type RowOfQuery<Row> = Row extends InsertResult | UpdateResult | DeleteResult ? never : Row;

class NamedParam {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Makes statements for one kind of database. */
export const statementCompiler =
  (db: Kysely<Schema>) =>
  /** @param declared the types of the parameters, by their names, e.g. `{ userId: text, after: number }` */
  <Params extends Record<string, Value>, Row>(
    declared: Params,
    build: (params: NamedParams<Params>) => { compile(db: Kysely<Schema>): CompiledQuery<Row> },
  ): Statement<Params, RowOfQuery<Row>> => {
    const names = Object.keys(declared);
    const params = Object.fromEntries(names.map((name) => [name, sql`${new NamedParam(name)}`]));
    const { sql: query, parameters } = build(params as unknown as NamedParams<Params>).compile(db);
    const order = parameters.map((parameter) => {
      if (parameter instanceof NamedParam) return parameter.name;
      throw new Error(
        `a value stands in a statement where only parameters may: ${JSON.stringify(parameter)}: ${query}`,
      );
    });
    const unused = names.find((name) => !order.includes(name));
    if (unused !== undefined) throw new Error(`a statement declares ${unused} and does not use it: ${query}`);
    return { sql: query, order };
  };
