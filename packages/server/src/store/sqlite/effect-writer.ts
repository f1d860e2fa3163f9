import type Database from 'better-sqlite3';
import { type EffectKind, type Effects, effectKinds } from '../plan/effects.ts';

type Value = string | number | null;

/** Writes the effects of plans, a row at a time. */
export class EffectWriter {
  readonly #writes: readonly { kind: keyof Effects; run: (row: object) => void }[];

  constructor(database: Database.Database) {
    const kinds = (Object.keys(effectKinds) as (keyof Effects)[]).filter((kind) => kind !== 'outbox');
    this.#writes = kinds.map((kind) => {
      const statement = database.prepare<Value[]>(statementOf(effectKinds[kind]));
      const columns = Object.keys(effectKinds[kind].columns);
      const run = (row: object) => {
        statement.run(...columns.map((column) => (row as Record<string, Value>)[column] as Value));
      };
      return { kind, run };
    });
  }

  write(effects: Partial<Effects>): void {
    for (const { kind, run } of this.#writes) for (const row of effects[kind] ?? []) run(row);
  }
}

function statementOf({ table, columns, write }: EffectKind): string {
  const names = Object.keys(columns);
  const where = (key: readonly string[]) => key.map((name) => `${name} = ?`).join(' and ');
  if ('delete' in write) return `delete from ${table} where ${where(write.delete)}`;
  if ('update' in write) return `update ${table} set ${write.update} where ${where(write.key)}`;
  const into = `insert into ${table} (${Object.keys(write.insert).join()})`;
  const onConflict = write.onConflict === undefined ? '' : `on conflict ${write.onConflict}`;
  if (write.where === undefined) return `${into} values (${names.map(() => '?').join()}) ${onConflict}`;
  const row = names.map((name) => `? as ${name}`).join();
  return `${into} select ${Object.values(write.insert).join()} from (select ${row}) x where ${write.where} ${onConflict}`;
}
