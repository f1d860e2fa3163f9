import { type DurableFields, isDurable, type Receipt, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from './bounded-map.ts';
import { Changes } from './changes.ts';
import type { Logger } from './options.ts';
import type { ActionRequest, Reply } from './requests.ts';

/** A notification frame: built in (`user_message`, `user_file`, `notification`, ...) or an event of the application's own. */
export type InboxFrame = Extract<ServerFrame, DurableFields>;

/** One notification as this user has it. A new object whenever it changed. */
export interface InboxItem {
  id: string;
  rev: number;
  frame: InboxFrame;
  read: boolean;
}

/** A new object whenever something changed; the same one until then. */
export interface InboxSnapshot {
  /** Newest first. */
  items: readonly InboxItem[];
  /** The server's own count, which includes what is not loaded here. */
  unreadCount: number;
  /** `waiting` for the first connection; `loading` while `loadMore()` is under way. */
  status: 'waiting' | 'ready' | 'loading';
  /** Whether `loadMore()` may bring older ones. */
  hasMore: boolean;
}

/**
 * This user's notifications: what came live, what was replayed on connecting, and what `loadMore()` has brought. Of the first two
 * the newest 500 are kept.
 */
export interface Inbox {
  getSnapshot(): InboxSnapshot;
  /** @returns what takes the listener off again */
  onChange(listener: () => void): () => void;
  markRead(ids: string | readonly string[]): Promise<void>;
  /** Marks what is shown here as read, and what is older; never what came later. */
  markAllRead(): Promise<void>;
  /** Loads the next older page of 50. Called again while one is under way it returns that one's promise. */
  loadMore(): Promise<void>;
}

/** What the `list` action answers. */
interface Page {
  items: ServerFrame[];
  next_before: number | null;
  unread_count: number;
}

const pageSize = 50;
/** Ids one action may name. */
const idsPerAction = 1_000;
/** Receipts remembered of notifications that are not held here. */
const remembered = 10_000;
const elsewhere = /^(task_|receipts$|retracted$|room_event$)/;

/** Whether a frame is a notification that belongs into a list. */
function isNotification(frame: ServerFrame): frame is InboxFrame {
  return isDurable(frame) && !elsewhere.test(frame.type) && !('silent' in frame && frame.silent);
}

export class InboxStore implements Inbox {
  readonly changes: Changes<InboxSnapshot>;
  readonly #request: (action: ActionRequest) => Promise<Reply>;
  readonly #newestRev: (id: string) => number;
  readonly #items = new Map<string, InboxItem>();
  /** Receipts by notification: true is read, false is unread whatever the watermark says. */
  readonly #receipts = new BoundedMap<boolean>(remembered);
  #readUpTo = -1;
  #unreadCount = 0;
  #synced = false;
  #loading: Promise<void> | null = null;
  #keep = 500;
  /** Where the next older page begins: undefined is the top, since replays hold only what is unread; null is none. */
  #nextBefore: number | null | undefined;

  /** @param newestRev the rev that a record was last heard of at, shown here or not */
  constructor(request: (action: ActionRequest) => Promise<Reply>, newestRev: (id: string) => number, logger: Logger) {
    this.#request = request;
    this.#newestRev = newestRev;
    this.changes = new Changes(logger, () => this.#take());
  }

  getSnapshot(): InboxSnapshot {
    return this.changes.snapshot;
  }

  onChange(listener: () => void): () => void {
    return this.changes.onChange(listener);
  }

  async markRead(ids: string | readonly string[]): Promise<void> {
    const all = typeof ids === 'string' ? [ids] : ids;
    for (let at = 0; at < all.length; at += idsPerAction) {
      await this.#request({ action: 'mark_read', ids: all.slice(at, at + idsPerAction) });
    }
  }

  async markAllRead(): Promise<void> {
    const newest = this.getSnapshot().items[0];
    if (newest) await this.#request({ action: 'mark_all_read', up_to: newest.rev });
  }

  loadMore(): Promise<void> {
    if (this.#nextBefore === null) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      this.changes.changed();
    });
    this.changes.changed();
    return this.#loading;
  }

  revOf(id: string): number | undefined {
    return this.#items.get(id)?.rev;
  }

  /** Takes in a frame that is no duplicate. */
  apply(frame: ServerFrame): void {
    if (frame.type === 'receipts') this.#applyReceipts(frame);
    else if (frame.type === 'retracted') this.#remove(frame.id);
    else if (frame.type === 'synced') {
      this.#synced = true;
      this.#unreadCount = frame.unread_count;
    } else if (isNotification(frame)) {
      const isNew = !this.#items.has(frame.id);
      if (!this.#put(frame).read && isNew) this.#count(1);
      this.#trim();
    } else return;
    this.changes.changed();
  }

  /** Forgets everything: a fresh snapshot follows. */
  reset(): void {
    this.#items.clear();
    this.#receipts.clear();
    this.#readUpTo = -1;
    this.#unreadCount = 0;
    this.#nextBefore = undefined;
    this.changes.changed();
  }

  #take(): InboxSnapshot {
    return {
      items: [...this.#items.values()].sort((a, b) => b.rev - a.rev),
      unreadCount: this.#unreadCount,
      status: this.#loading ? 'loading' : this.#synced ? 'ready' : 'waiting',
      hasMore: this.#nextBefore !== null,
    };
  }

  async #load(): Promise<void> {
    const before = this.#nextBefore ?? undefined;
    const reply = await this.#request({ action: 'list', before, limit: pageSize });
    const page = reply as Reply & Page;
    if (before !== (this.#nextBefore ?? undefined)) return;
    for (const frame of page.items) {
      if (isNotification(frame) && frame.rev >= this.#newestRev(frame.id)) this.#put(frame);
    }
    this.#keep = Math.max(this.#keep, this.#items.size + pageSize);
    this.#nextBefore = page.next_before;
    this.#unreadCount = page.unread_count;
  }

  #put(frame: InboxFrame): InboxItem {
    const { id, rev } = frame;
    // Frames that are sent again bring the receipt. One that comes live for an item that is held is an edit, which never asks for
    // attention again: what was read stays so.
    const { receipt } = frame as { receipt?: Receipt };
    const told = receipt && receipt.read_at !== null;
    const read = told ?? this.#items.get(id)?.read ?? this.#receipts.get(id) ?? rev <= this.#readUpTo;
    const item = { id, rev, frame, read };
    this.#items.set(id, item);
    return item;
  }

  #remove(id: string): void {
    const item = this.#items.get(id);
    if (!item) return;
    this.#items.delete(id);
    if (!item.read) this.#count(-1);
  }

  #applyReceipts({ items, unread_count, read_upto }: Extract<ServerFrame, { type: 'receipts' }>): void {
    if (read_upto > this.#readUpTo) {
      this.#readUpTo = read_upto;
      this.#receipts.deleteWhere((read) => !read);
      for (const item of this.#items.values()) if (item.rev <= read_upto) this.#setRead(item, true);
    }
    for (const receipt of items) {
      const read = receipt.read_at !== null;
      this.#receipts.set(receipt.id, read);
      const item = this.#items.get(receipt.id);
      if (item && receipt.archived_at) this.#remove(item.id);
      else if (item) this.#setRead(item, read);
    }
    if (unread_count !== undefined) this.#unreadCount = unread_count;
  }

  #setRead(item: InboxItem, read: boolean): void {
    if (item.read === read) return;
    this.#items.set(item.id, { ...item, read });
    this.#count(read ? -1 : 1);
  }

  /** The server tells the count with what it answers; between, it follows what is seen here. */
  #count(by: number): void {
    this.#unreadCount = Math.max(0, this.#unreadCount + by);
  }

  /** Lets go of the oldest, by rev. Cheap, since it happens once per 100 frames. */
  #trim(): void {
    if (this.#items.size < this.#keep + 100) return;
    const kept = this.#take().items.slice(0, this.#keep);
    this.#items.clear();
    for (const item of kept) this.#items.set(item.id, item);
    if (this.#nextBefore !== undefined) this.#nextBefore = kept.at(-1)?.rev;
  }
}
