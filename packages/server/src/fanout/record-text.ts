import type { Change } from '../domain/writes.ts';
import { truncated } from './truncated.ts';

/** JSON members that are added to a frame which is sent again. */
export const replayedMark = '"replayed":true';
export const snapshotMark = '"snapshot":true';

/** A record's frame as JSON: its body, the marks, its rev, and the rev at which it last asked for attention, if that is another. */
export function frameText(change: Pick<Change, 'body' | 'rev' | 'alertRev'>, marks: readonly string[] = []): string {
  const { body, rev, alertRev } = change;
  const asked = alertRev === 0 || alertRev === rev ? [] : [`"alert_rev":${alertRev}`];
  return `${body.slice(0, -1)}${frameEnd(rev, [...marks, ...asked])}`;
}

/** The end of a frame, in place of the last byte of its body. */
export const frameEnd = (rev: number, marks: readonly string[]): string =>
  `,${marks.map((mark) => `${mark},`).join('')}"rev":${rev}}`;

/** The frame for users who could see a record and may not any more: it has only the record's id. */
export function retractionText(change: Pick<Change, 'id' | 'rev' | 'body'>, marks: readonly string[] = []): string {
  const { timestamp } = JSON.parse(change.body) as { timestamp: string };
  const body = JSON.stringify({ type: 'retracted', id: change.id, timestamp, data: {} });
  return frameText({ body, rev: change.rev, alertRev: 0 }, marks);
}

/** A change with no more left of its frame than a client that takes no more needs. */
export const truncatedChange = <C extends Pick<Change, 'kind' | 'body' | 'rev'>>(change: C): C => ({
  ...change,
  body: JSON.stringify(truncated(change.kind, JSON.parse(change.body), change.rev)),
});

/** The id under which a later frame supersedes this one; null for receipts and memberships, which hold only what changed, so that each counts. */
export const supersededBy = (change: Pick<Change, 'id' | 'kind'>): string | null =>
  change.kind === 'receipts' || change.kind === 'membership' ? null : change.id;
