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

/** The values of a statement's parameters in the order in which the database takes them. */
export const valuesOf = ({ order }: { order: readonly string[] }, params: object): Value[] =>
  order.map((name) => (params as Record<string, Value>)[name] as Value);

/** The steps of one snapshot or one transaction, under the names by which their rows are found. */
export type Steps = { readonly [part: string]: Part };
type Part = Step | readonly Part[] | Steps;

/** The rows that steps bring, under the same names. */
export type Found<Steps> =
  Steps extends Step<infer Name>
    ? RowOf<Name>[]
    : Steps extends readonly (infer Each)[]
      ? Found<Each>[]
      : { [Part in keyof Steps]: Found<Steps[Part]> };

/** Runs statements; `SqlEngine` says how. */
interface StatementRunner {
  read(steps: readonly Step[]): Promise<AnyRow[][]>;
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

  /** The rows of one statement. */
  async rows<Name extends StatementName>(one: Step<Name>): Promise<RowOf<Name>[]> {
    return (await this.#engine.read([one]))[0] as RowOf<Name>[];
  }

  /** Writes what gives out no rev, in one fsynced transaction. */
  write<S extends Steps>(steps: S): Promise<Found<S>> {
    return gather(steps, (all) => this.#engine.write(all));
  }

  /** The database's clock, epoch milliseconds. */
  now(): Promise<number> {
    return this.#engine.now();
  }
}

/** Runs all steps in one call, and gives the rows of each back its name. */
async function gather<S extends Steps>(
  steps: S,
  runAll: (steps: readonly Step[]) => Promise<AnyRow[][]>,
): Promise<Found<S>> {
  const rows = await runAll(stepsIn(steps));
  let next = 0;
  const found = (part: Part): unknown => {
    if (isStep(part)) return rows[next++];
    if (isList(part)) return part.map(found);
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, found(inner)]));
  };
  return found(steps) as Found<S>;
}

/** Named steps in the order in which they are run. */
const stepsIn = (part: Part): Step[] => (isStep(part) ? [part] : Object.values(part).flatMap(stepsIn));

const isList = (part: Part): part is readonly Part[] => Array.isArray(part);
const isStep = (part: Part): part is Step => 'name' in part && typeof part.name === 'string';
