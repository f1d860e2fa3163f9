import { userTopic } from '../../domain/topics.ts';
import { isCollapsible } from './collapsible.ts';
import type { Effects } from './effects.ts';
import { pairKey } from './pair-key.ts';
import type {
  AudienceRow,
  KeyRow,
  ReceiptRow,
  RecordRow,
  Source,
  StandingRow,
  TopicRow,
  VersionRow,
  WatermarkRow,
} from './source.ts';
import { Undo } from './undo.ts';

/** A version that the batch has stored. */
interface StoredVersion extends VersionRow {
  row: RecordRow;
  standings: TopicRow[];
}

const indexed = ['external_id', 'collapse', 'task_id'] as const;

/**
 * The rows that a batch touches, as it leaves them: what it has written so far, over what was there before. All that it has
 * written comes out as effects.
 */
export class WorkingSet {
  readonly #source: Source;
  readonly undo = new Undo();
  /** The newest rev that was given out. */
  head: number;

  readonly #keys = new Map<string, KeyRow & { at: number }>();
  /** The present version of each record that was written; null where there is none any more. */
  readonly #versions = new Map<string, StoredVersion | null>();
  readonly #stored = new Map<number, StoredVersion>();
  readonly #removed = new Map<number, VersionRow>();
  /** The records that have had a value in one of the `indexed` columns. */
  readonly #index = new Map<string, Set<string>>();
  readonly #renewed = new Map<string, true>();
  readonly #receipts = new Map<string, ReceiptRow>();
  /** Users whose names, watermarks or roles were written. */
  readonly #names = new Map<string, string | null>();
  readonly #userIds = new Map<string, string | null>();
  readonly #watermarks = new Map<string, Effects['watermarks'][number]>();
  readonly #roles = new Map<string, Effects['roles'][number]>();
  readonly #audiences = new Map<string, AudienceRow>();
  readonly #outbox: Effects['outbox'] = [];
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #recounted = new Map<string, true>();

  constructor(source: Source) {
    this.#source = source;
    this.head = source.head;
  }

  /** Whether the plan will do; else it only shows what is to be read. */
  get isComplete(): boolean {
    return this.#source.isComplete;
  }

  /** The rev that had been reached at a time, epoch milliseconds; 0 where that is not known. */
  revAt(at: number): number {
    return this.#source.revAt(at);
  }

