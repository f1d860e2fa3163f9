import type { Selectable } from 'kysely';
import type { PersonalChange, RecordPage, StoredRecord } from '../domain/store/records.ts';
import type { Change } from '../domain/writes.ts';
import type { PageRows, SizedRow } from './page-rows.ts';
import { type DatedAttention, receiptOf, type Watermark } from './receipt.ts';
import type { Schema } from './schema.ts';

type RecordRow = Selectable<Schema['records']>;

/** A record as clients receive it. `alert_rev` and `expired` may be those on one of its topics. */
export type ChangeRow = Pick<
  RecordRow,
  'rev' | 'id' | 'kind' | 'topics' | 'audience' | 'body' | 'alert_rev' | 'expired'
> &
  Partial<Pick<RecordRow, 'collapse' | 'status'>>;

/** A record as the domain has it. */
export type StoredRow = ChangeRow &
  Pick<RecordRow, 'state' | 'status' | 'external_id' | 'category' | 'collapse' | 'due_at' | 'at'>;

/** A user's receipt, joined to something: null if the user did nothing with it. `asked_rev` is its `alert_rev`. */
export type JoinedReceipt = {
  [Column in Exclude<keyof DatedAttention, 'alert_rev'> | 'asked_rev']: number | null;
};

/** SQL of the size of a record's texts: its frame and the domain's state. */
export const changeBytes = 'octet_length(topics) + coalesce(octet_length(audience), 0) + octet_length(body)';
export const recordBytes = `${changeBytes} + coalesce(octet_length(state), 0)`;

/** A record with one user's receipt, if that was read. */
export type PersonalRow = ChangeRow & Partial<JoinedReceipt> & SizedRow;

/** The same on a list: `list_rev` is the rev at which it last asked this user for attention. */
export type ListedRow = PersonalRow & { list_rev: number };

function changeOf(row: ChangeRow): Change {
  const { rev, id, kind, topics, audience, body, status, alert_rev: alertRev } = row;
  const hasMoved = alertRev > 0 && alertRev < rev;
  const mayBeRenewed = (row.collapse ?? null) !== null;
  return {
    ...{ rev, id, kind: kind as Change['kind'], body, status, alertRev },
    topics: JSON.parse(topics),
    viewers: audience === null ? null : JSON.parse(audience),
    // The steps between are not known any more: counts may have changed.
    recount: kind === 'retracted' || row.expired === 1 || hasMoved || mayBeRenewed,
  };
}

/** A change, for those apart whom it asked for attention at another rev than others: `earlier` are their topics, with that rev. */
export function changesOf(row: ChangeRow, earlier: readonly { topic: string; alert_rev: number }[]): Change[] {
  const change = changeOf(row);
  if (earlier.length === 0) return [change];
  const alertRevs = new Map(earlier.map(({ topic, alert_rev }) => [topic, alert_rev]));
  const parts = Map.groupBy(change.topics, (topic) => alertRevs.get(topic) ?? change.alertRev);
  return [...parts].map(([alertRev, topics]) => ({ ...change, topics, alertRev, recount: true }));
}

export const storedOf = (row: StoredRow): StoredRecord => ({
  ...changeOf(row),
  ...{ state: row.state, status: row.status, externalId: row.external_id, category: row.category },
  ...{ collapse: row.collapse, expired: row.expired === 1, dueAt: row.due_at, at: row.at },
});

export const recordPageOf = ({ rows, full }: PageRows<StoredRow>): RecordPage => ({
  records: rows.map(storedOf),
  full,
});

/** A record with this user's receipt, the watermark included. */
export function personalOf(row: PersonalRow, watermark: Watermark): PersonalChange {
  const change = changeOf(row);
  const hasReceipt = (row.read_rev ?? null) !== null;
  const underWatermark = change.alertRev > 0 && change.alertRev <= watermark.rev;
  const receipt =
    hasReceipt || underWatermark ? receiptOf(change.id, change.alertRev, attentionOf(row), watermark) : null;
  return { ...change, receipt };
}

/** The rev at which a notification last asked this user for attention. */
export const askedAt = (row: { alert_rev: number | null } & Partial<Pick<JoinedReceipt, 'asked_rev'>>): number =>
  Math.max(row.alert_rev ?? 0, row.asked_rev ?? 0);

export const attentionOf = (row: Partial<JoinedReceipt>): DatedAttention => ({
  ...{ seen_at: row.seen_at ?? null, read_at: row.read_at ?? null, archived_at: row.archived_at ?? null },
  ...{ snoozed_until: row.snoozed_until ?? null, read_rev: row.read_rev ?? 0, alert_rev: row.asked_rev ?? 0 },
  marked_unread: row.marked_unread ?? 0,
});
