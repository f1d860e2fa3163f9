import { type Kysely, type RawBuilder, sql } from 'kysely';
import { deletionOf, headOf } from './document-statements.ts';
import type { Schema } from './schema.ts';
import { type NamedParams, number, statementCompiler, text, textOrNull } from './statement.ts';

const columns = ['id', 'kind', 'name', 'at', 'user_id', 'username', 'bytes'] as const;

const versionParams = {
  ...{ id: text, document: text, deletion: number, kind: text, name: text, at: number },
  ...{ userId: textOrNull, username: textOrNull, once: textOrNull, body: text, bytes: number },
};

/** The beginning of a statement that stores a version, unless the document was deleted since. More conditions may follow. */
const insertVersion = (p: NamedParams<typeof versionParams>): RawBuilder<unknown> => sql`
  insert into document_versions (id, document, deletion, kind, name, at, user_id, username, once, body, bytes)
  select ${p.id}, ${p.document}, ${p.deletion}, ${p.kind}, ${p.name}, ${p.at}, ${p.userId}, ${p.username}, ${p.once},
    ${p.body}, ${p.bytes}
  where ${deletionOf(p.document)} = ${p.deletion}`;

/** Versions of shared documents, and the deletion of a document. */
export function documentVersionStatements(db: Kysely<Schema>) {
  const statement = statementCompiler(db);
  /** The versions that were made since the document was deleted last. */
  const ofDocument = (document: Parameters<typeof deletionOf>[0]) =>
    db
      .selectFrom('document_versions')
      .where('document', '=', document)
      .where(sql<boolean>`deletion = ${deletionOf(document)}`);
  return {
    addDocumentVersion: statement(
      versionParams,
      (p) => sql<{ id: string }>`
      ${insertVersion(p)}
        and not exists (select 1 from document_versions v where v.document = ${p.document} and v.once = ${p.once})
      returning id`,
    ),
    /** The same, if nothing was stored of the document since. */
    addDocumentVersionAt: statement(
      { ...versionParams, seq: number },
      (p) => sql<{ id: string }>`
      ${insertVersion(p)} and ${headOf(p.document)} = ${p.seq}
      returning id`,
    ),
    /** Stores an update if a version was stored in the same transaction. Where another node has taken its number, the key refuses it. */
    addRestoringUpdate: statement(
      { document: text, seq: number, body: text, bytes: number, at: number, version: text },
      (p) => sql<{ seq: number }>`
      insert into document_updates (document, seq, body, bytes, at)
      select ${p.document}, ${p.seq}, ${p.body}, ${p.bytes}, ${p.at}
      where exists (select 1 from document_versions v where v.id = ${p.version}) returning seq`,
    ),
    setDocumentDeletion: statement(
      { document: text, seq: number, deletion: number, vector: text, at: number },
      (p) => sql<{ seq: number }>`
      insert into document_deletions (document, seq, vector, at)
      select ${p.document}, ${p.seq} + 1, ${p.vector}, ${p.at}
      where ${headOf(p.document)} = ${p.seq} and ${deletionOf(p.document)} = ${p.deletion}
      on conflict (document) do update set seq = excluded.seq, vector = excluded.vector, at = excluded.at
      returning seq`,
    ),
    /** The update that stands for a deletion. Where another node has taken its number, the key refuses it. */
    addDeletingUpdate: statement(
      { document: text, seq: number, body: text, bytes: number, at: number },
      (p) => sql<{ seq: number }>`
      insert into document_updates (document, seq, body, bytes, at)
      select ${p.document}, ${p.seq} + 1, ${p.body}, ${p.bytes}, ${p.at}
      where ${headOf(p.document)} = ${p.seq} and ${deletionOf(p.document)} = ${p.seq} + 1 returning seq`,
    ),
    removeDeletedUpdates: statement({ document: text }, (p) =>
      db
        .deleteFrom('document_updates')
        .where('document', '=', p.document)
        .where(sql<boolean>`seq < ${deletionOf(p.document)}`),
    ),
    removeDeletedVersions: statement({ document: text }, (p) =>
      db
        .deleteFrom('document_versions')
        .where('document', '=', p.document)
        .where(sql<boolean>`deletion < ${deletionOf(p.document)}`),
    ),
    documentVersions: statement({ document: text, limit: number }, (p) =>
      ofDocument(p.document).select(columns).orderBy('id', 'desc').limit(p.limit),
    ),
    documentVersionsBefore: statement({ document: text, before: text, limit: number }, (p) =>
      ofDocument(p.document).select(columns).where('id', '<', p.before).orderBy('id', 'desc').limit(p.limit),
    ),
    documentVersion: statement({ document: text, id: text }, (p) =>
      ofDocument(p.document)
        .select([...columns, 'body'])
        .where('id', '=', p.id),
    ),
    documentVersionRow: statement({ document: text, id: text }, (p) =>
      ofDocument(p.document).select(columns).where('id', '=', p.id),
    ),
    documentVersionByKey: statement({ document: text, once: text }, (p) =>
      ofDocument(p.document).select(columns).where('once', '=', p.once),
    ),
    documentVersionTotals: statement({ document: text }, (p) =>
      ofDocument(p.document).select([
        sql<number>`count(*)`.as('count'),
        sql<number>`coalesce(sum(bytes), 0)`.as('bytes'),
      ]),
    ),
    renameDocumentVersion: statement(
      { document: text, id: text, name: text },
      (p) => sql<{ id: string }>`
      update document_versions set name = ${p.name}, kind = 'named'
      where id = ${p.id} and document = ${p.document} and deletion = ${deletionOf(p.document)} returning id`,
    ),
    removeDocumentVersion: statement(
      { document: text, id: text },
      (p) => sql<{ id: string }>`
      delete from document_versions
      where id = ${p.id} and document = ${p.document} and deletion = ${deletionOf(p.document)} returning id`,
    ),
  };
}
