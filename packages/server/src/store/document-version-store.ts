import type {
  DocumentVersionRow,
  DocumentVersionStore,
  NewDocumentVersion,
} from '../domain/store/document-versions.ts';
import { decode, encode } from './document-store.ts';
import { type RowOf, type SqlDatabase, step } from './steps.ts';

/** An update of Yjs in which there is nothing. */
const emptyUpdate = Uint8Array.of(0, 0);

/** Versions of shared documents. Bytes are stored as base64, since rows pass through JSON on their way. */
export const documentVersionStore = (database: SqlDatabase): DocumentVersionStore => ({
  async addDocumentVersion(version, deletion) {
    const { added } = await database.write({
      added: step('addDocumentVersion', { ...paramsOf(version), deletion }),
    });
    return added.length > 0;
  },

  async restoreDocument({ document, seq, deletion }, { update, before, dropped }) {
    const at = await database.now();
    const { added } = await database.write({
      before: step('addDocumentVersionAt', { ...paramsOf(before), seq, deletion }),
      added: step('addRestoringUpdate', {
        ...{ document, seq: seq + 1, body: encode(update), bytes: update.length, at, version: before.id },
      }),
      dropped: dropped.map((id) => step('removeDocumentVersion', { document, id })),
    });
    return added.length > 0;
  },

  async deleteDocument({ document, seq, deletion }, vector) {
    const at = await database.now();
    const { deleted } = await database.write({
      deleted: step('setDocumentDeletion', { document, seq, deletion, vector: encode(vector), at }),
      added: step('addDeletingUpdate', { document, seq, body: encode(emptyUpdate), bytes: emptyUpdate.length, at }),
      updates: step('removeDeletedUpdates', { document }),
      versions: step('removeDeletedVersions', { document }),
    });
    return deleted.length > 0;
  },

  async documentVersions(document, { before, limit }) {
    const rows = await database.rows(
      before === null
        ? step('documentVersions', { document, limit })
        : step('documentVersionsBefore', { document, before, limit }),
    );
    return rows.map(versionOf);
  },

  async documentVersion(document, id) {
    const [row] = await database.rows(step('documentVersion', { document, id }));
    return row ? { ...versionOf(row), state: decode(row.body) } : null;
  },

  async documentVersionRow(document, id) {
    const [row] = await database.rows(step('documentVersionRow', { document, id }));
    return row ? versionOf(row) : null;
  },

  async documentVersionByKey(document, once) {
    const [row] = await database.rows(step('documentVersionByKey', { document, once }));
    return row ? versionOf(row) : null;
  },

  async documentVersionTotals(document) {
    const [row] = await database.rows(step('documentVersionTotals', { document }));
    return { count: Number(row?.count ?? 0), bytes: Number(row?.bytes ?? 0) };
  },

  async renameDocumentVersion(document, id, name) {
    const { renamed } = await database.write({ renamed: step('renameDocumentVersion', { document, id, name }) });
    return renamed.length > 0;
  },

  async removeDocumentVersion(document, id) {
    const { removed } = await database.write({ removed: step('removeDocumentVersion', { document, id }) });
    return removed.length > 0;
  },
});

const paramsOf = ({ id, document, kind, name, at, from, once, state }: NewDocumentVersion) => ({
  ...{ id, document, kind, name, at, once, userId: from?.user_id ?? null, username: from?.username ?? null },
  ...{ body: encode(state), bytes: state.length },
});

const versionOf = (row: RowOf<'documentVersions'>): DocumentVersionRow => ({
  ...{ id: row.id, kind: row.kind, name: row.name, at: row.at, bytes: row.bytes },
  from: row.user_id === null ? null : { user_id: row.user_id, username: row.username ?? '' },
});
