/** A version of a shared document. */
export interface DocumentVersion {
  id: string;
  /** `before_restore` of one that the server made of what was there before a restore. */
  kind: 'named' | 'before_restore';
  name: string;
  /** When it was made, ISO 8601, UTC. */
  timestamp: string;
  /** The user who made it; null for a back end. */
  from: { user_id: string; username: string } | null;
  /** The size of the document as it was, with its history. */
  bytes: number;
}

/** Versions of a shared document, newest first. */
export interface DocumentVersionPage {
  items: DocumentVersion[];
  /** Give it as `before` for the next page; null: there is none. */
  next_before: string | null;
}

/** A version with what it holds, in one of two forms. */
export interface DocumentVersionContent extends DocumentVersion {
  /**
   * By the names of the types at its top, each as JSON: a text as `{text, delta}`, a map as an object, an array as an array, XML as the array of
   * its nodes. A type in which there is nothing is missing.
   */
  content?: Record<string, unknown>;
  /** The state as one update of Yjs (`Y.applyUpdate`), base64. */
  update?: string;
}

/** The outcome of a restore. */
export interface DocumentRestored {
  /** False if the document had that content. */
  changed: boolean;
  /** The version of what was before; null if nothing was changed. */
  saved: DocumentVersion | null;
}

/** A shared document that somebody has changed. */
export interface ListedDocument {
  /** The name of its room, as `collaboration:notes-12`. */
  room: string;
  /** The number of its versions. */
  versions: number;
}

/** Shared documents, in the order of their rooms' names. */
export interface DocumentPage {
  items: ListedDocument[];
  /** Give it as `after` for the next page; null: there is none. */
  next_after: string | null;
}

export interface DocumentDeleted {
  /** False if there was nothing to delete. */
  deleted: boolean;
}

export interface DocumentVersionRemoved {
  /** False if there was none. */
  removed: boolean;
}
