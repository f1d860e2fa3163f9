import { type ColumnType, type EffectKind, type Effects, effectKinds } from '../../plan/effects.ts';
import { type Expectations, expectationKinds } from './expectations.ts';

/** The arrays that a plan is applied from, one for each column, in the order in which the procedure takes them. */
export interface ArrayParam {
  name: string;
  type: 'text' | 'bigint' | 'smallint';
  column: ColumnType;
  /** The list of the plan that it is a column of. */
  of: { effect: keyof Effects } | { expectation: keyof Expectations };
  key: string;
}

const sqlTypes = {
  text: 'text',
  json: 'text',
  topics: 'text',
  bigint: 'bigint',
  smallint: 'smallint',
  rev: 'bigint',
} as const;

export const effectNames = Object.keys(effectKinds) as (keyof Effects)[];
const expectationNames = Object.keys(expectationKinds) as (keyof Expectations)[];

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const effectParam = (kind: keyof Effects, column: string): string => `a_${snake(kind)}_${column}`;
const expectationParam = (kind: keyof Expectations, column: string): string => `e_${snake(kind)}_${column}`;

export const arrayParams: readonly ArrayParam[] = [
  ...effectNames.flatMap((effect) =>
    Object.entries(effectKinds[effect].columns).map(
      ([key, column]): ArrayParam => ({
        ...{ name: effectParam(effect, key), type: sqlTypes[column], column, of: { effect }, key },
      }),
    ),
  ),
  ...expectationNames.flatMap((expectation) =>
    Object.entries(expectationKinds[expectation].columns).map(
      ([key, column]): ArrayParam => ({
        ...{ name: expectationParam(expectation, key), type: sqlTypes[column], column, of: { expectation }, key },
      }),
    ),
  ),
];

/** One effect, applied from its arrays. Revs that are relative to the head of the plan are moved by `shift`. */
export function effectStatement(kind: keyof Effects): string {
  const effect = effectKinds[kind];
  const columns = Object.entries(effect.columns);
  const names = columns.map(([name]) => name);
  const params = names.map((name) => effectParam(kind, name));
  const values = columns.map(([name, type]) =>
    type === 'rev' ? `u.${name} + case when u.${name} > seen then shift else 0 end as ${name}` : `u.${name}`,
  );
  const rows = `(select ${values.join(', ')} from unnest(${params.join(', ')}) u (${names.join(', ')})) x`;
  return `if cardinality(${params[0]}) > 0 then ${statementOf(effect, rows)}; end if;`;
}

function statementOf({ table, write }: EffectKind, rows: string): string {
  const same = (key: readonly string[]) => key.map((name) => `t.${name} = x.${name}`).join(' and ');
  if ('delete' in write) return `delete from ${table} t using ${rows} where ${same(write.delete)}`;
  if ('update' in write) return `update ${table} t set ${write.update} from ${rows} where ${same(write.key)}`;
  const [into, values] = [Object.keys(write.insert), Object.values(write.insert)];
  const condition = write.where === undefined ? '' : `where ${write.where}`;
  const onConflict = write.onConflict === undefined ? '' : `on conflict ${write.onConflict}`;
  return `insert into ${table} (${into.join(', ')}) select ${values.join(', ')} from ${rows} ${condition} ${onConflict}`;
}

/** Sets `failed` if any row is another than the plan was made from. */
export const checkExpectations: string = expectationNames
  .map((kind) => {
    const { columns, broken } = expectationKinds[kind];
    const names = Object.keys(columns);
    return checkStatement(
      names.map((name) => expectationParam(kind, name)),
      names,
      broken,
    );
  })
  .concat(checkStatement([effectParam('keys', 'key')], ['key'], 'join idempotency i on i.key = e.key'))
  .join('\n  ');

/** Asks for each kind by itself, and only where there are rows of it: most plans expect nothing. */
function checkStatement(params: readonly string[], columns: readonly string[], broken: string): string {
  const rows = `unnest(${params.join(', ')}) e (${columns.join(', ')})`;
  return `if not failed and cardinality(${params[0]}) > 0 then failed := exists (select from ${rows} ${broken}); end if;`;
}
