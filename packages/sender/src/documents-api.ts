import {
  type DocumentDeleted,
  type DocumentPage,
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  type DocumentVersionPage,
  type DocumentVersionRemoved,
  TidingsError,
} from '@tidings/protocol';
import type { SenderPort } from './port.ts';
import { nameOf, pageOf } from './rooms-api.ts';

/** Shared documents, by the names of their rooms, as `collaboration:notes-12`. */
export interface Documents {
  /**
   * Lists the documents that somebody has changed, in the order of their rooms' names: a page of `limit` (1 to 100, default 20). Its
   * `next_after` is the `after` of the next one.
   *
   * @throws TidingsError
   */
  list(page?: { after?: string; limit?: number }): Promise<DocumentPage>;
  /**
   * Makes a version of the document as it is now on all servers.
   *
   * @param name for people: 200 characters at most
   * @param options `idempotencyKey`: calls with the same key make one version. Default: a key of its own for each call
   * @throws TidingsError `payload_too_large` where the document has as many versions as it may have, or too large ones
   */
  saveVersion(room: string, name: string, options?: { idempotencyKey?: string }): Promise<DocumentVersion>;
  /**
   * Lists the versions, newest first: a page of `limit` (1 to 100, default 20). Its `next_before` is the `before` of the next one.
   *
   * @throws TidingsError
   */
  versions(room: string, page?: { before?: string; limit?: number }): Promise<DocumentVersionPage>;
  /** Reads a version, with its types as JSON in `content`. @throws TidingsError `not_found`; `payload_too_large` where that is too large: use `versionUpdate` */
  version(room: string, id: string): Promise<DocumentVersionContent>;
  /** The content of a version as one update, for `Y.applyUpdate` on an empty document. @throws TidingsError `not_found` */
  versionUpdate(room: string, id: string): Promise<Uint8Array>;
  /** Gives a version another name. @throws TidingsError `not_found` */
  renameVersion(room: string, id: string, name: string): Promise<DocumentVersion>;
  /** Deletes a version; nothing changes if there is none. @throws TidingsError */
  removeVersion(room: string, id: string): Promise<DocumentVersionRemoved>;
  /**
   * Changes the document so that its content is that of a version, for all editors. What it was before is saved as a version.
   *
   * @throws TidingsError `not_found`; `payload_too_large` where there is no room for that, or the change takes longer than 20 s to make
   */
  restoreVersion(room: string, id: string): Promise<DocumentRestored>;
  /** Deletes the document with its versions, and ends its editors, whose content does not come back. @throws TidingsError */
  delete(room: string): Promise<DocumentDeleted>;
}

/** The functions for shared documents: their versions, and their end. */
export function documentsApi(port: SenderPort): Documents {
  return {
    list: async ({ after, limit } = {}) => port.documents({ after, limit: pageOf(limit) }),
    saveVersion: async (room, name, { idempotencyKey } = {}) =>
      port.saveDocumentVersion(nameOf(room), {
        name,
        ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      }),
    versions: async (room, { before, limit } = {}) =>
      port.documentVersions(nameOf(room), { before, limit: pageOf(limit) }),
    version: async (room, id) => port.documentVersion(nameOf(room), id, 'json'),
    async versionUpdate(room, id) {
      const { update } = await port.documentVersion(nameOf(room), id, 'update');
      if (update !== undefined) return Uint8Array.from(atob(update), (byte) => byte.charCodeAt(0));
      throw new TidingsError('bad_response', 'the server answered without "update": it is older than this sender');
    },
    renameVersion: async (room, id, name) => port.renameDocumentVersion(nameOf(room), id, name),
    removeVersion: async (room, id) => port.removeDocumentVersion(nameOf(room), id),
    restoreVersion: async (room, id) => port.restoreDocumentVersion(nameOf(room), id),
    delete: async (room) => port.deleteDocument(nameOf(room)),
  };
}
