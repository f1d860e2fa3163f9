/** A version of a shared document, without its content. */
export interface DocumentVersionRow {
  id: string;
  kind: 'named' | 'before_restore';
  name: string;
  /** When it was made, epoch milliseconds. */
  at: number;
  /** null for a back end. */
  from: { user_id: string; username: string } | null;
  /** The size of its state. */
  bytes: number;
}

/** A version to be stored. */
export interface NewDocumentVersion extends Omit<DocumentVersionRow, 'bytes'> {
  document: string;
  /** An idempotency key with its scope; null for none. */
  once: string | null;
  /** The document as it is, as one update in the first of Yjs's two encodings. */
  state: Uint8Array;
}

/** The place in the history of a document that whoever changes it knows: its newest update, and its last deletion. 0: none. */
interface DocumentPlace {
  document: string;
  seq: number;
  deletion: number;
}

/**
 * Versions of shared documents, by the names of their rooms. They go with their document: one that was made before the last deletion is not there.
 */
export interface DocumentVersionStore {
  /** Stores a version. @returns false if the document was deleted since, or there is one with the same idempotency key; nothing is stored then */
  addDocumentVersion(version: NewDocumentVersion, deletion: number): Promise<boolean>;
  /**
   * Stores the update that brings a document back to an earlier version, with a version of it as it was before, in one fsynced transaction.
   *
   * @param dropped versions that make room for the new one
   * @returns false if the document has changed since; nothing is stored then
   */
  restoreDocument(place: DocumentPlace, change: RestoringChange): Promise<boolean>;
  /**
   * Deletes a document with its versions. An empty update stands for that.
   *
   * @param vector the state vector of all that was ever deleted of it, by now
   * @returns false if the document has changed since; nothing is deleted then
   */
  deleteDocument(place: DocumentPlace, vector: Uint8Array): Promise<boolean>;
  /** The versions of a document whose ids are before one, newest first. @param before null: the newest */
  documentVersions(document: string, page: { before: string | null; limit: number }): Promise<DocumentVersionRow[]>;
  /** A version with its content; null if there is none. */
  documentVersion(document: string, id: string): Promise<(DocumentVersionRow & { state: Uint8Array }) | null>;
  /** A version without its content; null if there is none. */
  documentVersionRow(document: string, id: string): Promise<DocumentVersionRow | null>;
  documentVersionByKey(document: string, once: string): Promise<DocumentVersionRow | null>;
  /** The number of the versions of a document, and the bytes that they have. */
  documentVersionTotals(document: string): Promise<{ count: number; bytes: number }>;
  /** Gives a version a name; from then on it is a named one. @returns false if there is none */
  renameDocumentVersion(document: string, id: string, name: string): Promise<boolean>;
  /** @returns false if there is none */
  removeDocumentVersion(document: string, id: string): Promise<boolean>;
}

interface RestoringChange {
  update: Uint8Array;
  before: NewDocumentVersion;
  dropped: readonly string[];
}
