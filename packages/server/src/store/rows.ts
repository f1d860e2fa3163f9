import type { Receipt } from '@tidings/protocol';
import type { Change, PersonalChange, StoredRecord, StoredUser } from '../domain/ports.ts';
import type { Row } from './engine.ts';

const iso = (at: string | number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(Number(at)).toISOString();

function changeOf(row: Row): Change {
  const [rev, alertRev] = [Number(row.rev), Number(row.alert_rev)];
  const hasMoved = alertRev > 0 && alertRev < rev;
  const mayBeRenewed = (row.collapse ?? null) !== null;
  return {
    rev,
    id: String(row.id),
    kind: row.kind as Change['kind'],
    topics: JSON.parse(String(row.topics)),
    audience: row.audience === null ? null : JSON.parse(String(row.audience)),
    body: String(row.body),
    alertRev,
    // What happened between is not known any more: counts may be others.
    recount: row.kind === 'retracted' || Number(row.expired) === 1 || hasMoved || mayBeRenewed,
  };
}

/** A change, for those apart whom it asked for attention at another rev than others: `earlier` are their topics, with that rev. */
export function changesOf(row: Row, earlier: readonly Row[]): Change[] {
  const change = changeOf(row);
  if (earlier.length === 0) return [change];
  const askedAt = new Map(earlier.map(({ topic, alert_rev }) => [String(topic), Number(alert_rev)]));
  const parts = Map.groupBy(change.topics, (topic) => askedAt.get(topic) ?? change.alertRev);
  return [...parts].map(([alertRev, topics]) => ({ ...change, topics, alertRev, recount: true }));
}

export const storedOf = (row: Row): StoredRecord => ({
  ...changeOf(row),
  state: row.state as string | null,
  status: row.status as string | null,
  externalId: row.external_id as string | null,
  category: String(row.category),
  collapse: row.collapse as string | null,
  expired: Number(row.expired) === 1,
  dueAt: row.due_at === null ? null : Number(row.due_at),
  at: Number(row.at),
});

export const userOf = (row: Row | undefined): StoredUser | null =>
  row === undefined
    ? null
    : {
        username: row.username as string | null,
        roles: row.roles === null ? null : JSON.parse(String(row.roles)),
        rolesAt: Number(row.roles_at),
      };

/** A user's watermark: everything that asked for attention up to `rev` was read at that time. */
export interface Watermark {
  rev: number;
  at: string | null;
}

export const watermarkOf = (user: Row | undefined): Watermark => ({
  rev: Number(user?.read_upto ?? 0),
  at: iso(user?.read_upto_at),
});

/** The rev at which a notification last asked this user for attention. */
export const askedAt = (row: Row): number => Math.max(Number(row.alert_rev ?? 0), Number(row.asked_rev ?? 0));

/** Whether a notification has had this user's attention since it last asked; the row holds its alert and its receipt. */
export const isRead = (row: Row, watermark: number): boolean =>
  Number(row.marked_unread ?? 0) === 0 && askedAt(row) <= Math.max(watermark, Number(row.read_rev ?? 0));

/** Whether it counts: asks for attention, is neither expired nor put away nor snoozed, and has not been read. */
export const isUnread = (row: Row, watermark: number): boolean =>
  Number(row.alert_rev) > 0 &&
  Number(row.expired) === 0 &&
  (row.archived_at ?? null) === null &&
  (row.snoozed_until ?? null) === null &&
  !isRead(row, watermark);

export function receiptOf(row: Row, id: string, watermark: Watermark): Receipt {
  const readAt = iso(row.read_at) ?? watermark.at;
  const asked = Number(row.asked_rev ?? 0);
  return {
    id,
    seen_at: iso(row.seen_at),
    read_at: isRead(row, watermark.rev) ? readAt : null,
    archived_at: iso(row.archived_at),
    snoozed_until: iso(row.snoozed_until),
    ...(asked > 0 ? { alert_rev: asked } : {}),
  };
}

/** A record with this user's receipt, the watermark included. */
export function personalOf(row: Row, watermark: Watermark): PersonalChange {
  const change = changeOf(row);
  const hasReceipt = row.read_rev !== null && row.read_rev !== undefined;
  const underWatermark = change.alertRev > 0 && change.alertRev <= watermark.rev;
  return { ...change, receipt: hasReceipt || underWatermark ? receiptOf(row, change.id, watermark) : null };
}
