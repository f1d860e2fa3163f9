import Database from 'better-sqlite3';
import type { Taxpayer } from './taxpayer.ts';

/** Lines of the file, by what became of them. */
export interface Counts {
  created: number;
  updated: number;
  errors: number;
}

/** An import of one file: a run that was stopped is continued by the next one of the same file. */
export interface Import extends Counts {
  id: number;
  /** The lines of the file that are stored. */
  line: number;
}

/** A line of the file that has text, and what it says, or what is wrong with it. */
export interface ReadLine {
  number: number;
  text: string;
  taxpayer: Taxpayer | string;
}

const tables = `
create table if not exists taxpayers (
  tax_id text primary key, name text not null, status text not null, region text not null,
  registered_on text not null, import_id integer not null, line integer not null
) without rowid;
create table if not exists imports (
  id integer primary key, digest text not null, line integer not null, created integer not null,
  updated integer not null, errors integer not null, is_complete integer not null
);
create index if not exists open_imports on imports (digest) where is_complete = 0;
create table if not exists import_errors (
  import_id integer not null, line integer not null, reason text not null, text text not null,
  primary key (import_id, line)
) without rowid;`;

const upsert = `
insert into taxpayers (tax_id, name, status, region, registered_on, import_id, line)
values (@taxId, @name, @status, @region, @registeredOn, @importId, @line)
on conflict (tax_id) do update set name = excluded.name, status = excluded.status, region = excluded.region,
  registered_on = excluded.registered_on, import_id = excluded.import_id, line = excluded.line`;

/** The registry in SQLite. Each batch is one transaction with the place in the file, so that it is stored once or not at all. */
export class Registry {
  readonly #database: Database.Database;
  readonly #find: Database.Statement<[string], { import_id: number; line: number }>;
  readonly #upsert: Database.Statement;
  readonly #fault: Database.Statement;
  readonly #keep: Database.Statement;

  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.pragma('journal_mode = wal');
    this.#database.exec(tables);
    this.#find = this.#database.prepare('select import_id, line from taxpayers where tax_id = ?');
    this.#upsert = this.#database.prepare(upsert);
    this.#fault = this.#database.prepare('insert into import_errors values (@importId, @line, @reason, @text)');
    this.#keep = this.#database.prepare(
      'update imports set line = @line, created = @created, updated = @updated, errors = @errors where id = @id',
    );
  }

  /** The import of a file that was not completed, or a new one. */
  begin(digest: string): Import {
    const open = this.#database
      .prepare<[string], Import>(
        'select id, line, created, updated, errors from imports where digest = ? and is_complete = 0',
      )
      .get(digest);
    if (open) return open;
    const { lastInsertRowid } = this.#database
      .prepare('insert into imports values (null, ?, 0, 0, 0, 0, 0)')
      .run(digest);
    return { id: Number(lastInsertRowid), line: 0, created: 0, updated: 0, errors: 0 };
  }

  /** Stores the lines up to a place in the file. @returns the import as it is then */
  store(before: Import, lines: readonly ReadLine[], upTo: number): Import {
    const after = { ...before, line: upTo };
    this.#database.transaction(() => {
      for (const line of lines) after[this.#storeLine(before.id, line)]++;
      this.#keep.run(after);
    })();
    return after;
  }

  complete({ id }: Import): void {
    this.#database.prepare('update imports set is_complete = 1 where id = ?').run(id);
  }

  close(): void {
    this.#database.close();
  }

  #storeLine(importId: number, { number: line, text, taxpayer }: ReadLine): keyof Counts {
    const known = typeof taxpayer === 'string' ? undefined : this.#find.get(taxpayer.taxId);
    const fault =
      typeof taxpayer === 'string'
        ? taxpayer
        : known?.import_id === importId && `the tax id stands in line ${known.line} already`;
    if (typeof taxpayer === 'string' || fault) {
      this.#fault.run({ importId, line, reason: fault, text: text.slice(0, 1_000) });
      return 'errors';
    }
    this.#upsert.run({ ...taxpayer, importId, line });
    return known ? 'updated' : 'created';
  }
}
