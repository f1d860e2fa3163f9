import type { DocumentVersion } from './wire/documents.ts';

/** The events that the server sends to the room of a shared document, by their names, to the shape of `data`. */
export interface DocumentEvents {
  document_version_saved: { version: DocumentVersion };
  document_version_renamed: { version: DocumentVersion };
  document_version_removed: { id: string };
  /** The document has the content of `version`. `saved` is the version of what was before, for which those in `removed` made room, by id. */
  document_restored: { version: DocumentVersion; saved: DocumentVersion; removed: string[] };
  /** The document was deleted, with its versions. */
  document_deleted: Record<string, never>;
}

const names: Record<keyof DocumentEvents, true> = {
  document_version_saved: true,
  document_version_renamed: true,
  document_version_removed: true,
  document_restored: true,
  document_deleted: true,
};

/** True for the name of an event that only the server sends to the room of a shared document. */
export const isDocumentEvent = (event: string): event is keyof DocumentEvents => Object.hasOwn(names, event);
