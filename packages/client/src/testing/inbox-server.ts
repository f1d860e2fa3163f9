import { type ClientAction, type FrameOf, type Receipt, type ServerFrame, TidingsError } from '@tidings/protocol';
import type { NotificationFrame } from '../inbox-item.ts';

/** A notification as a test writes it: missing members of the envelope are filled in. */
export type NoticeDraft = { type: string; id?: string } & Record<string, unknown>;

interface Stored {
  body: { type: string; id: string; timestamp: string } & Record<string, unknown>;
  rev: number;
  alertRev: number;
  seenAt: string | null;
  readAt: string | null;
  readRev: number;
  isMarkedUnread: boolean;
  archivedAt: string | null;
  snoozedUntil: string | null;
  /** When its snooze ended last. */
  returnedRev: number;
}

/**
 * One user's inbox on a server, in memory, by the rules that the protocol states and no others: for tests of elements, and
 * as the model that the client's own inbox is compared with.
 */
export class InboxServer {
  rev = 0;
  readUpTo = 0;
  readonly #records = new Map<string, Stored>();
  /** Revs of retractions, by id. */
  readonly #retracted = new Map<string, number>();
  readonly #emit: (frame: ServerFrame) => void;
  readonly #now: () => number;

  /** @param emit sends a live frame to every device of the user */
  constructor(emit: (frame: ServerFrame) => void, now: () => number) {
    this.#emit = (frame) => emit('rev' in frame ? { ...frame, cursor: `t:${frame.rev}` } : frame);
    this.#now = now;
  }

  // --- what back ends do

