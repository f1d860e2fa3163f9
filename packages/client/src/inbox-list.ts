import type { InboxItem } from './inbox-item.ts';
import type { InboxRecords } from './records/inbox-records.ts';
import type { ListContent, RecordList } from './records/record-list.ts';
import { SnapshotStore } from './snapshot-store.ts';

/** A new object whenever something changed; the same one until then. */
export interface InboxSnapshot extends ListContent {
  /** `waiting` for the first answer; `loading` while a page is under way; `failed` if the last one did not come. */
  status: 'waiting' | 'ready' | 'loading' | 'failed';
  /** True if `loadMore()` may bring older ones. */
  hasMore: boolean;
}

/** A part of the inbox that is kept current by the frames that come. */
export interface InboxView {
  getSnapshot(): InboxSnapshot;
  /** Calls the listener after changes: at once, then at most once in 16 ms. @returns a function that removes the listener */
  onChange(listener: () => void): () => void;
  /** Loads the next older page of 50. Called again while one is under way it returns that one's promise. */
  loadMore(): Promise<void>;
  /** Ends the view: it changes no more. */
  close(): void;
}

/** The records of one selection that came live or were loaded page by page. */
export class InboxList extends SnapshotStore<InboxSnapshot> implements RecordList {
  readonly ids = new Set<string>();
  readonly query: object;
  readonly records: InboxRecords;
  status: RecordList['status'] = 'waiting';
  next: RecordList['next'];
  #loading: Promise<void> | null = null;
  /** The number of requests to read the newest page again, since the reading began. */
  #wanted = 0;

  /**
   * @param query members of the action `list` by which pages are asked for
   * @param fits the same selection among the items
   */
  constructor(records: InboxRecords, query: object, fits: (item: InboxItem) => boolean) {
    super(records.parts, (before) => {
      const after: InboxSnapshot = {
        ...records.select(this, fits),
        status: this.#loading ? 'loading' : this.status,
        hasMore: this.next !== null,
      };
      return before && isSame(before, after) ? before : after;
    });
    this.records = records;
    this.query = query;
    records.lists.add(this);
  }

  loadMore = (): Promise<void> => {
    if (this.next === null) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      this.changed();
    });
    this.changed();
    return this.#loading;
  };

  /** From now on it changes no more. */
  close = (): void => void this.records.lists.delete(this);

  get isLoaded(): boolean {
    return this.next !== undefined;
  }

  /** Asks for the newest page, and once more if that was wanted meanwhile. A page that fails is asked for with the next that is missing. */
  async load(): Promise<void> {
    if (this.#wanted++ > 0) return;
    for (let done = 0; done < this.#wanted; ) {
      done = this.#wanted;
      await this.records.load(this).catch(() => {});
    }
    this.#wanted = 0;
  }

  async #load(): Promise<void> {
    const before = this.next as number | undefined;
    this.status = 'failed';
    const next = await this.records.load(this, before);
    this.status = 'ready';
    if (this.next === before) this.next = next;
  }
}

/** True if two snapshots show the same. */
function isSame(a: InboxSnapshot, b: InboxSnapshot): boolean {
  const rest = (one: InboxSnapshot) => JSON.stringify({ ...one, items: one.items.length });
  return rest(a) === rest(b) && a.items.every((item, at) => item === b.items[at]);
}