  /** The lower of a rev and the head. */
  boundedByHead(rev: number): number {
    if (rev <= this.#source.head) return rev;
    this.#source.exactHead();
    return Math.min(rev, this.head);
  }

  // --- keys

  key(key: string): KeyRow | undefined {
    return this.#keys.get(key) ?? this.#source.key(key);
  }

  useKey(key: string, row: KeyRow & { at: number }): void {
    this.undo.set(this.#keys, key, row);
  }

  // --- records

  version(id: string): VersionRow | undefined {
    const written = this.#versions.get(id);
    return written === undefined ? this.#source.version(id) : (written ?? undefined);
  }

  /** The records with an application's own id, newest first. */
  versionsByExternalId(externalId: string): VersionRow[] {
    const written = this.#writtenWith('external_id', externalId);
    return [...written.reverse(), ...this.#unchanged(this.#source.versionsByExternalId(externalId))];
  }

  /** The notifications that are linked to a task. */
  linkedTo(taskId: string): VersionRow[] {
    return [...this.#unchanged(this.#source.linkedTo(taskId)), ...this.#writtenWith('task_id', taskId)];
  }

  /** The live notification that asked last of those that were stored with the same collapse key. */
  collapsible(collapse: string): VersionRow | undefined {
    const written = this.#writtenWith('collapse', collapse).filter(({ row }) => isCollapsible(row));
    let newest: StoredVersion | undefined;
    for (const version of written) if (!newest || version.alert_rev > newest.alert_rev) newest = version;
    for (let n = 0; ; n++) {
      const version = this.#source.collapsible(collapse, n);
      if (!version) return newest;
      if (this.#versions.has(version.id)) continue;
      // An edit keeps its `alert_rev`, so a written version may have asked earlier than a stored one.
      return newest && newest.alert_rev > version.alert_rev ? newest : version;
    }
  }

  /** The versions on a topic, by the rev at which they last asked for attention there, and then by their own. */
  versionsOnTopic(topic: string): VersionRow[] {
    const written = [...this.#stored.values()].filter(({ standings }) => standings.some((one) => one.topic === topic));
    const versions = [...this.#unchanged(this.#source.versionsOnTopic(topic)), ...written];
    const placed = versions.map((version) => ({
      version,
      place: this.standing(version, topic)?.alert_rev || version.rev,
    }));
    placed.sort((a, b) => a.place - b.place || a.version.rev - b.version.rev);
    return placed.map(({ version }) => version);
  }

  record(version: VersionRow): RecordRow | undefined {
    return this.#stored.get(version.rev)?.row ?? this.#source.record(version);
  }

  standing(version: VersionRow, topic: string): StandingRow | undefined {
    const stored = this.#stored.get(version.rev);
    return stored ? stored.standings.find((one) => one.topic === topic) : this.#source.standing(version, topic);
  }

  /** Stores a version at the newest rev. */
  store(row: RecordRow, standings: TopicRow[]): void {
    const { id, rev, topics, alert_rev } = row;
    const version = { id, rev, topics, alert_rev, row, standings };
    this.undo.set(this.#stored, row.rev, version);
    this.undo.set(this.#versions, row.id, version);
    for (const column of indexed) {
      const value = row[column];
      if (value === null) continue;
      const key = pairKey(column, value);
      const ids = this.#index.get(key);
      if (ids) ids.add(row.id);
      else this.#index.set(key, new Set([row.id]));
    }
  }

  /** Removes a version from all its topics. */
  remove(version: VersionRow): void {
    if (this.#stored.has(version.rev)) this.undo.delete(this.#stored, version.rev);
    else this.undo.set(this.#removed, version.rev, version);
    this.undo.set(this.#versions, version.id, null);
  }

  /** The versions that were stored with a value, oldest first. */
  #writtenWith(column: (typeof indexed)[number], value: string): StoredVersion[] {
    const ids = this.#index.get(pairKey(column, value));
    if (!ids) return [];
    const versions = [...ids].flatMap((id) => this.#versions.get(id) ?? []);
    return versions.filter(({ row }) => row[column] === value).sort((a, b) => a.rev - b.rev);
  }

  #unchanged(versions: readonly VersionRow[]): VersionRow[] {
    return versions.filter(({ id }) => !this.#versions.has(id));
  }

  // --- users, and what they did

  receipt(userId: string, recordId: string): ReceiptRow | undefined {
    const written = this.#receipts.get(pairKey(userId, recordId));
    if (written) return written;
    const before = this.#source.receipt(userId, recordId);
    return before && this.#renewed.has(recordId) ? renewed(before) : before;
  }

  setReceipt(row: ReceiptRow): void {
    this.undo.set(this.#receipts, pairKey(row.user_id, row.record_id), row);
  }

  /** Takes a record that asks again out of everybody's archive, and ends its snoozes. */
  renew(recordId: string): void {
    this.undo.set(this.#renewed, recordId, true);
    for (const [key, row] of this.#receipts) {
      if (row.record_id === recordId) this.undo.set(this.#receipts, key, renewed(row));
    }
  }

  /** The records that a user has marked as unread, of those that asked for attention up to a rev. */
  markedUnread(userId: string, upTo: number): ReceiptRow[] {
    const ids = new Set(this.#source.markedUnread(userId));
    for (const { user_id, record_id } of this.#receipts.values()) if (user_id === userId) ids.add(record_id);
    const rows = [...ids].map((id) => this.receipt(userId, id) as ReceiptRow | undefined);
    return rows.filter((row) => row?.marked_unread === 1 && this.askedAt(row) <= upTo) as ReceiptRow[];
  }

  /** The rev at which the record of a receipt last asked its user for attention. */
  askedAt({ user_id, record_id }: ReceiptRow): number {
    const version = this.version(record_id);
    if (!version) return Number.POSITIVE_INFINITY;
    return this.standing(version, userTopic(user_id))?.alert_rev ?? version.alert_rev;
  }

  watermark(userId: string): WatermarkRow | undefined {
    return this.#watermarks.get(userId) ?? this.#source.watermark(userId);
  }

  rolesAt(userId: string): number {
    return this.#roles.get(userId)?.roles_at ?? this.#source.rolesAt(userId);
  }

  username(userId: string): string | null {
    const written = this.#names.get(userId);
    return written === undefined ? this.#source.username(userId) : written;
  }

  userId(username: string): string | undefined {
    const written = this.#userIds.get(username);
    return written === undefined ? this.#source.userId(username) : (written ?? undefined);
  }

  setName(userId: string, username: string): void {
    const [owner, former] = [this.userId(username), this.username(userId)];
    if (owner !== undefined) this.undo.set(this.#names, owner, null);
    if (former !== null) this.undo.set(this.#userIds, former, null);
    this.undo.set(this.#names, userId, username);
    this.undo.set(this.#userIds, username, userId);
  }

  setWatermark(row: Effects['watermarks'][number]): void {
    this.undo.set(this.#watermarks, row.user_id, row);
  }

  setRoles(row: Effects['roles'][number]): void {
    this.undo.set(this.#roles, row.user_id, row);
  }

  /** The present and former shared topics of a user. */
  audiences(userId: string): Map<string, AudienceRow> {
    const rows = new Map(this.#source.audiences(userId).map((row) => [row.topic, row]));
    for (const row of this.#audiences.values()) if (row.user_id === userId) rows.set(row.topic, row);
    return rows;
  }

  setAudience(row: AudienceRow): void {
    this.undo.set(this.#audiences, pairKey(row.user_id, row.topic), row);
  }

  // --- counts

  /** Changes how many notifications on a user's own topic are unread. */
  count(userId: string, category: string, by: number): void {
    if (by === 0) return;
    let categories = this.#counts.get(userId);
    if (!categories) {
      categories = new Map();
      this.undo.set(this.#counts, userId, categories);
    }
    this.undo.set(categories, category, (categories.get(category) ?? 0) + by);
  }

  /** Has a user's own topic counted anew when all is written, after a watermark moved over any number of records. */
  recount(userId: string): void {
    this.undo.set(this.#recounted, userId, true);
  }

  // --- what is to be done elsewhere

  leaveOutbox(id: number): void {
    this.undo.push(this.#outbox, { id });
  }

  /** Users whose counts are to be counted anew. */
  get recounted(): string[] {
    return [...this.#recounted.keys()];
  }

  effects(marks: Effects['marks']): Effects {
    const stored = [...this.#stored.values()];
    const removed = [...this.#removed.values()];
    return {
      removedVersions: removed.map(({ rev }) => ({ rev })),
      removedTopics: removed.flatMap(({ rev, topics }) => topicsOf(topics).map((topic) => ({ topic, rev }))),
      records: stored.map(({ row }) => row),
      topics: stored.flatMap(({ standings }) => standings),
      keys: [...this.#keys].map(([key, row]) => ({ key, ...row })),
      renewed: [...this.#renewed.keys()].map((record_id) => ({ record_id })),
      receipts: [...this.#receipts.values()],
      freedNames: [...this.#userIds].flatMap(([username, owner]) => (owner === null ? [] : [{ username }])),
      names: [...this.#names].map(([user_id, username]) => ({ user_id, username })),
      watermarks: [...this.#watermarks.values()],
      roles: [...this.#roles.values()],
      audiences: [...this.#audiences.values()],
      outbox: this.#outbox,
      counts: [...this.#counts].flatMap(([user_id, categories]) => {
        if (this.#recounted.has(user_id)) return [];
        const changed = [...categories].filter(([, by]) => by !== 0);
        return changed.map(([category, unread]) => ({ user_id, category, unread }));
      }),
      marks,
    };
  }
}

export const topicsOf = (topics: string): string[] => JSON.parse(topics) as string[];

const renewed = (row: ReceiptRow): ReceiptRow => ({
  ...{ ...row, archived_at: null, snoozed_until: null, marked_unread: 0 },
});
