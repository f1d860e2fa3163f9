import type { Receipt } from '@tidings/protocol';
import { receiptsRecordId } from '../../domain/inbox/receipts.ts';
import { isShared, userTopic } from '../../domain/topics.ts';
import type { Outcome, ReceiptWrite } from '../../domain/writes.ts';
import { iso, receiptOf } from '../receipt.ts';
import { askedAt, isUnread } from '../unread.ts';
import type { DerivedChange } from './derived-changes.ts';
import { marked } from './marks.ts';
import { type ReceiptRow, type StandingRow, topicsOf, type VersionRow } from './source.ts';
import type { WorkingSet } from './working-set.ts';

/** A notification in a user's inbox, and the topic on which it is there. */
interface Found {
  version: VersionRow;
  topic: string;
  standing: StandingRow;
}

/** Stores what a user did with notifications. @param derive takes in what the frames of it are made of */
export function receipt(rows: WorkingSet, write: ReceiptWrite, derive: (derived: DerivedChange) => void): Outcome {
  if (write.upTo !== null) return readUpTo(rows, write, write.upTo, derive);
  const { userId, at } = write;
  const rev = rows.head + 1;
  const [items, returned, missing]: [Receipt[], object[], string[]] = [[], [], []];
  let seen = 0;
  for (const named of new Set(write.ids)) {
    const found = find(rows, write, named);
    if (!found) {
      missing.push(named);
      const ended = write.mark === 'return' ? endSnooze(rows, write, rev, named) : null;
      if (ended) items.push(ended);
      continue;
    }
    const isUnseen = !rows.users.receipt(userId, found.version.id)?.seen_at;
    const item = markOne(rows, write, rev, found);
    if (!item) continue;
    items.push(item);
    if (isUnseen && item.seen_at) seen++;
    if (write.mark === 'return') returned.push(returnedFrame(rows, found, item));
  }
  const missed = missing.length > 0 ? { missing } : {};
  if (items.length === 0) return { status: 'unchanged', ...missed };
  rows.head = rev;
  derive({ kind: 'receipts', rev, userId, at, items, returned });
  return { status: 'stored', id: receiptsRecordId(userId), rev, marked: items.length, seen, ...missed };
}

/** Looks for a notification in the topics of an inbox, by its id or else by the application's own. */
function find(rows: WorkingSet, { userId, topics }: ReceiptWrite, named: string): Found | undefined {
  const starts = topics.flatMap((topic) => {
    const start = membershipStart(rows, userId, topic);
    return start === null ? [] : [{ topic, start }];
  });
  const byId = rows.records.version(named);
  for (const { topic, start } of byId ? starts : []) {
    const found = foundOn(rows, topic, byId);
    if (found && found.standing.alert_rev > start) return found;
  }
  for (const { topic, start } of starts) {
    const found = foundOn(rows, topic, rows.records.byExternalId(topic, named, start));
    if (found) return found;
  }
  return undefined;
}

function foundOn(rows: WorkingSet, topic: string, version: VersionRow | undefined): Found | undefined {
  const standing = version && rows.records.standing(version, topic);
  return standing && { version, topic, standing };
}

/** The rev past which a user sees what is on a topic; null if the topic is shared and not the user's. */
function membershipStart(rows: WorkingSet, userId: string, topic: string): number | null {
  if (!isShared(topic)) return 0;
  const membership = rows.users.memberships(userId).get(topic);
  return membership && membership.left_rev === null ? membership.since : null;
}

function markOne(rows: WorkingSet, write: ReceiptWrite, rev: number, found: Found): Receipt | null {
  const { userId, mark, at, until } = write;
  const { version, standing } = found;
  const { read_upto: watermark, read_upto_at } = rows.users.watermark(userId);
  const stored = rows.users.receipt(userId, version.id);
  const before = stored ?? noReceipt(userId, version.id);
  const changed = marked(before, { mark, rev, at, until, alertRev: standing.alert_rev, watermark });
  if (!changed) return null;
  const after: ReceiptRow = { ...before, ...changed, rev, shared_rev: sharedRev(version) };
  setReceipt(rows, found, stored, after, watermark);
  return receiptOf(version.id, standing.alert_rev, after, { rev: watermark, at: iso(read_upto_at) });
}

