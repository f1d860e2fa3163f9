import type { Selectable } from 'kysely';
import type { Schema } from '../schema.ts';

export type RecordRow = Selectable<Schema['records']>;
export type TopicRow = Selectable<Schema['record_topics']>;
export type ReceiptRow = Selectable<Schema['receipts']>;
export type MembershipRow = Selectable<Schema['audiences']>;
export type IdempotencyRow = Selectable<Schema['idempotency']>;

/** The present version of a record: the rev it is at, its topics as JSON, and the rev at which it last asked for attention. */
export type VersionRow = Pick<RecordRow, 'id' | 'rev' | 'topics' | 'alert_rev'>;

/** The topics of a version. */
export const topicsOf = (topics: string): string[] => JSON.parse(topics) as string[];

/** Everything that asked this user for attention up to `read_upto` was read at that time. */
export type WatermarkRow = Pick<Selectable<Schema['users']>, 'read_upto' | 'read_upto_at'>;

/** The columns that decide whether a record counts on one topic. */
export type StandingRow = Pick<TopicRow, 'alert_rev' | 'expired' | 'category'>;

/** An idempotency key that was used: with which content, for which record. */
export type KeyRow = Pick<IdempotencyRow, 'hash' | 'record_id' | 'rev'>;

/** The most ids that one transaction marks, and the most records marked as unread that it looks at, so that publishing never waits for more. */
export const marksAtOnce = 100;

/** The most records that waited for a name which one transaction gives to its user. */
export const waitingAtOnce = 500;

/**
 * The rows that a plan is made from, as they are before its batch. Reads are synchronous: SQLite's come from the
 * database itself, PostgreSQL's from a snapshot that was read before.
 */
export interface Source {
  /** The rev that the sequence stands at. */
  readonly head: number;
  /** False once something was asked for that was not read: the plan is void, and only shows what else is to be read. */
  readonly isComplete: boolean;
  /** Says that the plan holds for exactly this head. */
  exactHead(): void;
  key(key: string): KeyRow | undefined;
  version(recordId: string): VersionRow | undefined;
  /**
   * The n-th (from 0) of the notifications on a topic with an application's own id that asked for attention past a rev; the one that asked
   * last comes first.
   */
  byExternalId(topic: string, externalId: string, after: number, n: number): VersionRow | undefined;
  /** The notifications that are linked to a task. */
  linkedTo(taskId: string): readonly VersionRow[];
  /** The keys of a room that have a value. @param topics of their records, as stored */
  roomState(topics: string): readonly VersionRow[];
  /** The n-th (from 0) of the live notifications that a newer one may replace; the one that asked for attention last comes first. */
  collapsible(collapse: string, n: number): VersionRow | undefined;
  /** The oldest versions on a topic, in no particular order: at most `waitingAtOnce`. */
  versionsOnTopic(topic: string): readonly VersionRow[];
  /** All columns of a version. */
  record(version: VersionRow): RecordRow | undefined;
  standing(version: VersionRow, topic: string): StandingRow | undefined;
  receipt(userId: string, recordId: string): ReceiptRow | undefined;
  /** The ids of records that a user has marked as unread, past one of them, in the order of ids: at most `marksAtOnce`. */
  markedUnread(userId: string, after: string): readonly string[];
  watermark(userId: string): WatermarkRow | undefined;
  /** When the evidence for a user's roles was issued, epoch milliseconds; 0 where there is none. */
  rolesAt(userId: string): number;
  username(userId: string): string | null;
  userId(username: string): string | undefined;
  memberships(userId: string): readonly MembershipRow[];
  /** The rev that had been reached at a time, epoch milliseconds; 0 where that is not known. */
  revAt(at: number): number;
}
