import { type DocumentVersion, type DocumentVersionPage, isDocumentEvent, type TidingsError } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { type Room, room } from '../room.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import type { HttpCall } from './http-calls.ts';

/** A new object whenever something changed; the same one until then. */
export interface DocumentVersionsSnapshot {
  /** Newest first. */
  items: readonly DocumentVersion[];
  /**
   * `waiting` for the first answer; `loading` while `loadMore()` is under way; `failed` if the list could not be read, as `reason` says: it is
   * read again after a while, with the next connection, or when something is done with a version; `refused` where this user may not read the document.
   */
  status: 'waiting' | 'ready' | 'loading' | 'failed' | 'refused';
  /** Why it failed or is refused. */
  reason: { code: string; message: string } | null;
  /** True if `loadMore()` may bring older versions. */
  hasMore: boolean;
}

/** The number of versions that are read at first, and by each `loadMore()`; the most in one call. */
const [step, mostOfCall] = [50, 100];
/** The longest time until a change of somebody else's is looked up, in milliseconds: not all who show a list ask at once. */
const spreadMs = 500;
/** The shortest time until a list that could not be read is asked for again, in milliseconds; the longest is twice that. */
const retryMs = 2_000;

/** The versions of a document, as far as they were asked for. Events of its room say when they are read again. */
export class VersionList extends SnapshotStore<DocumentVersionsSnapshot> {
  readonly #client: Pick<TidingsClient, 'parts' | 'onState'>;
  readonly #read: (query: Record<string, string>) => Promise<DocumentVersionPage>;
  readonly #room: Room;
  readonly #offs: (() => void)[];
  #items: readonly DocumentVersion[] = [];
  #hasMore = false;
  #wanted = step;
  #status: 'waiting' | 'ready' | 'failed' | 'refused' = 'waiting';
  #reason: DocumentVersionsSnapshot['reason'] = null;
  #loading: Promise<void> | null = null;
  /** Settles once it has been read: one more time, if it is `stale` by then. Null while it is not being read. */
  #reading: Promise<void> | null = null;
  #isStale = false;
  #isFollowed = false;
  /** The id of the newest event of the room that is about the document. */
  #newest: string | undefined;
  #cancelLater: (() => void) | null = null;
  #isClosed = false;

  constructor(client: TidingsClient, name: string, call: <R>(call: HttpCall) => Promise<R>) {
    super(client.parts, () => ({
      ...{ items: this.#items, status: this.#loading ? 'loading' : this.#status, reason: this.#reason },
      hasMore: this.#hasMore,
    }));
    this.#client = client;
    this.#read = (query) => call({ method: 'GET', path: pathOf(name), query });
    // To look at versions is not to be in the room.
    this.#room = room(client, name, { presence: false });
    let isConnected = client.state.status === 'connected';
    this.#offs = [
      this.#room.onChange(() => this.#roomChanged()),
      client.onState(({ status }) => {
        const wasConnected = isConnected;
        isConnected = status === 'connected';
        if (isConnected && !wasConnected && this.#isFollowed) void this.refresh();
      }),
    ];
    this.#roomChanged();
  }

  loadMore = async (): Promise<void> => {
    if (!this.#hasMore) return;
    this.#loading ??= this.#grow().finally(() => {
      this.#loading = null;
      this.changed();
    });
    this.changed();
    return this.#loading;
  };

  async #grow(): Promise<void> {
    this.#wanted = this.#items.length + step;
    await this.refresh();
  }

  /**
   * Reads it again. Where that is under way, once more after that, since what was read may be older than the call. Resolves once what came of
   * it is there, or the list has `failed`.
   */
  refresh(): Promise<void> {
    if (!this.#isFollowed) return this.#reading ?? Promise.resolve();
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale();
    return this.#reading;
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale && this.#isFollowed) {
      this.#isStale = false;
      this.#cancelLater?.();
      this.#cancelLater = null;
      await this.#readAll().catch((error: TidingsError) => this.#failed(error));
    }
    this.#reading = null;
    this.changed();
  }

  close(): void {
    this.#isClosed = true;
    this.#isFollowed = false;
    this.#cancelLater?.();
    for (const off of this.#offs) off();
    this.#room.close();
  }

  async #readAll(): Promise<void> {
    const items: DocumentVersion[] = [];
    let before: string | null = null;
    do {
      const limit = `${Math.min(mostOfCall, this.#wanted - items.length)}`;
      const page: DocumentVersionPage = await this.#read({ limit, ...(before !== null && { before }) });
      items.push(...page.items);
      before = page.next_before;
    } while (before !== null && items.length < this.#wanted);
    // The right may have ended meanwhile.
    if (!this.#isFollowed) return;
    [this.#items, this.#hasMore, this.#status, this.#reason] = [items, before !== null, 'ready', null];
  }

  #failed({ code, message, retryable, retry_after_ms = 0 }: TidingsError): void {
    if (!this.#isFollowed) return;
    this.#status = 'failed';
    this.#reason = { code, message };
    if (retryable) this.#refreshLater(Math.max(retry_after_ms, retryMs) * (1 + this.#client.parts.random()));
  }

  #refreshLater(ms: number): void {
    this.#cancelLater ??= this.#client.parts.clock.after(ms, () => {
      this.#cancelLater = null;
      void this.refresh();
    });
  }

  /** From `ready` on events of the room come, so that a list which is read then misses nothing. */
  #roomChanged(): void {
    const { status, reason, events } = this.#room.getSnapshot();
    const wasFollowed = this.#isFollowed;
    this.#isFollowed = !this.#isClosed && status !== 'waiting' && status !== 'refused';
    const newest = events.find(({ event }) => isDocumentEvent(event))?.id;
    const isNew = newest !== this.#newest;
    this.#newest = newest;
    if (!this.#isFollowed) this.#forget(status === 'refused' ? 'refused' : 'waiting', reason);
    else if (!wasFollowed) void this.refresh();
    else if (isNew) this.#refreshLater(spreadMs * this.#client.parts.random());
  }

  #forget(status: 'waiting' | 'refused', reason: DocumentVersionsSnapshot['reason']): void {
    [this.#items, this.#hasMore, this.#status, this.#reason] = [[], false, status, reason];
    this.changed();
  }
}

/** The path of the versions of a document, by the name of its room. */
export function pathOf(name: string): string {
  const colon = name.indexOf(':');
  return `rooms/${[name.slice(0, colon), name.slice(colon + 1)].map(encodeURIComponent).join('/')}/document/versions`;
}
