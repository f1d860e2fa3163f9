import { type Kysely, type RawBuilder, SqliteAdapter, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { number, type Param, statementCompiler, text } from './statement.ts';

/** Names in a list of JSON, as rows `n.value`. */
export const namesIn = (db: Kysely<Schema>, list: Param<string>): RawBuilder<unknown> =>
  db.getExecutor().adapter instanceof SqliteAdapter
    ? sql`json_each(${list}) n`
    : sql`json_array_elements_text((${list})::json) n (value)`;

/** The number of the newest update of a document. */
export const headOf = (document: Param<string>): RawBuilder<number> =>
  sql`coalesce((select max(u.seq) from document_updates u where u.document = ${document}), 0)`;
/** The number of the update by which a document was deleted last. */
export const deletionOf = (document: Param<string>): RawBuilder<number> =>
  sql`coalesce((select d.seq from document_deletions d where d.document = ${document}), 0)`;

/** Updates of shared documents. */
export function documentStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  return {
    /** The next number is taken by one transaction at a time: another that has chosen it too is refused by the key, and tries again. */
    addDocumentUpdate: statement(
      { document: text, body: text, bytes: number, at: number, deletion: number },
      (p) => sql<{ seq: number }>`
      insert into document_updates (document, seq, body, bytes, at)
      select ${p.document}, ${headOf(p.document)} + 1, ${p.body}, ${p.bytes}, ${p.at}
      where ${deletionOf(p.document)} = ${p.deletion} returning seq`,
    ),
    documentUpdates: statement({ document: text, after: number, limit: number }, (p) =>
      db
        .selectFrom('document_updates')
        .select(['document as id', 'seq', 'body', 'bytes'])
        .where('document', '=', p.document)
        .where('seq', '>', p.after)
        .orderBy('seq')
        .limit(p.limit),
    ),
    documentDeletion: statement({ document: text }, (p) =>
      db.selectFrom('document_deletions').select(['seq', 'vector']).where('document', '=', p.document),
    ),
    documentHeads: statement(
      { documents: text },
      (p) => sql<{ document: string; head: number | null }>`
      select n.value as document, (select max(u.seq) from document_updates u where u.document = n.value) as head
      from ${namesIn(db, p.documents)}`,
    ),
    /** Of a deleted one the newest update is that of its deletion. */
    documents: statement(
      { after: text, limit: number },
      (p) => sql<{ document: string; versions: number }>`
      select n.document, (select count(*) from document_versions v where v.document = n.document) as versions
      from (select u.document, max(u.seq) as head from document_updates u where u.document > ${p.after} group by u.document) n
      where n.head > coalesce((select d.seq from document_deletions d where d.document = n.document), 0)
      order by n.document limit ${p.limit}`,
    ),
    /** Changes the update of this number into a state that contains it and all before it. Where it was merged into a later one, changes nothing. */
    setDocumentState: statement({ document: text, seq: number, body: text, bytes: number }, (p) =>
      db
        .updateTable('document_updates')
        .set({ body: p.body, bytes: p.bytes })
        .where('document', '=', p.document)
        .where('seq', '=', p.seq),
    ),
    removeDocumentUpdates: statement({ document: text, seq: number }, (p) =>
      db.deleteFrom('document_updates').where('document', '=', p.document).where('seq', '<', p.seq),
    ),
  };
}
