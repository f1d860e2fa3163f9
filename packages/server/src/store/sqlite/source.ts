import type Database from 'better-sqlite3';
import {
  type AudienceRow,
  isCollapsible,
  type KeyRow,
  type ReceiptRow,
  type RecordRow,
  type Source,
  type StandingRow,
  type VersionRow,
  type WatermarkRow,
} from '../plan/source.ts';

/** The rows that a plan is made from, read from the database as the plan asks for them. Nobody else writes meanwhile. */
export class SqliteSource implements Source {
  readonly #reads: Reads;
  head = 0;
  readonly isComplete = true;

  constructor(database: Database.Database) {
    this.#reads = prepare(database);
  }

  exactHead(): void {}

  key = (key: string): KeyRow | undefined => this.#reads.key.get(key);
  version = (recordId: string): VersionRow | undefined => this.#reads.version.get(recordId);
  versionsByExternalId = (externalId: string): VersionRow[] => this.#reads.versionsByExternalId.all(externalId);
  linkedTo = (taskId: string): VersionRow[] => this.#reads.linkedTo.all(taskId);
  collapsible = (collapse: string, n: number): VersionRow | undefined => this.#reads.collapsible.get(collapse, n);
  versionsOnTopic = (topic: string): VersionRow[] => this.#reads.versionsOnTopic.all(topic);
  record = ({ rev }: VersionRow): RecordRow | undefined => this.#reads.record.get(rev);
  standing = ({ rev }: VersionRow, topic: string): StandingRow | undefined => this.#reads.standing.get(topic, rev);
  receipt = (userId: string, recordId: string): ReceiptRow | undefined => this.#reads.receipt.get(userId, recordId);
  markedUnread = (userId: string): string[] => this.#reads.markedUnread.all(userId).map(({ record_id }) => record_id);
  watermark = (userId: string): WatermarkRow | undefined => this.#reads.user.get(userId);
  rolesAt = (userId: string): number => this.#reads.user.get(userId)?.roles_at ?? 0;
  username = (userId: string): string | null => this.#reads.user.get(userId)?.username ?? null;
  userId = (username: string): string | undefined => this.#reads.userId.get(username)?.user_id;
  audiences = (userId: string): AudienceRow[] => this.#reads.audiences.all(userId);
  revAt = (at: number): number => this.#reads.revAt.get(at)?.rev ?? 0;
}

type Reads = ReturnType<typeof prepare>;

/** Every place holder is written `+?`, for the reason that the dialect gives. */
function prepare(database: Database.Database) {
  const sql = <Params extends unknown[], Row>(text: string) => database.prepare<Params, Row>(text);
  return {
    key: sql<[key: string], KeyRow>('select hash, record_id, rev from idempotency where key = +?'),
    version: sql<[id: string], VersionRow>('select id, rev, topics, alert_rev from records where id = +?'),
    versionsByExternalId: sql<[externalId: string], VersionRow>(
      'select id, rev, topics, alert_rev from records where external_id = +? order by rev desc',
    ),
    linkedTo: sql<[taskId: string], VersionRow>('select id, rev, topics, alert_rev from records where task_id = +?'),
    collapsible: sql<[collapse: string, n: number], VersionRow>(
      `select id, rev, topics, alert_rev from records where collapse = +? and ${isCollapsible}
       order by alert_rev desc limit 1 offset +?`,
    ),
    versionsOnTopic: sql<[topic: string], VersionRow>(
      `select r.id, r.rev, r.topics, r.alert_rev from record_topics t join records r on r.rev = t.rev where t.topic = +?
       order by case when t.alert_rev = 0 then t.rev else t.alert_rev end, t.rev`,
    ),
    record: sql<[rev: number], RecordRow>('select * from records where rev = +?'),
    standing: sql<[topic: string, rev: number], StandingRow>(
      'select alert_rev, expired, category from record_topics where topic = +? and rev = +?',
    ),
    receipt: sql<[userId: string, recordId: string], ReceiptRow>(
      'select * from receipts where user_id = +? and record_id = +?',
    ),
    markedUnread: sql<[userId: string], { record_id: string }>(
      'select record_id from receipts where user_id = +? and marked_unread + alert_rev > 0 and marked_unread = 1',
    ),
    user: sql<[userId: string], WatermarkRow & { username: string | null; roles_at: number }>(
      'select username, read_upto, read_upto_at, roles_at from users where user_id = +?',
    ),
    userId: sql<[username: string], { user_id: string }>('select user_id from users where username = +?'),
    audiences: sql<[userId: string], AudienceRow>('select * from audiences where user_id = +?'),
    revAt: sql<[at: number], { rev: number }>('select rev from marks where at <= +? order by at desc limit 1'),
  };
}