  /** Stores a notification. @returns its frame, which is sent unless it is `later` */
  publish({ id, ...draft }: NoticeDraft, when: 'live' | 'later' = 'live'): NotificationFrame {
    const rev = ++this.rev;
    const body = { id: id ?? `n-${rev}`, timestamp: this.#time(), data: {}, ...draft };
    this.#records.set(body.id, {
      ...{ body, rev, alertRev: rev, seenAt: null, readAt: null, readRev: 0, isMarkedUnread: false },
      ...{ archivedAt: null, snoozedUntil: null, returnedRev: 0 },
    });
    return this.#deliver(body.id, when);
  }

  /** Changes a notification in place, which never asks for attention again. */
  edit(id: string, change: Record<string, unknown>): void {
    const record = this.#record(id);
    record.rev = ++this.rev;
    record.body = { ...record.body, updated_at: this.#time(), ...change };
    this.#deliver(id, 'live');
    this.tellCounts();
  }

  /** Replaces a notification by a newer one: on top, unread, and in the inbox again. */
  renew(id: string, change: Record<string, unknown>): void {
    const record = this.#record(id);
    record.rev = record.alertRev = ++this.rev;
    record.archivedAt = record.snoozedUntil = null;
    const { updated_at: _, ...body } = record.body;
    record.body = { ...body, ...change } as Stored['body'];
    this.#deliver(id, 'live');
    this.tellCounts();
  }

  retract(id: string): void {
    if (!this.#records.delete(id)) return;
    this.#retracted.set(id, ++this.rev);
    this.#emit(this.#retraction(id, this.rev));
    this.tellCounts();
  }

  tellCounts(): void {
    this.#emit({ type: 'unread_count', ...this.counts() });
  }

  /** Ends the snoozes that are due by now, or by a time. */
  wake(now = this.#now()): void {
    const due = [...this.#records.values()].filter(
      ({ snoozedUntil }) => snoozedUntil !== null && Date.parse(snoozedUntil) <= now,
    );
    for (const record of due) {
      this.rev += 1;
      Object.assign(record, { snoozedUntil: null, returnedRev: this.rev, isMarkedUnread: false });
      this.#tellReceipts([record.body.id], [this.#frame(record)]);
    }
  }

  // --- what a session is sent

  counts(): { unread_count: number; categories: Record<string, number>; as_of: number } {
    const unread = [...this.#records.values()].filter((record) => this.isUnread(record.body.id));
    const categories: Record<string, number> = {};
    for (const { body } of unread) {
      if (typeof body.category === 'string') categories[body.category] = (categories[body.category] ?? 0) + 1;
    }
    return { unread_count: unread.length, categories, as_of: this.rev };
  }

  /** Frames for a client without a cursor: the newest unread, receipts as if some had come meanwhile, then `synced`. */
  *welcome(): Generator<ServerFrame> {
    const unread = [...this.#records.values()].filter(({ body }) => this.isUnread(body.id));
    const newest = unread.sort((a, b) => placeOf(b) - placeOf(a)).slice(0, 20);
    for (const record of newest.sort((a, b) => a.rev - b.rev)) {
      yield { ...this.#frame(record), replayed: true, snapshot: true } as ServerFrame;
    }
    yield { ...this.#receiptsFrame([]), replayed: true };
    yield { type: 'synced', cursor: `t:${this.rev}`, ...this.counts(), read_upto: this.readUpTo };
  }

  /** Frames for a client that has received everything up to a rev. */
  *since(after: number): Generator<ServerFrame> {
    const records = [...this.#records.values()].map((record) => this.#frame(record));
    const gone = [...this.#retracted].map(([id, rev]) => this.#retraction(id, rev));
    const missed = [...records, ...gone].filter(({ rev }) => rev > after).sort((a, b) => a.rev - b.rev);
    for (const frame of missed) yield { ...frame, replayed: true } as ServerFrame;
    yield { ...this.#receiptsFrame([...this.#records.keys()]), replayed: true };
    yield { type: 'synced', cursor: `t:${this.rev}`, ...this.counts(), read_upto: this.readUpTo };
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  isUnread(id: string): boolean {
    const record = this.#record(id);
    return !isOver(record) && !record.archivedAt && !record.snoozedUntil && !this.#isRead(record);
  }

  /** Ids of a view, newest first. */
  ids(view: 'inbox' | 'archived' | 'snoozed'): string[] {
    const all = [...this.#records.values()].filter((record) => viewOf(record) === view);
    return all.sort((a, b) => placeOf(b) - placeOf(a)).map(({ body }) => body.id);
  }

  // --- what the user does

  /** Runs an action of the inbox. @returns its reply. @throws TidingsError as the server would answer */
  act(action: ClientAction): Record<string, unknown> {
    switch (action.action) {
      case 'list':
        return this.#list(action);
      case 'mark_all_read':
        return this.#markAll(action.up_to ?? this.rev);
      case 'answer':
        return this.#answer(action);
      default:
        return this.#mark(action);
    }
  }

  #mark(action: ClientAction): Record<string, unknown> {
    const { ids = [], id } = action as { ids?: string[]; id?: string };
    const named = id === undefined ? ids : [...ids, id];
    const known = named.filter((one) => this.#records.has(one));
    if (known.length === 0) throw new TidingsError('not_found', `there is no notification ${named[0]} in this inbox`);
    const before = known.map((one) => JSON.stringify(this.#record(one)));
    for (const one of known) this.#markOne(this.#record(one), action);
    const changed = known.filter((one, at) => JSON.stringify(this.#record(one)) !== before[at]);
    if (changed.length > 0) {
      this.rev += 1;
      for (const one of changed) if (action.action === 'mark_read') this.#record(one).readRev = this.rev;
      this.#tellReceipts(changed);
    }
    return { marked: changed.length, not_found: named.filter((one) => !known.includes(one)) };
  }

  #markOne(record: Stored, action: ClientAction): void {
    const now = this.#time();
    if (action.action === 'mark_seen') record.seenAt ??= now;
    if (action.action === 'mark_read' && !this.#isRead(record)) {
      Object.assign(record, { readAt: now, seenAt: record.seenAt ?? now, isMarkedUnread: false });
    }
    if (action.action === 'mark_unread') record.isMarkedUnread ||= this.#isRead(record);
    if (action.action === 'archive')
      Object.assign(record, { archivedAt: record.archivedAt ?? now, snoozedUntil: null });
    if (action.action === 'unarchive') record.archivedAt = null;
    if (action.action === 'snooze') Object.assign(record, { archivedAt: null, snoozedUntil: action.until });
    if (action.action === 'unsnooze') record.snoozedUntil = null;
  }

  #markAll(upTo: number): Record<string, unknown> {
    const reached = [...this.#records.values()].filter((record) => placeOf(record) <= upTo);
    const isNew = upTo > this.readUpTo || reached.some(({ isMarkedUnread }) => isMarkedUnread);
    if (!isNew) return { marked: false };
    const again = reached.filter(({ isMarkedUnread }) => isMarkedUnread);
    for (const record of again) record.isMarkedUnread = false;
    this.readUpTo = Math.max(upTo, this.readUpTo);
    this.rev += 1;
    this.#tellReceipts(again.map(({ body }) => body.id));
    return { marked: true };
  }

  #answer({ id, action_id, comment }: Extract<ClientAction, { action: 'answer' }>): Record<string, unknown> {
    const record = this.#record(id);
    const { answer } = record.body;
    if (answer && (answer as { action_id: string }).action_id !== action_id) {
      throw new TidingsError('conflict', 'it was answered in another way before');
    }
    if (answer) return { id, answer, repeated: true };
    const given = {
      ...{ action_id, label: action_id, user_id: '42', username: 'amadmin', answered_at: this.#time() },
      ...(comment !== undefined && { comment }),
    };
    this.edit(id, { answer: given });
    this.act({ action: 'mark_read', ids: [id] });
    return { id, answer: given };
  }

  #list(action: Extract<ClientAction, { action: 'list' }>): Record<string, unknown> {
    const { before = Number.POSITIVE_INFINITY, limit = 20, view = 'inbox', unread, category, q } = action;
    const text = ({ title, message, file_name }: Record<string, unknown>) => [title, message, file_name].join('\n');
    const found = this.ids(view)
      .map((id) => this.#record(id))
      .filter((record) => placeOf(record) < before)
      .filter((record) => unread === undefined || unread === !(this.#isRead(record) || isOver(record)))
      .filter(({ body }) => category === undefined || category === body.category)
      .filter(({ body }) => q === undefined || text(body).toLowerCase().includes(q.toLowerCase()));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const { unread_count, categories } = this.counts();
    return {
      items: page.map((record) => this.#frame(record)),
      next_before: found.length > page.length && last ? placeOf(last) : null,
      unread_count,
      categories,
    };
  }

  #record(id: string): Stored {
    const record = this.#records.get(id);
    if (!record) throw new TidingsError('not_found', `there is no notification ${id} in this inbox`);
    return record;
  }

  #isRead(record: Stored): boolean {
    return !record.isMarkedUnread && placeOf(record) <= Math.max(this.readUpTo, record.readRev);
  }

  #receipt(record: Stored): Receipt {
    const { body, seenAt, readAt, archivedAt, snoozedUntil, returnedRev } = record;
    return {
      ...{ id: body.id, seen_at: seenAt, read_at: this.#isRead(record) ? (readAt ?? this.#time()) : null },
      ...{ archived_at: archivedAt, snoozed_until: snoozedUntil, ...(returnedRev && { alert_rev: returnedRev }) },
    };
  }

  #retraction(id: string, rev: number): FrameOf<'retracted'> {
    return { type: 'retracted', id, rev, timestamp: this.#time(), data: {} };
  }

  /** A frame with this user's receipt, as in pages and replays. */
  #frame(record: Stored): NotificationFrame {
    return { ...this.#shared(record), receipt: this.#receipt(record) };
  }

  #shared({ body, rev, alertRev }: Stored): NotificationFrame {
    return { ...body, rev, ...(alertRev !== rev && { alert_rev: alertRev }) } as unknown as NotificationFrame;
  }

  #deliver(id: string, when: 'live' | 'later'): NotificationFrame {
    const frame = this.#shared(this.#record(id));
    if (when === 'live') this.#emit(frame);
    return frame;
  }

  #receiptsFrame(ids: readonly string[], returned?: readonly NotificationFrame[]): FrameOf<'receipts'> {
    return {
      ...{ type: 'receipts', id: 'receipts:42', rev: this.rev, timestamp: this.#time(), data: {} },
      items: ids.map((id) => this.#receipt(this.#record(id))),
      ...{ ...this.counts(), read_upto: this.readUpTo },
      ...(returned && { returned: [...returned] }),
    };
  }

  #tellReceipts(ids: readonly string[], returned?: readonly NotificationFrame[]): void {
    this.#emit(this.#receiptsFrame(ids, returned));
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

const placeOf = ({ alertRev, returnedRev }: Stored): number => Math.max(alertRev, returnedRev);

const viewOf = ({ archivedAt, snoozedUntil }: Stored): 'inbox' | 'archived' | 'snoozed' =>
  archivedAt ? 'archived' : snoozedUntil ? 'snoozed' : 'inbox';

/** True for a notification that is not counted any more, read or not. */
const isOver = ({ body }: Stored): boolean => !!(body.expired || body.answer);
