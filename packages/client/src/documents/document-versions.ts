import {
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  TidingsError,
} from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { HttpCalls } from './http-calls.ts';
import { type DocumentVersionsSnapshot, pathOf, VersionList } from './version-list.ts';

/**
 * The versions of a shared document, live until `close()`. Each call throws a TidingsError: `not_found` for who may not read the document, and
 * for a version that there is none of; `forbidden` for who may not change it; `too_many` for who has asked for too much work; `unreachable`,
 * `timeout` or `bad_response` where no answer of the server came.
 */
export interface DocumentVersions {
  /** The name of the document's room, as `collaboration:notes-12`. */
  readonly room: string;
  getSnapshot(): DocumentVersionsSnapshot;
  /** Calls the listener after changes: at once, then at most once in 16 ms. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Loads 50 older ones, and resolves once they are there, or the list has `failed`. Called again while that is under way it returns that one's promise. */
  loadMore(): Promise<void>;
  /**
   * Makes a version of the document as it is on the server.
   *
   * @param name for people: 200 characters at most
   * @param options `idempotencyKey`: calls with the same key make one version. Default: a key of its own for each call
   * @throws TidingsError `payload_too_large` where the document has as many versions as it may have
   */
  save(name: string, options?: { idempotencyKey?: string }): Promise<DocumentVersion>;
  /** Gives a version another name, which keeps it: one that the server has made is dropped when there are too many. @throws TidingsError */
  rename(id: string, name: string): Promise<DocumentVersion>;
  /** Deletes a version. @returns whether there was one @throws TidingsError */
  remove(id: string): Promise<{ removed: boolean }>;
  /** Changes the document so that its content is that of a version, for all editors. @returns the version of what was before, if it changed @throws TidingsError */
  restore(id: string): Promise<DocumentRestored>;
  /** The content of a version, by the names of its types, as JSON. @throws TidingsError `payload_too_large` where that is too large: use `update` */
  content(id: string): Promise<Record<string, unknown>>;
  /** The content of a version as one update, for `Y.applyUpdate` on a new `Y.Doc`. @throws TidingsError */
  update(id: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends it: this object changes no more. Calls may still be made. */
  close(): void;
}

const callsOf = new WeakMap<TidingsClient, HttpCalls>();

/**
 * Lists the versions of a shared document by the name of its room, as `collaboration:notes-12`, and makes, restores and deletes them, with the
 * client's address, token and `fetch`. What others do with them shows as it happens: the client follows the room for that, unseen, so the user needs
 * a right in it beyond a token that only the editor's provider has. May be called before connecting.
 *
 * @throws TidingsError `bad_request` for what is no name of a room
 */
export function documentVersions(client: TidingsClient, room: string): DocumentVersions {
  const calls = callsOf.get(client) ?? new HttpCalls(client.parts.settings);
  callsOf.set(client, calls);
  const list = new VersionList(client, room, (call) => calls.call(call));
  const path = (id: string, more = ''): string => `${pathOf(room)}/${encodeURIComponent(id)}${more}`;
  const offs = new Set<() => void>();
  /** The last snapshot, once it is closed. */
  let last: DocumentVersionsSnapshot | null = null;
  /** Shows the result of a call without waiting for its event. */
  const shown = <R>(result: R): R => {
    void list.refresh();
    return result;
  };
  return {
    room,
    getSnapshot: () => last ?? list.getSnapshot(),
    onChange(listener) {
      if (last) return () => {};
      const off = list.onChange(listener);
      offs.add(off);
      return off;
    },
    loadMore: () => (last ? Promise.resolve() : list.loadMore()),
    async save(name, { idempotencyKey = `${client.now()}-${client.parts.random()}` } = {}) {
      const body = { name, idempotency_key: idempotencyKey };
      return shown(await calls.call<DocumentVersion>({ method: 'POST', path: pathOf(room), body }));
    },
    rename: async (id, name) => shown(await calls.call({ method: 'PATCH', path: path(id), body: { name } })),
    remove: async (id) => shown(await calls.call({ method: 'DELETE', path: path(id) })),
    restore: async (id) => shown(await calls.call({ method: 'POST', path: path(id, '/restore') })),
    async content(id) {
      const { content } = await calls.call<DocumentVersionContent>({ method: 'GET', path: path(id) });
      return content ?? {};
    },
    async update(id) {
      const query = { as: 'update' };
      const { update } = await calls.call<DocumentVersionContent>({ method: 'GET', path: path(id), query });
      if (update !== undefined) return Uint8Array.from(atob(update), (byte) => byte.charCodeAt(0));
      throw new TidingsError('bad_response', 'the server answered without "update": it is older than this client');
    },
    close() {
      if (last) return;
      last = list.getSnapshot();
      for (const off of offs) off();
      list.close();
    },
  };
}
