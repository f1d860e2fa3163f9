import { type PageOrder, type PageRows, type SizedRow, takePage } from './page-rows.ts';
import type { Statement, Value } from './statement.ts';
import type { Statements } from './statements.ts';

export type StatementName = keyof Statements;
type ParamsOf<Name extends StatementName> = Statements[Name] extends Statement<infer Params, unknown> ? Params : never;
export type RowOf<Name extends StatementName> = NonNullable<Statements[Name]['row']>;
/** A row of some statement: which one, the step says that asked for it. */
export type AnyRow = RowOf<StatementName>;

/** One statement with its parameters, as it is sent to the database's thread or connection. */
export interface Step<Name extends StatementName = StatementName> {
  name: Name;
  params: ParamsOf<Name>;
}

export const step = <Name extends StatementName>(
  name: Name,
  ...[params]: object extends ParamsOf<Name> ? [] : [ParamsOf<Name>]
): Step<Name> => ({ name, params: params ?? ({} as ParamsOf<Name>) });

/** Statements whose rows make one page together. */
export interface PageStep<Name extends StatementName = StatementName> {
  page: readonly Step<Name>[];
  limit: number;
  /** The order of their rows; null for that of the one statement. */
  order: PageOrder | null;
}

/** Statements whose rows can be on a page. */
type PagedName = { [Name in StatementName]: RowOf<Name> extends SizedRow ? Name : never }[StatementName];

/** A page of the rows of one statement, in its order. */
export const pageOfOne = <Name extends PagedName>(one: Step<Name>, limit: number): PageStep<Name> => ({
  page: [one],
  limit,
  order: null,
});

/** A page of the rows of several statements, each of which gives them in the order of a column. */
export const pageOfAll = <Name extends PagedName>(
  page: readonly Step<Name>[],
  limit: number,
  by: keyof RowOf<Name> & string,
  direction: PageOrder['direction'],
): PageStep<Name> => ({ page, limit, order: { by, direction } });

/** A step of a read. */
export type ReadStep = Step | PageStep;
export const isPage = (step: ReadStep): step is PageStep => 'page' in step;

/** The values of a statement's parameters in the order in which the database takes them. */
export const valuesOf = ({ order }: { order: readonly string[] }, params: object): Value[] =>
  order.map((name) => (params as Record<string, Value>)[name] as Value);

/** The steps of one snapshot or one transaction, under the names by which their rows are found. */
export type Steps = { readonly [part: string]: Part };
/** The steps of a transaction. */
type WriteSteps = { readonly [part: string]: Step | readonly Step[] };
type Part = ReadStep | readonly Part[] | Steps;

/** The rows that steps bring, under the same names. */
export type Found<Steps> =
  Steps extends PageStep<infer Name>
    ? PageRows<RowOf<Name>>
    : Steps extends Step<infer Name>
      ? RowOf<Name>[]
      : Steps extends readonly (infer Each)[]
        ? Found<Each>[]
        : { [Part in keyof Steps]: Found<Steps[Part]> };

/** Runs statements; `SqlEngine` says how. */
interface StatementRunner {
  read(steps: readonly ReadStep[]): Promise<AnyRow[][]>;
  list(steps: readonly ReadStep[]): Promise<AnyRow[][]>;
  write(steps: readonly Step[]): Promise<AnyRow[][]>;
  now(): Promise<number>;
}

/** A database that runs statements, with the rows of each as they are typed. */
export class SqlDatabase {
  readonly #engine: StatementRunner;

  constructor(engine: StatementRunner) {
    this.#engine = engine;
  }

  /** Reads in one snapshot. */
  read<S extends Steps>(steps: S): Promise<Found<S>> {
    return gather(steps, (all) => this.#engine.read(all));
  }

  /** The same for what may look at many rows for few. */
  list<S extends Steps>(steps: S): Promise<Found<S>> {
    return gather(steps, (all) => this.#engine.list(all));
  }

  /** A page of the rows of one statement. */
  async page<Name extends PagedName>(one: Step<Name>, limit: number): Promise<PageRows<RowOf<Name>>> {
    return (await this.read({ found: pageOfOne(one, limit) })).found as PageRows<RowOf<Name>>;
  }

  /** The rows of one statement. */
  async rows<Name extends StatementName>(one: Step<Name>): Promise<RowOf<Name>[]> {
    return (await this.#engine.read([one]))[0] as RowOf<Name>[];
  }

  /** Writes what gives out no rev, in one fsynced transaction. */
  write<S extends WriteSteps>(steps: S): Promise<Found<S>> {
    return gather(steps, (all) => this.#engine.write(all as readonly Step[]));
  }

  /** The database's clock, epoch milliseconds. */
  now(): Promise<number> {
    return this.#engine.now();
  }
}

/** Runs all steps in one call, and gives the rows of each back its name. */
async function gather<S extends Steps>(
  steps: S,
  runAll: (steps: readonly ReadStep[]) => Promise<AnyRow[][]>,
): Promise<Found<S>> {
  const rows = await runAll(stepsIn(steps));
  let next = 0;
  const found = (part: Part): unknown => {
    if (isStep(part)) return isPage(part) ? takePage(rows[next++] as SizedRow[], part.limit) : rows[next++];
    if (isList(part)) return part.map(found);
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, found(inner)]));
  };
  return found(steps) as Found<S>;
}

/** Named steps in the order in which they are run. */
const stepsIn = (part: Part): ReadStep[] => (isStep(part) ? [part] : Object.values(part).flatMap(stepsIn));

const isList = (part: Part): part is readonly Part[] => Array.isArray(part);
const isStep = (part: Part): part is ReadStep =>
  ('name' in part && typeof part.name === 'string') || ('page' in part && 'limit' in part);
