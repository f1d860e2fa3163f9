import { type Answer, type FrameOf, type LinkedTask, revOfCursor, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from './bounded-map.ts';
import { Changes } from './changes.ts';
import { countsAfter, type InboxCounts, noCounts, type UnreadCounts } from './inbox-counts.ts';
import {
  alertRevOf,
  type InboxItem,
  isNotification,
  isUnread,
  itemOf,
  type NotificationFrame,
  type ReceiptState,
  receiptStateOf,
  withChange,
} from './inbox-item.ts';
import type { Clock, Logger } from './options.ts';
import { type ActionRequest, fitting, type Reply } from './requests.ts';
import type { ResumeState } from './resume-state.ts';

/** A new object whenever something changed; the same one until then. */
export interface InboxSnapshot {
  /** Newest first, by when they last asked for attention. */
  items: readonly InboxItem[];
  /** The server's own counts of the whole inbox, which include what is not loaded here. */
  counts: InboxCounts;
  /** `counts.unread`. */
  unreadCount: number;
  /** `waiting` for the first answer; `loading` while a page is under way; `failed` if the last one did not come. */
  status: 'waiting' | 'ready' | 'loading' | 'failed';
  /** Whether `loadMore()` may bring older ones. */
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

/** One notification, or several, by their ids. */
export type Ids = string | readonly string[];

/**
 * This user's notifications: what came live, what was replayed on connecting, and what `loadMore()` has brought. Of the first two
 * the newest 500 are kept.
 *
 * Actions show at once, here and in every view, and are rolled back where the server refuses them; the promise then rejects. Without a
 * connection they wait for one. Asking twice does no harm.
 */
export interface Inbox extends Omit<InboxView, 'close'> {
  /** The parts of which `inboxView()` of `@tidings/client/inbox-view` makes further views. */
  readonly parts: InboxParts;
  /** Whether the newest page is loaded. Until then what came live and by replay may have gaps. */
  readonly isLoaded: boolean;
  /** Marks as shown, which is less than read: no count changes. What is marked within half a second is sent together. */
  markSeen(ids: Ids): Promise<void>;
  markRead(ids: Ids): Promise<void>;
  markUnread(ids: Ids): Promise<void>;
  /** Marks what is shown here as read, and what is older; never what came later. */
  markAllRead(): Promise<void>;
  archive(ids: Ids): Promise<void>;
  unarchive(ids: Ids): Promise<void>;
  /**
   * Puts off: comes back by itself then, on top and unread. A time as ISO 8601 with its zone, at most a year to come by the server's
   * clock: `new Date(client.now() + 3_600_000)` is in an hour, also on a device whose clock is wrong.
   */
  snooze(ids: Ids, until: Date | string): Promise<void>;
  unsnooze(ids: Ids): Promise<void>;
  /** Answers a notification by one of its buttons. The first answer counts, whoever gives it; `answer` of the item tells which it was. */
  answer(id: string, actionId: string, comment?: string): Promise<void>;
}

type Change = (item: InboxItem) => InboxItem;
type MarkAction = 'mark_seen' | 'mark_read' | 'mark_unread' | 'archive' | 'unarchive' | 'snooze' | 'unsnooze';

/** The state that an inbox and its views share, and the selection of each. */
export interface InboxParts {
  request: (action: ActionRequest) => Promise<Reply>;
  /** The newest rev that came of each record, shown here or not. */
  resume: Pick<ResumeState, 'rev' | 'forget'>;
  logger: Logger;
  clock: Clock;
  /** The changes of the inbox itself, which views follow. */
  changes?: Changes<InboxSnapshot>;
  counts: UnreadCounts;
  /** Changes that are shown before the server's frames confirm them. */
  pending: Set<Change>;
  /** A notification that last asked for attention up to this rev and is not held is one that is not loaded; 0 before the first catch-up. */
  synced: number;
  /** Everything that last asked for attention up to this rev is read, unless its receipt says otherwise. */
  readUpTo: number;
  /** Members of the action `list` by which pages are asked for. */
  query: object;
  /** The same selection among the items. */
  fits: (item: InboxItem) => boolean;
}

/** Frames that bring the counts. */
type Counting = FrameOf<'receipts' | 'unread_count' | 'topic_joined' | 'topic_left'>;

/** The reply to `list`. */
interface Page {
  items: ServerFrame[];
  next_before: number | null;
}

const pageSize = 50;
/** The newest that are kept, besides what `loadMore()` brought, and what may come besides before the oldest are let go. */
const kept = 500;
const slack = 100;
/** Receipts remembered of notifications that are not held here. */
const remembered = 10_000;

export class InboxStore implements Inbox {
  readonly changes: Changes<InboxSnapshot>;
  readonly parts: InboxParts;
  /** As the server sent them, archived and snoozed ones included, which can come back. */
  readonly #items = new Map<string, InboxItem>();
  /** The state by receipts, and their rev. */
  readonly #receipts = new BoundedMap<ReceiptState & { rev: number }>(remembered);
  /** The rev of the newest of them. */
  #receiptsRev = 0;
  /** Changes that the server has accepted, until its receipts come. */
  #accepted: Change[] = [];
  /** The rev of the receipts that moved `readUpTo`. */
  #readUpToRev = 0;
  /** The newest rev of any item that came. */
  #rev = -1;
  /** The latest "mark all as read". */
  #readAll: Change = (item) => item;
  #status: 'waiting' | 'ready' | 'failed' = 'waiting';
  #loading: Promise<void> | null = null;
  #keep = kept;
  /** The place at which the next older page begins: undefined is the top, since replays hold only the unread; null is the end. */
  #next: number | null | undefined;
  /** The `alertRev` of the oldest when older ones were let go. */
  #oldest = -1;
  /** The number of requests to read the newest page again, since the reading began. */
  #wanted = 0;

  constructor(parts: InboxParts) {
    this.parts = parts;
    this.changes = new Changes(parts, (before) => this.#take(before));
    parts.changes ??= this.changes;
  }

  getSnapshot = (): InboxSnapshot => this.changes.snapshot;

  onChange = (listener: () => void): (() => void) => this.changes.onChange(listener);

  loadMore = (): Promise<void> => {
    if (this.#next === null) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      this.changes.changed();
    });
    this.changes.changed();
    return this.#loading;
  };

  markSeen = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_seen', { seen: true });

  markRead = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_read', { read: true });

  markUnread = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_unread', { read: false });

  archive = (ids: Ids): Promise<void> => this.#mark(ids, 'archive', { archived: true, snoozedUntil: null });

  unarchive = (ids: Ids): Promise<void> => this.#mark(ids, 'unarchive', { archived: false });

  snooze = (ids: Ids, until: Date | string): Promise<void> =>
    this.#mark(ids, 'snooze', { archived: false, snoozedUntil: new Date(until).toISOString() });

  unsnooze = (ids: Ids): Promise<void> => this.#mark(ids, 'unsnooze', { snoozedUntil: null });

  markAllRead = async (): Promise<void> => {
    const up_to = this.getSnapshot().items[0]?.alertRev;
    if (up_to === undefined) return;
    this.#readAll = (item) => (item.alertRev > up_to ? item : withChange(item, { read: true }));
    await this.#act({ action: 'mark_all_read', up_to }, this.#readAll);
  };

  answer = async (id: string, action_id: string, comment?: string): Promise<void> => {
    const item = this.getSnapshot().items.find((one) => one.id === id);
    if (item?.answering || item?.answer) return;
    const rev = this.#rev;
    const change =
      (effect: Partial<InboxItem>): Change =>
      (one) =>
        one.id === id && one.rev <= rev ? withChange(one, effect) : one;
    await this.#act({ action: 'answer', id, action_id, comment }, change({ answering: action_id }), ({ answer }) =>
      change({ answer: answer as Answer, actions: [] }),
    );
  };

  /** Sends an action on a task, which shows at once on the notifications that are linked to it, until their next frame. */
  actOnTask(action: ActionRequest & { task_id: string }, effect: Partial<LinkedTask>): Promise<void> {
    const rev = this.#rev;
    const change: Change = (item) =>
      item.task?.task_id === action.task_id && item.rev <= rev ? { ...item, task: { ...item.task, ...effect } } : item;
    return this.#act(action, change, () => change);
  }

  revOf(id: string): number | undefined {
    return this.#items.get(id)?.rev;
  }

  get isLoaded(): boolean {
    return this.#next !== undefined;
  }

  /** A session begins at a cursor; null is a fresh snapshot, before which everything is forgotten. With it comes up to where all is read. */
  begin(cursor: string | null, readUpTo = 0): void {
    // A catch-up that was cut off, or a range read late, may leave out what has moved on by then: it comes as news.
    this.parts.synced ||= revOfCursor(cursor);
    if (cursor === null) {
      this.#items.clear();
      this.#receipts.clear();
      this.parts.counts.clear();
      this.parts.readUpTo = readUpTo;
      this.parts.synced = this.#receiptsRev = this.#readUpToRev = 0;
      this.#next = undefined;
      this.#status = 'waiting';
      this.changes.changed();
      // Nothing void, or another user's, is shown until the catch-up has ended.
      this.changes.emit();
    }
    this.changes.hold();
  }

  /** Takes in a frame that is no duplicate. */
  apply(frame: ServerFrame): void {
    if (isNotification(frame)) this.#applyNotification(frame);
    else if (frame.type === 'retracted') this.#items.delete(frame.id);
    else if (frame.type === 'synced') {
      this.#status = 'ready';
      this.parts.synced = frame.as_of;
      this.parts.counts.set(frame);
    } else if ('unread_count' in frame) this.#applyCounts(frame as Counting);
    else return;
    this.changes.changed();
  }

  #applyCounts(frame: Counting): void {
    if (frame.type === 'receipts') this.#applyReceipts(frame);
    // Older ones may lie among what is loaded; and a truncated frame, which alone has no categories, does not say which changed.
    if (frame.type === 'topic_joined' || !frame.categories) this.#next = undefined;
    if (frame.type === 'topic_left') {
      for (const [id, item] of this.#items) {
        if ((item.frame as NotificationFrame).topic !== frame.topic) continue;
        this.#items.delete(id);
        this.parts.resume.forget(id);
      }
    }
    this.parts.counts.set(frame);
  }

  #applyNotification(frame: NotificationFrame): void {
    const { replayed, snapshot } = frame;
    const held = this.#items.get(frame.id);
    // An edit of what is not loaded.
    if (!held && !snapshot && alertRevOf(frame) <= this.parts.synced) return;
    const item = this.#put(frame);
    if (isUnread(item) && !(replayed || snapshot || (held && isUnread(held)))) this.parts.counts.add(item);
    if (this.#items.size >= this.#keep + slack) this.#trim();
  }

  /** @param asOf the rev of receipts up to which the frame's own is right */
  #put(frame: NotificationFrame, asOf = Number.POSITIVE_INFINITY): InboxItem {
    const { id, receipt } = frame;
    this.#rev = Math.max(this.#rev, frame.rev);
    const held = this.#items.get(id);
    const known = this.#receipts.get(id);
    const alertRev = Math.max(alertRevOf(frame), receipt?.alert_rev ?? 0, held?.alertRev ?? 0);
    // True if the watermark reached it after a rev.
    const reached = (rev: number) => this.#readUpToRev > rev && alertRev <= this.parts.readUpTo;
    // A notification that asks for attention again is as new.
    let state: ReceiptState = { read: reached(-1), seen: false, archived: false, snoozedUntil: null };
    if (receipt && !(known && known.rev > asOf)) {
      state = receiptStateOf(receipt);
      state.read ||= reached(asOf);
    } else if (held) {
      if (alertRev <= held.alertRev) state = held;
    } else if (known && alertRev < known.rev) state = { ...known, read: known.read || reached(known.rev) };
    const item = itemOf(frame, alertRev, state);
    this.#items.set(id, item);
    return item;
  }

  #applyReceipts({ items, read_upto, rev, returned = [], replayed }: FrameOf<'receipts'>): void {
    for (const change of this.#accepted.splice(0)) this.parts.pending.delete(change);
    if (read_upto > this.parts.readUpTo) {
      this.parts.readUpTo = read_upto;
      this.#readUpToRev = rev;
      for (const [id, item] of this.#items)
        if (item.alertRev <= read_upto) this.#items.set(id, withChange(item, { read: true }));
    }
    this.#receiptsRev = rev;
    // A truncated frame does not say which: the list is read anew.
    let isMissing = !items;
    if (isMissing) this.#items.clear();
    for (const receipt of items ?? []) {
      const { id, alert_rev = 0 } = receipt;
      const state = receiptStateOf(receipt);
      this.#receipts.set(id, { ...state, rev });
      const held = this.#items.get(id);
      const known = this.parts.resume.rev(id);
      // One from before it asked again says nothing any more.
      const after = { ...state, alertRev: Math.max(alert_rev, held?.alertRev ?? 0) };
      if (held) this.#items.set(id, rev < held.alertRev ? held : withChange(held, after));
      else isMissing ||= known < 0 || known >= this.#oldest;
    }
    for (const frame of returned) this.#put(frame as NotificationFrame);
    // A notification that is neither held nor was let go may belong here now.
    if (isMissing && (this.isLoaded || !replayed)) this.#refresh();
  }

  /** Asks for the newest page, and once more where that was wanted meanwhile. What fails is asked for with the next that is missing. */
  async #refresh(): Promise<void> {
    if (this.#wanted++ > 0) return;
    for (let done = 0; done < this.#wanted; ) {
      done = this.#wanted;
      await this.#page().catch(() => {});
    }
    this.#wanted = 0;
  }

  #take(before?: InboxSnapshot): InboxSnapshot {
    const { counts: known, pending, fits } = this.parts;
    const items = [];
    // Notifications that are not loaded are read too.
    const all = pending.has(this.#readAll);
    let counts = all ? noCounts : known.now;
    for (const item of this.#items.values()) {
      let shown = item;
      for (const change of pending) shown = change(shown);
      counts = countsAfter(counts, all ? null : item, shown);
      if (fits(shown)) items.push(shown);
    }
    const status = this.#loading ? 'loading' : this.#status;
    const after: InboxSnapshot = {
      items: items.sort(newestFirst),
      counts,
      unreadCount: counts.unread,
      status,
      hasMore: this.#next !== null,
    };
    return before && isSame(before, after) ? before : after;
  }

  async #load(): Promise<void> {
    const before = this.#next;
    this.#status = 'failed';
    const next = await this.#page(before);
    this.#status = 'ready';
    if (before !== this.#next) return;
    this.#next = next;
    this.#keep = Math.max(this.#keep, this.#items.size + slack);
  }

  /** Takes in the page before a place, the newest by default. @returns where the next begins */
  async #page(before?: number | null): Promise<number | null> {
    const { request, resume, query } = this.parts;
    const asOf = this.#receiptsRev;
    const reply = await request({ action: 'list', ...query, before: before ?? undefined, limit: pageSize });
    const { items, next_before } = reply as unknown as Page;
    // An unloaded notification whose newer version was passed over, such as an edit, is requested.
    let isStale = false;
    for (const frame of items) {
      if (!isNotification(frame)) continue;
      if (frame.rev >= resume.rev(frame.id)) this.#put(frame, asOf);
      else isStale ||= !this.#items.has(frame.id);
    }
    if (isStale) return this.#page(before);
    this.changes.changed();
    return next_before;
  }

  /**
   * Sends an action, and shows its change while it is under way and, once accepted, until the next receipts; where the server refuses, the
   * change is rolled back.
   *
   * @param after reads from the reply whether anything changed, or another change to show from then on, which no receipts confirm
   */
  async #act(
    action: ActionRequest,
    change: Change,
    after: (reply: Reply) => unknown = ({ marked }) => marked,
  ): Promise<void> {
    const { pending, request } = this.parts;
    const asOf = this.#receiptsRev;
    pending.add(change);
    this.changes.changed();
    let next: unknown;
    try {
      next = after(await request(action));
      if (next && typeof next !== 'function') {
        next = this.#receiptsRev === asOf && change;
        if (next) this.#accepted.push(change);
      }
    } finally {
      pending.delete(change);
      if (next) pending.add(next as Change);
      this.changes.changed();
    }
  }

  async #mark(given: Ids, action: MarkAction, effect: Partial<ReceiptState>): Promise<void> {
    const all = [...new Set(typeof given === 'string' ? [given] : given)];
    const until = effect.snoozedUntil ?? undefined;
    const asked = [];
    while (all.length > 0) {
      const ids = new Set(all.splice(0, fitting(all)));
      const change: Change = (item) => (ids.has(item.id) ? withChange(item, effect) : item);
      asked.push(this.#act({ action, ids: [...ids], until } as ActionRequest, change));
    }
    await Promise.all(asked);
  }

  /** Lets go of the oldest. Cheap, since it happens once per 100 frames. */
  #trim(): void {
    const newest = [...this.#items.values()].sort(newestFirst).slice(0, this.#keep);
    this.#items.clear();
    for (const item of newest) this.#items.set(item.id, item);
    this.#oldest = (newest.at(-1) as InboxItem).alertRev;
    if (this.isLoaded) this.#next = this.#oldest;
  }
}

/** True if two snapshots show the same. */
export function isSame(a: InboxSnapshot, b: InboxSnapshot): boolean {
  const rest = (one: InboxSnapshot) => JSON.stringify({ ...one, items: one.items.length });
  return rest(a) === rest(b) && a.items.every((item, at) => item === b.items[at]);
}

const newestFirst = (a: InboxItem, b: InboxItem): number => b.alertRev - a.alertRev;
