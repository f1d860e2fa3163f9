import type { Receipt } from '@tidings/protocol';
import { receiptsRecordId } from '../../domain/inbox/receipts.ts';
import { isShared } from '../../domain/topics.ts';
import type { Outcome, ReceiptWrite } from '../../domain/writes.ts';
import { iso, receiptOf } from '../receipt.ts';
import { askedAt, isUnread } from '../unread.ts';
import type { DerivedChange } from './derived-changes.ts';
import { marked } from './marks.ts';
import { markedAtOnce, type ReceiptRow, type StandingRow, type VersionRow } from './source.ts';
import type { WorkingSet } from './working-set.ts';

/** The most receipts that one rev changes: as many as a catch-up can send in one page. */
const receiptsAtOnce = 1_000;

/** The number of records from which on it is told how many were looked at. */
const manyLooked = 1_000;

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
  let [seen, looked] = [0, 0];
  for (const named of new Set(write.ids)) {
    const found = find(rows, write, named, (count) => {
      looked += count;
    });
    if (!found) {
      missing.push(named);
      // A notification that is not the user's any more never returns.
      if (write.mark === 'return') endSnooze(rows, userId, named);
      continue;
    }
    const isUnseen = !rows.users.receipt(userId, found.version.id)?.seen_at;
    const item = markOne(rows, write, rev, found);
    if (!item) continue;
    items.push(item);
    if (isUnseen && item.seen_at) seen++;
    if (write.mark === 'return') returned.push(returnedFrame(rows, found, item));
  }
  const missed = {
    ...(missing.length > 0 ? { missing } : {}),
    ...(looked > manyLooked ? { looked } : {}),
  };
  if (items.length === 0) return { status: 'unchanged', ...missed };
  rows.head = rev;
  derive({ kind: 'receipts', rev, userId, at, items, returned });
  return { status: 'stored', id: receiptsRecordId(userId), rev, marked: items.length, seen, ...missed };
}

/** Looks for a notification in the topics of an inbox, by its id or else by the application's own. */
function find(
  rows: WorkingSet,
  { userId, topics }: ReceiptWrite,
  named: string,
  looked: (count: number) => void,
): Found | undefined {
  const version = rows.records.version(named);
  const found = version && findIn(rows, userId, topics, [version]);
  if (found) return found;
  const others = rows.records.versionsByExternalId(named);
  looked(others.length);
  return findIn(rows, userId, topics, others);
}

function findIn(
  rows: WorkingSet,
  userId: string,
  topics: readonly string[],
  versions: readonly VersionRow[],
): Found | undefined {
  if (versions.length === 0) return undefined;
  for (const topic of topics) {
    const start = membershipStart(rows, userId, topic);
    if (start === null) continue;
    for (const version of versions) {
      const standing = rows.records.standing(version, topic);
      if (standing && standing.alert_rev > start) return { version, topic, standing };
    }
  }
  return undefined;
}

/** The rev past which a user sees what is on a topic; null if the topic is shared and not the user's. */
function membershipStart(rows: WorkingSet, userId: string, topic: string): number | null {
  if (!isShared(topic)) return 0;
  const membership = rows.users.memberships(userId).get(topic);
  return membership && membership.left_rev === null ? membership.since : null;
}

function markOne(rows: WorkingSet, write: ReceiptWrite, rev: number, found: Found): Receipt | null {
  const { userId, mark, at, until } = write;
  const { version, topic, standing } = found;
  const { read_upto: watermark, read_upto_at } = rows.users.watermark(userId) ?? { read_upto: 0, read_upto_at: null };
  const stored = rows.users.receipt(userId, version.id);
  const before = stored ?? noReceipt(userId, version.id);
  const changed = marked(before, { mark, rev, at, until, alertRev: standing.alert_rev, watermark });
  if (!changed) return null;
  const after: ReceiptRow = { ...before, ...changed, rev };
  rows.users.setReceipt(after);
  if (!isShared(topic)) {
    const [is, was] = [isUnread(standing, after, watermark), isUnread(standing, stored, watermark)];
    rows.users.count(userId, standing.category, Number(is) - Number(was));
  }
  return receiptOf(version.id, standing.alert_rev, after, { rev: watermark, at: iso(read_upto_at) });
}

const noReceipt = (user_id: string, record_id: string): ReceiptRow => ({
  ...{ user_id, record_id, rev: 0, seen_at: null, read_at: null, read_rev: 0, archived_at: null },
  ...{ snoozed_until: null, alert_rev: 0, marked_unread: 0 },
});

function endSnooze(rows: WorkingSet, userId: string, recordId: string): void {
  const row = rows.users.receipt(userId, recordId);
  if (row && row.snoozed_until !== null) rows.users.setReceipt({ ...row, snoozed_until: null });
}

/** A notification as it stands on its return, whole. */
function returnedFrame(rows: WorkingSet, { version, standing }: Found, receipt: Receipt): object {
  const body = rows.records.record(version)?.body ?? '{}';
  const alert_rev = askedAt(standing.alert_rev, { alert_rev: receipt.alert_rev ?? 0 });
  return { ...JSON.parse(body), alert_rev, receipt, rev: version.rev };
}

function readUpTo(
  rows: WorkingSet,
  write: ReceiptWrite,
  upTo: number,
  derive: (derived: DerivedChange) => void,
): Outcome {
  const { userId, at } = write;
  const before = rows.users.watermark(userId)?.read_upto ?? 0;
  const bounded = rows.boundedByHead(upTo);
  const { rows: unread, hasMore, count } = rows.users.markedUnread(userId, bounded);
  const more = { ...(count > markedAtOnce ? { looked: count } : {}), ...(hasMore ? { hasMore } : {}) };
  if (unread.length === 0 && bounded <= before) return { status: 'unchanged', ...more };
  const read_upto = Math.max(before, bounded);
  rows.users.setWatermark({ user_id: userId, read_upto, read_upto_at: at, read_upto_rev: rows.head + 1 });
  rows.users.recount(userId);
  const watermark = { rev: read_upto, at: iso(at) };
  // Notifications that were marked as unread are read with the rest, wherever the watermark was already.
  do {
    const rev = ++rows.head;
    const items = unread.splice(0, receiptsAtOnce).map((row) => {
      const after = { ...row, marked_unread: 0, rev };
      rows.users.setReceipt(after);
      return receiptOf(row.record_id, rows.users.askedAt(row), after, watermark);
    });
    derive({ kind: 'receipts', rev, userId, at, items, returned: [] });
  } while (unread.length > 0);
  return { status: 'stored', id: receiptsRecordId(userId), rev: rows.head, ...more };
}
