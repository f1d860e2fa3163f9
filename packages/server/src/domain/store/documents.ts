/** An update of a shared document, as it is stored. */
interface StoredUpdate {
  /** Its number within the document: they are counted from 1, in commit order, and without gaps but where some were merged into a later one. */
  seq: number;
  /** In the first of Yjs's two encodings. */
  update: Uint8Array;
}

/** The last deletion of a document. What was stored before it is gone. */
export interface DocumentDeletion {
  /** The number of the update that stands for it, which is empty. */
  seq: number;
  /** The state vector of all that was ever deleted of the document. */
  vector: Uint8Array;
}

interface NewUpdate {
  document: string;
  update: Uint8Array;
  deletion: number;
}

/** A page of the updates of a document, in order. */
interface UpdatePage {
  updates: StoredUpdate[];
  /** null if the document was never deleted. */
  deletion: DocumentDeletion | null;
  /** There may be more. */
  full: boolean;
}

/** Updates of shared documents, by the names of their rooms. They take no rev: a document is read by its own numbers. */
export interface DocumentStore {
  /**
   * Stores one update of each of several documents, in one fsynced transaction.
   *
   * @param updates each with `deletion`, the number of the last deletion of its document that its author knows; 0: none
   * @returns their numbers, in the order given; null where the document was deleted since, and nothing is stored
   */
  addDocumentUpdates(updates: readonly NewUpdate[]): Promise<(number | null)[]>;
  /** The updates of a document past a number: a page, one at least if there are any. */
  documentUpdates(document: string, after: number): Promise<UpdatePage>;
  /** The number of the newest update of each of these documents that has one. */
  documentHeads(documents: readonly string[]): Promise<Map<string, number>>;
  /** Documents that were changed since they were deleted last, in the order of their names, each with the number of its versions. @param after a name; '': from the first */
  documents(after: string, limit: number): Promise<{ document: string; versions: number }[]>;
  /** Puts a state in the place of all updates of a document up to a number, which it contains. Where they were merged already, does nothing. */
  mergeDocumentUpdates(document: string, upTo: number, state: Uint8Array): Promise<void>;
}
