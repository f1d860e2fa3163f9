import type { Receipt } from '@tidings/protocol';
import type { Received } from './memory-connection.ts';

/** A notification as a client holds it. */
export interface HeldNote {
  id: string;
  rev: number;
  /** Its place in the list: the rev at which it last asked this user for attention. */
  asked: number;
  /** The shared topic it came by; null if it is personal. */
  topic: string | null;
  category: string;
  expired: boolean;
  silent: boolean;
  seen: boolean;
  read: boolean;
  archived: boolean;
  snoozed: boolean;
  /** The frame as it was last sent. */
  frame: Received;
}

type Counting = { unread_count: number; categories: Record<string, number> };
type Receipts = { items: Receipt[]; returned?: Received[]; read_upto: number; as_of: number; rev: number };
type Standing = Pick<HeldNote, 'seen' | 'read' | 'archived' | 'snoozed'>;

const fresh: Standing = { seen: false, read: false, archived: false, snoozed: false };
const noNotification = /^(task_.*|room_event|ping|reply|error|subscribed|unsubscribed|connection_established)$/;

const standingOf = ({ seen_at, read_at, archived_at, snoozed_until }: Receipt): Standing => ({
  ...{ seen: seen_at !== null, read: read_at !== null },
  ...{ archived: archived_at !== null, snoozed: snoozed_until !== null },
});

/** A list and a badge, kept by the rules of PROTOCOL.md and without optimizations. */
export class ReferenceInbox {
  readonly notes = new Map<string, HeldNote>();
  /** Notifications that asked for attention up to this rev and are not held were never loaded. */
  knownUpTo = 0;
  #readUpTo = 0;
  #counts: Counting = { unread_count: 0, categories: {} };
  #asOf = -1;
  /** Live notifications beyond the rev up to which the count is exact. */
  readonly #newer = new Map<string, { asked: number; category: string }>();
  /** The last receipt of each notification, held or not: it may come later, or come back with its topic, by a frame without one. */
  readonly #told = new Map<string, Standing & { rev: number; asked: number }>();

  /** The notifications that are neither archived nor snoozed, newest first. */
  get list(): HeldNote[] {
    const shown = [...this.notes.values()].filter(({ silent, archived, snoozed }) => !silent && !archived && !snoozed);
    return shown.sort((a, b) => b.asked - a.asked);
  }

  get count(): number {
    return this.#counts.unread_count + this.#newer.size;
  }

  get categories(): Record<string, number> {
    const all = { ...this.#counts.categories };
    for (const { category } of this.#newer.values()) if (category) all[category] = (all[category] ?? 0) + 1;
    return all;
  }

  /** Removes everything, before a snapshot. */
  clear(readUpTo: number): void {
    this.notes.clear();
    this.#newer.clear();
    this.#told.clear();
    this.#asOf = -1;
    this.#readUpTo = readUpTo;
    this.knownUpTo = 0;
  }

  /** Applies a frame that is no duplicate. @returns the ids that it removed */
  apply(frame: Received): string[] {
    const { type } = frame;
    if (type === 'retracted') return this.#drop(({ id }) => id === frame.id);
    if (type === 'receipts') this.#receipts(frame);
    else if (type === 'synced' || type === 'unread_count' || type.startsWith('topic_')) return this.#counted(frame);
    else if (!noNotification.test(type)) this.#notification(frame);
    return [];
  }

  /** A topic that is left is cleared; one that is joined begins with what follows. */
  #counted(frame: Received): string[] {
    const { type, topic } = frame;
    const asOf = frame.as_of as number;
    if (type === 'synced') this.knownUpTo = asOf;
    this.#takeCounts(frame, asOf);
    return type.startsWith('topic_') ? this.#drop((note) => note.topic === topic) : [];
  }

  #notification(frame: Received): void {
    const { id = '', rev = 0, alert_rev, replayed, snapshot, receipt, expired, silent } = frame;
    const held = this.notes.get(id);
    const own = (receipt as Receipt | undefined)?.alert_rev ?? this.#told.get(id)?.asked ?? 0;
    const asked = Math.max((alert_rev as number | undefined) ?? rev, own);
    if (!held && !snapshot && asked <= this.knownUpTo) return;
    const isLive = !replayed && !snapshot;
    const standing = isLive ? this.#standing(id, asked) : standingOfSent(receipt);
    this.#put(frame, Math.max(asked, held?.asked ?? 0), standing);
    if (!isLive || silent || expired || asked <= Math.max(this.#asOf, this.#newer.get(id)?.asked ?? 0)) return;
    this.#newer.set(id, { asked, category: String(frame.category ?? '') });
  }

  /** The state of a notification that comes live: one that asks again begins anew. */
  #standing(id: string, asked: number): Standing {
    const held = this.notes.get(id);
    if (held && asked <= held.asked) return held;
    const told = held ? undefined : this.#told.get(id);
    return told && asked <= told.rev ? told : { ...fresh, read: asked <= this.#readUpTo };
  }

  #put(frame: Received, asked: number, { seen, read, archived, snoozed }: Standing): void {
    const { id = '', rev = 0, topic = null, category = '', expired, silent } = frame;
    this.notes.set(id, {
      ...{ id, rev, asked, topic: topic as string | null, category: category as string },
      ...{ expired: expired === true, silent: silent === true, seen, read, archived, snoozed, frame },
    });
  }

  #receipts(frame: Received): void {
    const { items, returned = [], read_upto, as_of, rev } = frame as unknown as Receipts;
    if (read_upto > this.#readUpTo) {
      this.#readUpTo = read_upto;
      for (const note of this.notes.values()) if (note.asked <= read_upto) note.read = true;
    }
    for (const receipt of items) {
      const note = this.notes.get(receipt.id);
      const { alert_rev: asked = 0 } = receipt;
      this.#told.set(receipt.id, { ...standingOf(receipt), rev, asked });
      // Otherwise the receipt is from before the notification asked again.
      if (note && rev >= note.asked) Object.assign(note, standingOf(receipt), { asked: Math.max(note.asked, asked) });
    }
    for (const whole of returned) this.#put(whole, whole.alert_rev as number, standingOfSent(whole.receipt));
    this.#takeCounts(frame, as_of);
  }

  #takeCounts(frame: Received, asOf: number): void {
    if (asOf < this.#asOf) return;
    this.#asOf = asOf;
    const { unread_count, categories } = frame as unknown as Counting;
    this.#counts = { unread_count, categories };
    for (const [id, { asked }] of this.#newer) if (asked <= asOf) this.#newer.delete(id);
  }

  #drop(isGone: (note: HeldNote) => boolean): string[] {
    const gone = [...this.notes.values()].filter(isGone).map(({ id }) => id);
    for (const id of gone) this.notes.delete(id);
    return gone;
  }
}

/** The state of a notification that is sent again: its receipt is part of the frame, or none exists. */
const standingOfSent = (receipt: unknown): Standing => (receipt ? standingOf(receipt as Receipt) : fresh);
