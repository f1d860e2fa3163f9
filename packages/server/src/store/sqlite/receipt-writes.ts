import type { Receipt } from '@tidings/protocol';
import { type InboxState, receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import type { Outcome, ReceiptWrite } from '../../domain/ports.ts';
import { isShared, userTopic } from '../../domain/topics.ts';
import { defaultSinceOf } from '../counts.ts';
import type { Row } from '../engine.ts';
import { marked } from '../marking.ts';
import { returnedFrame } from '../receipt-rows.ts';
import { isUnread, receiptOf, watermarkOf } from '../rows.ts';
import type { Transaction } from './transaction.ts';

/** How many receipts one rev changes at most: what a catch-up can tell in one page. */
const receiptsAtOnce = 1_000;

/** What a frame of receipts tells. */
interface Told {
  items: Receipt[];
  returned: object[];
}

/** What became of the notifications that a receipt named. */
interface Marked extends Told {
  missing: string[];
}

/** Stores what users do with notifications. */
export class ReceiptWrites {
  readonly #at: Transaction;

  constructor(at: Transaction) {
    this.#at = at;
  }

  receipt(write: ReceiptWrite): Outcome {
    if (write.upTo !== null) return this.#readUpTo(write, write.upTo);
    const rev = this.#at.head + 1;
    const done = this.#markEach(write, rev);
    const missing = done.missing.length > 0 ? { missing: done.missing } : {};
    if (done.items.length === 0) return { status: 'unchanged', ...missing };
    this.#at.head = rev;
    const state = this.#at.inboxState(write.userId);
    this.#tellReceipts(write, rev, done, state);
    return { status: 'stored', id: receiptsRecordId(write.userId), rev, marked: done.items.length, ...missing };
  }

  #tellReceipts({ userId, at }: ReceiptWrite, rev: number, told: Told, state: InboxState): void {
    const body = receiptsBody(userId, told.items, told.returned, state, at);
    this.#at.produced.push({
      ...{ rev, id: receiptsRecordId(userId), kind: 'receipts', topics: [userTopic(userId)], audience: null, body },
      ...{ alertRev: 0, recount: false },
    });
  }

  #markEach(write: ReceiptWrite, rev: number): Marked {
    const { userId } = write;
    const watermark = watermarkOf(this.#at.get('user', userId));
    const done: Marked = { items: [], returned: [], missing: [] };
    for (const named of new Set(write.ids)) {
      const found = this.#find(userId, named, write.topics);
      if (!found) {
        done.missing.push(named);
        // One that is not the user's any more never comes back.
        if (write.mark === 'return') this.#at.run('endSnooze', userId, named);
        continue;
      }
      const id = String(found.id);
      const before = this.#at.withReceipt(userId, id, found);
      const marks = marked(before, watermark.rev, { mark: write.mark, at: write.at, until: write.until, rev });
      if (!marks) continue;
      const { seen_at, read_at, archived_at, snoozed_until, read_rev, asked_rev, marked_unread } = marks;
      const when = [seen_at, read_at, archived_at, snoozed_until];
      this.#at.run('setReceipt', userId, id, rev, ...when, read_rev, asked_rev, marked_unread);
      const after: Row = { ...found, ...marks };
      this.#recount(userId, found, isUnread(before, watermark.rev), isUnread(after, watermark.rev));
      const receipt = receiptOf(after, id, watermark);
      done.items.push(receipt);
      if (write.mark === 'return') done.returned.push(this.#returned(id, after, receipt));
    }
    return done;
  }

  #returned(id: string, after: Row, receipt: Receipt): object {
    const { rev, body } = this.#at.get('record', id) as Row;
    return returnedFrame({ ...after, record_rev: rev as number, body: body as string }, receipt);
  }

  #recount(userId: string, { topic, category }: Row, before: boolean, after: boolean): void {
    if (!isShared(String(topic))) this.#at.deltas.add(userId, String(category), Number(after) - Number(before));
  }

  #find(userId: string, id: string, topics: readonly string[]): Row | undefined {
    for (const name of ['inboxRecord', 'inboxRecordByExternalId'] as const) {
      for (const topic of topics) {
        const row = this.#at.get(name, id, topic, userId, topic, defaultSinceOf(topic));
        if (row) return row;
      }
    }
    return undefined;
  }

  #readUpTo(write: ReceiptWrite, upTo: number): Outcome {
    const { userId, at } = write;
    const first = this.#at.head + 1;
    const bounded = Math.min(upTo, this.#at.head);
    const before = this.#at.watermark(userId);
    const unmarked = this.#unmark(userId, bounded);
    if (unmarked === 0 && bounded <= before) return { status: 'unchanged' };
    this.#at.head = Math.max(this.#at.head, first);
    this.#at.run('setReadUpto', userId, Math.max(before, bounded), at, first);
    this.#countAnew(userId);
    const state = this.#at.inboxState(userId);
    for (let rev = first; rev <= this.#at.head; rev++) {
      const rows = this.#at.all('receiptsAfter', userId, rev - 1, receiptsAtOnce).filter((row) => row.rev === rev);
      const items = rows.map((row) => receiptOf(row, String(row.record_id), watermarkOf(row)));
      this.#tellReceipts(write, rev, { items, returned: [] }, state);
    }
    return { status: 'stored', id: receiptsRecordId(userId), rev: this.#at.head };
  }

  /** What was marked as unread is read with the rest, wherever the watermark was already. @returns how many */
  #unmark(userId: string, upTo: number): number {
    for (let unmarked = 0; ; ) {
      const { changes } = this.#at.run('unmark', this.#at.head + 1, userId, userId, upTo, receiptsAtOnce);
      if (changes > 0) this.#at.head++;
      unmarked += changes;
      if (changes < receiptsAtOnce) return unmarked;
    }
  }

  /** Counts what is unread on a user's own topic, when a watermark moved over any number of them. */
  #countAnew(userId: string): void {
    const topic = userTopic(userId);
    this.#at.writeCounts();
    this.#at.run('clearCounts', userId);
    const above = this.#at.all('ownAbove', userId, userId, topic, userId, userId);
    const below = this.#at.all('ownBelow', topic, userId, userId);
    for (const { category, n } of [...above, ...below]) this.#at.deltas.add(userId, String(category), Number(n));
  }
}