/** Stores a receipt, with what it changes of the count of the user's own topic. */
function setReceipt(
  rows: WorkingSet,
  { topic, standing }: Found,
  before: ReceiptRow | undefined,
  after: ReceiptRow,
  watermark: number,
): void {
  rows.users.setReceipt(after);
  if (isShared(topic)) return;
  const [is, was] = [isUnread(standing, after, watermark), isUnread(standing, before, watermark)];
  rows.users.count(after.user_id, standing.category, Number(is) - Number(was));
}

/** The newest rev at which a notification asked on a shared topic may be. */
const sharedRev = ({ topics, alert_rev }: VersionRow): number => (topicsOf(topics).some(isShared) ? alert_rev : 0);

const noReceipt = (user_id: string, record_id: string): ReceiptRow => ({
  ...{ user_id, record_id, rev: 0, seen_at: null, read_at: null, read_rev: 0, archived_at: null },
  ...{ snoozed_until: null, alert_rev: 0, marked_unread: 0, shared_rev: 0 },
});

/**
 * Ends a snooze whose notification is not the user's any more, and so does not return.
 *
 * @returns the receipt to send, since the notification may become the user's again; null if there is none
 */
function endSnooze(rows: WorkingSet, write: ReceiptWrite, rev: number, recordId: string): Receipt | null {
  const row = rows.users.receipt(write.userId, recordId);
  if (!row || row.snoozed_until === null || row.snoozed_until > write.at) return null;
  const found = notificationOf(rows, row);
  if (found) return markOne(rows, { ...write, mark: 'unsnooze' }, rev, found);
  rows.users.setReceipt({ ...row, snoozed_until: null });
  return null;
}

/** A notification as it stands on its return, whole. */
function returnedFrame(rows: WorkingSet, { version, standing }: Found, receipt: Receipt): object {
  const body = rows.records.record(version)?.body ?? '{}';
  const alert_rev = askedAt(standing.alert_rev, { alert_rev: receipt.alert_rev ?? 0 });
  return { ...JSON.parse(body), alert_rev, receipt, rev: version.rev };
}

/**
 * Marks as read everything up to a rev. What was marked as unread is read first, wherever the watermark is: `marksAtOnce` records in one
 * write, each with a receipt of its own, and `next` in the outcome where more are left. The last such write moves the watermark.
 */
function readUpTo(
  rows: WorkingSet,
  write: ReceiptWrite,
  upTo: number,
  derive: (derived: DerivedChange) => void,
): Outcome {
  const { userId, at } = write;
  const { read_upto: before, read_upto_at } = rows.users.watermark(userId);
  const { rows: marked, next } = rows.users.markedUnread(userId, write.after ?? '');
  const bounded = next === null ? rows.boundedByHead(upTo) : 0;
  const rev = rows.head + 1;
  const isMoved = bounded > before;
  const watermark = isMoved ? { rev: bounded, at: iso(at) } : { rev: before, at: iso(read_upto_at) };
  const items: Receipt[] = [];
  for (const row of marked) {
    const found = notificationOf(rows, row);
    if (!found) continue;
    const asked = askedAt(found.standing.alert_rev, row);
    if (asked > upTo) continue;
    const after = { ...row, read_at: at, read_rev: asked, marked_unread: 0, rev };
    setReceipt(rows, found, row, after, before);
    items.push(receiptOf(row.record_id, found.standing.alert_rev, after, watermark));
  }
  const more = next === null ? {} : { next };
  if (items.length === 0 && !isMoved) return { status: 'unchanged', ...more };
  if (isMoved) {
    rows.users.setWatermark({ user_id: userId, read_upto: bounded, read_upto_at: at, read_upto_rev: rev });
    rows.users.recount(userId);
  }
  rows.head = rev;
  derive({ kind: 'receipts', rev, userId, at, items, returned: [] });
  return { status: 'stored', id: receiptsRecordId(userId), rev, ...more };
}

/** The notification of a receipt, on the user's own topic if it is there. It need not be the user's at present. */
function notificationOf(rows: WorkingSet, { user_id, record_id }: ReceiptRow): Found | undefined {
  const version = rows.records.version(record_id);
  if (!version) return undefined;
  const topics = topicsOf(version.topics);
  const topic = topics.find((one) => one === userTopic(user_id)) ?? topics.find(isShared);
  return topic === undefined ? undefined : foundOn(rows, topic, version);
}
