import { type FrameOf, type Receipt, revOfCursor, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from '../bounded-map.ts';
import {
  alertRevOf,
  type InboxItem,
  isNotification,
  isUnread,
  itemOf,
  type NotificationFrame,
  receiptStateOf,
  withChange,
} from '../inbox-item.ts';
import type { Clock, Logger } from '../options.ts';
import type { ActionRequest, Reply } from '../requests.ts';
import type { ResumeState } from '../resume-state.ts';
import type { ListContent, RecordList } from './record-list.ts';
import { countsAfter, noCounts, UnreadCounts } from './unread-counts.ts';

/** The parts of a client that its records need. */
export interface RecordParts {
  request: (action: ActionRequest) => Promise<Reply>;
  /** The newest rev that came of each record, held here or not. */
  resume: Pick<ResumeState, 'rev'> & { delete(id: string): unknown };
  logger: Logger;
  clock: Clock;
}

/** The item as an action leaves it; the same object if the action is not about this one. */
export type Change = (item: InboxItem) => InboxItem;

/** A state as of a rev. */
type KnownState = ReturnType<typeof receiptStateOf> & { rev: number };

/** Frames that bring the counts. */
type Counting = FrameOf<'synced' | 'receipts' | 'unread_count' | 'topic_joined' | 'topic_left'>;

/** The reply to `list`. */
interface Page {
  items: ServerFrame[];
  next_before: number | null;
}

const pageSize = 50;
/** The newest that are kept, besides those of pages, and what may come besides before the oldest are let go. */
const kept = 500;
const slack = 100;
/** Stands for the notifications that are not loaded, which are older. */
const unloaded = { alertRev: -1 } as InboxItem;
/** Receipts remembered of notifications that are not held here. */
const remembered = 10_000;

/**
 * The notifications of a client as the server sent them, each held once for all lists, with this user's receipts, the unread
 * counts, and the changes that are shown before the server confirms them.
 */
export class InboxRecords {
  readonly parts: RecordParts;
  readonly lists = new Set<RecordList>();
  /** Archived and snoozed ones included, which can come back. */
  readonly #items = new Map<string, InboxItem>();
  /** Changes that are shown before the server's frames confirm them, and whether the next receipts do. */
  readonly #pending = new Map<Change, boolean>();
  #counts = new UnreadCounts();
  /** The state by receipts, their rev, and the rev at which a snooze ended: of what comes later, or back with its topic. */
  readonly #receipts = new BoundedMap<KnownState>(remembered);
  /** The rev of the newest of them. */
  #receiptsRev = 0;
  /** Everything that last asked for attention up to this rev is read, unless its receipt says otherwise. */
  #readUpTo = 0;
  /** The rev of the receipts that moved it. */
  #readUpToRev = 0;
  /** The newest rev of any notification that came. */
  #rev = -1;
  /** A notification that last asked for attention up to this rev and is not held is one that is not loaded; 0 before the first catch-up. */
  #synced = 0;
  /** The number of items that are kept. */
  #keep = kept;
  /** The `alertRev` of the oldest when older ones were let go. */
  #oldest = -1;

  constructor(parts: RecordParts) {
    this.parts = parts;
  }

  /** The items of a list that fit its selection, newest first, and the counts of the whole inbox, with what is pending. */
  select(list: RecordList, fits: (item: InboxItem) => boolean): ListContent {
    const items = [];
    const areAllRead = this.#shown(unloaded).read;
    let counts = areAllRead ? noCounts : this.#counts.now;
    for (const [id, item] of this.#items) {
      const shown = this.#shown(item);
      counts = countsAfter(counts, areAllRead ? null : item, shown);
      if (list.ids.has(id) && fits(shown)) items.push(shown);
    }
    return { items: items.sort(newestFirst), counts, unreadCount: counts.unread };
  }

  /** An item with what is pending. */
  #shown(item: InboxItem): InboxItem {
    let shown = item;
    for (const change of this.#pending.keys()) shown = change(shown);
    return shown;
  }

  rev(id: string): number | undefined {
    return this.#items.get(id)?.rev;
  }

  /**
   * A session begins at a cursor; null is a fresh snapshot, before which everything is forgotten. With it comes up to where all is read.
   *
   * @param isOther true for another user than before, in whose name nothing is pending
   */
  begin(cursor: string | null, readUpTo = 0, isOther = false): void {
    if (isOther) this.#pending.clear();
    // A catch-up that was cut off, or a range read late, may leave out what has moved on by then: it comes as news.
    this.#synced ||= revOfCursor(cursor);
    if (cursor === null) {
      for (const id of this.#items.keys()) this.#delete(id);
      this.#receipts.clear();
      this.#counts = new UnreadCounts();
      this.#readUpTo = readUpTo;
      this.#synced = this.#receiptsRev = this.#readUpToRev = 0;
      for (const list of this.lists) {
        list.next = undefined;
        list.status = 'waiting';
      }
    }
    for (const list of this.lists) list.hold(cursor === null);
  }

  /** Calls a method of every list. */
  each(method: 'changed' | 'release'): void {
    for (const list of this.lists) list[method]();
  }

  /** Takes in a frame that is no duplicate. */
  apply(frame: ServerFrame): void {
    if (isNotification(frame)) this.#applyNotification(frame);
    else if (frame.type === 'retracted') this.#delete(frame.id);
    else if ('unread_count' in frame) this.#applyCounts(frame as Counting);
    else return;
    this.each('changed');
  }

  /** Takes in the page of a list before a place, the newest by default. @returns the place at which the next begins */
  async load(list: RecordList, before?: number): Promise<number | null> {
    const asOf = this.#receiptsRev;
    const reply = await this.parts.request({
      action: 'list',
      ...list.query,
      before,
      limit: pageSize,
    });
    const { items, next_before } = reply as unknown as Page;
    const held = this.#items.size;
    let isStale = false;
    for (const frame of items) {
      if (!isNotification(frame)) continue;
      if (frame.rev >= this.parts.resume.rev(frame.id)) this.#put(frame, asOf);
      // An unloaded notification whose newer version was passed over, such as an edit, is requested.
      if (this.#items.has(frame.id)) list.ids.add(frame.id);
      else isStale = true;
    }
    this.#keep += this.#items.size - held;
    if (isStale) return this.load(list, before);
    this.each('changed');
    return next_before;
  }

  /**
   * Sends an action, and shows its change while it is under way and, once accepted, until the next receipts; if the server refuses, the change is
   * rolled back.
   *
   * @param after makes the change to show from then on. No receipts confirm it: both changes show on an item until its next frame
   */
  async act(action: ActionRequest, change: Change, after?: (reply: Reply) => Change): Promise<void> {
    const rev = this.#rev;
    const asOf = this.#receiptsRev;
    const limited =
      (one: Change): Change =>
      (item) =>
        after && item.rev > rev ? item : one(item);
    const shown = limited(change);
    let next: Change | undefined;
    this.#pending.set(shown, false);
    this.each('changed');
    try {
      const reply = await this.parts.request(action);
      if (after) next = limited(after(reply));
      else if (reply.marked && this.#receiptsRev === asOf) next = shown;
    } finally {
      this.#pending.delete(shown);
      if (next) this.#pending.set(next, !after);
      this.each('changed');
    }
  }

  #applyCounts(frame: Counting): void {
    if (frame.type === 'synced') {
      for (const list of this.lists) list.status = 'ready';
      this.#synced = frame.as_of;
    }
    if (frame.type === 'receipts') this.#applyReceipts(frame);
    // Older ones may lie among what is loaded, unless it is a room; and a truncated frame, which alone has no categories, does not say which changed.
    if (!(frame.type === 'topic_joined' ? frame.access : frame.categories))
      for (const list of this.lists) list.next = undefined;
    if (frame.type === 'topic_left') {
      for (const [id, item] of this.#items) {
        if ((item.frame as NotificationFrame).topic === frame.topic) {
          this.#delete(id);
          this.parts.resume.delete(id);
        }
      }
    }
    this.#counts.set(frame);
  }

  #applyNotification(frame: NotificationFrame): void {
    const { replayed, snapshot } = frame;
    const held = this.#items.get(frame.id);
    // Otherwise an edit: only lists that hold the notification show it.
    const isNews = snapshot || alertRevOf(frame) > this.#synced;
    if (!held && !isNews) return;
    const item = this.#put(frame);
    if (isUnread(item) && !(replayed || snapshot || (held && isUnread(held)))) this.#counts.add(item);
    if (isNews) this.#hold(item);
  }

  /** @param asOf the rev of receipts up to which the frame's own is right */
  #put(frame: NotificationFrame, asOf = Number.POSITIVE_INFINITY): InboxItem {
    const { id, receipt } = frame;
    this.#rev = Math.max(this.#rev, frame.rev);
    const held = this.#items.get(id);
    const known = this.#receipts.get(id);
    const alertRev = Math.max(alertRevOf(frame), receipt?.alert_rev ?? 0, (held ?? known)?.alertRev ?? 0);
    // A notification that asks for attention again is as new.
    let state: KnownState = { ...receiptStateOf(), rev: -1 };
    if (receipt && !(known && known.rev > asOf)) state = { ...receiptStateOf(receipt), rev: asOf };
    else if (known && alertRev <= known.rev) state = known;
    else if (held && alertRev <= held.alertRev) state = { ...held, rev: asOf };
    const read = state.read || (this.#readUpToRev > state.rev && alertRev <= this.#readUpTo);
    const item = itemOf(frame, alertRev, { ...state, read });
    this.#items.set(id, item);
    return item;
  }

  #applyReceipts({ items, read_upto, rev, returned = [], replayed }: FrameOf<'receipts'>): void {
    for (const [change, isAccepted] of this.#pending) if (isAccepted) this.#pending.delete(change);
    if (read_upto > this.#readUpTo) {
      this.#readUpTo = read_upto;
      this.#readUpToRev = rev;
      for (const [id, item] of this.#items)
        if (item.alertRev <= read_upto) this.#items.set(id, withChange(item, { read: true }));
    }
    this.#receiptsRev = rev;
    // A truncated frame does not say which: the lists are read anew.
    if (!items) for (const id of this.#items.keys()) this.#delete(id);
    for (const receipt of items ?? []) {
      const { id } = receipt;
      const state = receiptStateOf(receipt);
      this.#receipts.set(id, { ...state, rev });
      const held = this.#items.get(id);
      // One from before it asked again says nothing any more.
      if (held && rev >= held.alertRev) {
        this.#items.set(id, withChange(held, { ...state, alertRev: Math.max(state.alertRev, held.alertRev) }));
      }
    }
    for (const frame of returned) this.#hold(this.#put(frame as NotificationFrame));
    for (const list of this.lists) {
      // A notification that is neither held nor was let go may belong here now.
      const isMissing = ({ id }: Receipt) => {
        const known = this.parts.resume.rev(id);
        return (known < 0 || known >= this.#oldest) && !list.ids.has(id);
      };
      if ((!items || items.some(isMissing)) && (list.isLoaded || !replayed)) list.load();
    }
  }

  /** Adds an item to every list, and lets go of the oldest. Cheap, since that happens once per 100 frames. */
  #hold(item: InboxItem): void {
    for (const { ids } of this.lists) ids.add(item.id);
    if (this.#items.size < this.#keep + slack) return;
    const all = [...this.#items.values()].sort(newestFirst);
    for (const item of all.splice(this.#keep)) this.#delete(item.id);
    this.#oldest = (all.at(-1) as InboxItem).alertRev;
    for (const list of this.lists) if (list.isLoaded) list.next = Math.max(this.#oldest, list.next ?? 0);
  }

  #delete(id: string): void {
    this.#items.delete(id);
    for (const { ids } of this.lists) ids.delete(id);
  }
}

const newestFirst = (a: InboxItem, b: InboxItem): number => b.alertRev - a.alertRev;
