import type { DocumentStore } from '../domain/store/documents.ts';
import { pageOfOne, type SqlDatabase, step } from './steps.ts';

/** The most updates that are read at once. */
const pageSize = 500;

/** Updates of shared documents. Bytes are stored as base64, since rows pass through JSON on their way. */
export const documentStore = (database: SqlDatabase): DocumentStore => ({
  async addDocumentUpdates(updates) {
    const at = await database.now();
    // In one order, so that two nodes which store the same documents never wait for each other.
    const order = [...updates.keys()].sort((a, b) => (nameAt(updates, a) < nameAt(updates, b) ? -1 : 1));
    const steps = order.map((i) => {
      const { document, update, deletion } = updates[i] as (typeof updates)[number];
      return step('addDocumentUpdate', { document, body: encode(update), bytes: update.length, at, deletion });
    });
    const { added } = await database.write({ added: steps });
    const seqs: (number | null)[] = [];
    for (const [n, i] of order.entries()) seqs[i] = added[n]?.[0]?.seq ?? null;
    return seqs;
  },

  async documentUpdates(document, after) {
    const { found, deletions } = await database.read({
      found: pageOfOne(step('documentUpdates', { document, after, limit: pageSize }), pageSize),
      deletions: step('documentDeletion', { document }),
    });
    const [deletion] = deletions.map(({ seq, vector }) => ({ seq, vector: decode(vector) }));
    const updates = found.rows.map(({ seq, body }) => ({ seq, update: decode(body) }));
    return { updates, deletion: deletion ?? null, full: found.full };
  },

  async documentHeads(documents) {
    const rows = await database.rows(step('documentHeads', { documents: JSON.stringify(documents) }));
    return new Map(rows.flatMap(({ document, head }) => (head === null ? [] : [[document, head]])));
  },

  async documents(after, limit) {
    const rows = await database.rows(step('documents', { after, limit }));
    return rows.map(({ document, versions }) => ({ document, versions: Number(versions) }));
  },

  async mergeDocumentUpdates(document, upTo, state) {
    // In this order, so that two nodes which merge the same document wait for each other at its first row, and at no other.
    await database.write({
      removed: step('removeDocumentUpdates', { document, seq: upTo }),
      set: step('setDocumentState', { document, seq: upTo, body: encode(state), bytes: state.length }),
    });
  },
});

export const decode = (text: string): Uint8Array => Buffer.from(text, 'base64');

const nameAt = (updates: readonly { document: string }[], i: number): string => updates[i]?.document ?? '';

export const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
