import { pairKey } from '../plan/pair-key.ts';
import {
  type KeyRow,
  type MembershipRow,
  type ReceiptRow,
  type RecordRow,
  type Source,
  type StandingRow,
  topicsOf,
  type VersionRow,
  type WatermarkRow,
} from '../plan/source.ts';
import type { Expectations } from './functions/expectations.ts';
import type { FoundVersion, SnapshotRows, Wanted } from './snapshot-query.ts';

const indexed = <K, R>(rows: readonly R[] | null, key: (row: R) => K): Map<K, R> =>
  new Map((rows ?? []).map((row) => [key(row), row]));

const grouped = <R>(rows: readonly R[] | null, key: (row: R) => string | null): Map<string | null, R[]> =>
  Map.groupBy(rows ?? [], key);

/**
 * The rows that a plan is made from, of one moment. What is asked for and was not read is wanted from then on: the plan is
 * void, and made again from a snapshot that has it. All that is asked for is expected to be still so when the plan is applied.
 */
export class Snapshot implements Source {
  readonly head: number;
  /** Everything that was asked for, by this plan and the ones before it. */
  readonly #wanted: Wanted;
  /** The rows that were asked for when these were read. */
  readonly #read: Wanted;
  /** The users whose memberships were read. */
  readonly #members: ReadonlySet<string>;
  /** True if idempotency keys are read; else none is expected to be known. */
  readonly #readsKeys: boolean;
  readonly #expected = newExpectations();
  #isComplete = true;
  #isExact = false;
  #assumesKeys = false;

  readonly #keys: Map<string, KeyRow>;
  readonly #versions: Map<string, VersionRow>;
  readonly #byExternalId: Map<string | null, FoundVersion[]>;
  readonly #byTask: Map<string | null, FoundVersion[]>;
  readonly #byRoom: Map<string | null, FoundVersion[]>;
  readonly #byCollapse: Map<string | null, FoundVersion[]>;
  readonly #byTopic: Map<string | null, FoundVersion[]>;
  readonly #markedUnread: Map<string | null, NonNullable<SnapshotRows['marked_unread']>>;
  readonly #standings: Map<string, StandingRow>;
  readonly #records: Map<string, RecordRow>;
  readonly #receipts: Map<string, NonNullable<SnapshotRows['receipts']>[number]>;
  readonly #users: Map<string, NonNullable<SnapshotRows['users']>[number]>;
  readonly #names: Map<string, { user_id: string }>;
  readonly #memberships: Map<string | null, MembershipRow[]>;
  readonly #revs: Map<number, { rev: number | null }>;

  /** @param rows null where nothing was read; then `seen` is the head that is known */
  constructor(rows: SnapshotRows | null, wanted: Wanted, seen: number, readsKeys: boolean) {
    this.head = rows?.head ?? seen;
    this.#wanted = wanted;
    this.#readsKeys = readsKeys;
    this.#keys = indexed(rows?.keys ?? null, (row) => row.key);
    const versions = rows?.versions ?? null;
    this.#versions = indexed(versions as VersionRow[] | null, (row) => row.id);
    this.#byExternalId = grouped(versions, (row) => row.external_id);
    this.#byTask = grouped(versions, (row) => row.task_id);
    this.#byRoom = grouped(versions, (row) => row.room_state);
    this.#byCollapse = grouped(versions, (row) => row.collapse);
    this.#byTopic = grouped(versions, (row) => row.topic);
    this.#markedUnread = grouped(rows?.marked_unread ?? null, (row) => pairKey(row.user_id, row.after));
    this.#standings = indexed(rows?.standings ?? null, (row) => pairKey(row.topic, row.rev));
    this.#records = indexed(rows?.records ?? null, (row) => row.id);
    this.#receipts = indexed(rows?.receipts ?? null, (row) => pairKey(row.of_user, row.of_record));
    this.#users = indexed(rows?.users ?? null, (row) => row.id);
    this.#names = indexed(rows?.names ?? null, (row) => row.username);
    this.#memberships = grouped(rows?.memberships ?? null, (row) => row.user_id);
    this.#revs = indexed(rows?.revs ?? null, (row) => row.at);
    this.#read = wanted.copy();
    this.#members = new Set([...wanted.memberships, ...[...wanted.receipts.values()].map(([userId]) => userId)]);
  }

  /** True if all that was asked for was read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** True if the plan holds for exactly this head. */
  get isExact(): boolean {
    return this.#isExact;
  }

  get expectations(): Expectations {
    const { versions, receipts, receiptsOf, watermarks, memberships, links, collapses, topics, names, roles } =
      this.#expected;
    const users = (ids: Set<string>) => [...ids].map((user_id) => ({ user_id }));
    return {
      versions: [...versions].map(([id, rev]) => ({ id, rev })),
      receipts: [...receipts.values()].map(([user_id, record_id]) => ({ user_id, record_id })),
      ...{ receiptsOf: users(receiptsOf), watermarks: users(watermarks), memberships: users(memberships) },
      links: [...links].map((task_id) => ({ task_id })),
      collapses: [...collapses].map((collapse) => ({ collapse })),
      topics: [...topics].map((topic) => ({ topic })),
      names: [...names].map(([username, user_id]) => ({ username, user_id })),
      roles: [...roles].map(([user_id, roles_at]) => ({ user_id, roles_at })),
    };
  }

  /** True if keys are taken for new that were not read. */
  get assumesKeys(): boolean {
    return this.#assumesKeys;
  }

  exactHead(): void {
    this.#isExact = true;
  }

  key(key: string): KeyRow | undefined {
    if (this.#readsKeys) this.#has('keys', key);
    else this.#assumesKeys = true;
    return this.#keys.get(key);
  }

  version(recordId: string): VersionRow | undefined {
    if (!this.#has('versions', recordId)) return undefined;
    const version = this.#versions.get(recordId);
    this.#expected.versions.set(recordId, version?.rev ?? 0);
    return version;
  }

  byExternalId(topic: string, id: string, after: number, n: number): VersionRow | undefined {
    const key = pairKey(String(after), pairKey(topic, id));
    if (n >= (this.#read.externalIds.get(key)?.n ?? 0)) {
      this.#wanted.externalIds.set(key, { topic, id, after, n: n + 1 });
      this.#isComplete = false;
      return undefined;
    }
    const askedAt = (version: VersionRow) => this.standing(version, topic)?.alert_rev ?? 0;
    const found = (this.#byExternalId.get(key) ?? []).sort((a, b) => askedAt(b) - askedAt(a))[n];
    return found && this.#expect([found])[0];
  }

  linkedTo(taskId: string): readonly VersionRow[] {
    if (!this.#has('links', taskId)) return [];
    this.#expected.links.add(taskId);
    return this.#expect(this.#byTask.get(taskId));
  }

  roomState(topics: string): readonly VersionRow[] {
    if (!this.#has('roomStates', topics)) return [];
    // A further key would be a newer record of the room.
    for (const topic of topicsOf(topics)) this.#expected.topics.add(topic);
    return this.#expect(this.#byRoom.get(topics));
  }

  collapsible(collapse: string, n: number): VersionRow | undefined {
    if (n >= (this.#read.collapses.get(collapse) ?? 0)) {
      this.#wanted.collapses.set(collapse, n + 1);
      this.#isComplete = false;
      return undefined;
    }
    this.#expected.collapses.add(collapse);
    const found = (this.#byCollapse.get(collapse) ?? []).sort((a, b) => b.alert_rev - a.alert_rev)[n];
    return found && this.#expect([found])[0];
  }

  versionsOnTopic(topic: string): readonly VersionRow[] {
    if (!this.#has('topics', topic)) return [];
    this.#expected.topics.add(topic);
    return this.#expect(this.#byTopic.get(topic));
  }

  record({ id }: VersionRow): RecordRow | undefined {
    return this.#has('records', id) ? this.#records.get(id) : undefined;
  }

  /** Read with each version, on all its topics. */
  standing({ rev }: VersionRow, topic: string): StandingRow | undefined {
    return this.#standings.get(pairKey(topic, rev));
  }

  receipt(userId: string, recordId: string): ReceiptRow | undefined {
    const key = pairKey(userId, recordId);
    const found = this.#receipts.get(key);
    if (!found) {
      this.#wanted.receipts.set(key, [userId, recordId]);
      this.#isComplete = false;
      return undefined;
    }
    this.#expected.receipts.set(key, [userId, recordId]);
    return found.user_id === null ? undefined : receiptColumns(found);
  }

  markedUnread(userId: string, after: string): readonly string[] {
    const key = pairKey(userId, after);
    if (!this.#read.markedUnread.has(key)) {
      this.#wanted.markedUnread.set(key, [userId, after]);
      this.#isComplete = false;
      return [];
    }
    this.#expected.receiptsOf.add(userId);
    const ids = (this.#markedUnread.get(key) ?? []).map(({ record_id }) => record_id);
    for (const id of ids) {
      this.#wanted.versions.add(id);
      this.#read.versions.add(id);
    }
    return ids;
  }

  watermark(userId: string): WatermarkRow | undefined {
    this.#expected.watermarks.add(userId);
    const user = this.#user(userId);
    return user && { read_upto: user.read_upto ?? 0, read_upto_at: user.read_upto_at };
  }

  rolesAt(userId: string): number {
    const at = this.#user(userId)?.roles_at ?? 0;
    this.#expected.roles.set(userId, at);
    return at;
  }

  /** Is not checked by the commit, which checks the owner of the name instead. */
  username(userId: string): string | null {
    return this.#user(userId)?.username ?? null;
  }

  userId(username: string): string | undefined {
    if (!this.#has('names', username)) return undefined;
    const userId = this.#names.get(username)?.user_id;
    this.#expected.names.set(username, userId ?? null);
    return userId;
  }

  memberships(userId: string): readonly MembershipRow[] {
    if (!this.#members.has(userId)) this.#has('memberships', userId);
    this.#expected.memberships.add(userId);
    return this.#memberships.get(userId) ?? [];
  }

  revAt(at: number): number {
    if (this.#read.times.has(at)) return this.#revs.get(at)?.rev ?? 0;
    this.#wanted.times.add(at);
    this.#isComplete = false;
    return 0;
  }

  #user(userId: string) {
    const found = this.#users.get(userId);
    if (!found) this.#has('users', userId);
    return found;
  }

  #expect(versions: readonly FoundVersion[] = []): FoundVersion[] {
    for (const { id, rev } of versions) this.#expected.versions.set(id, rev);
    return [...versions];
  }

  /** Tells if it was read, and notes it as wanted if not. */
  #has(
    kind: 'keys' | 'versions' | 'links' | 'roomStates' | 'topics' | 'records' | 'users' | 'names' | 'memberships',
    key: string,
  ): boolean {
    if (this.#read[kind].has(key)) return true;
    this.#wanted[kind].add(key);
    this.#isComplete = false;
    return false;
  }
}

const newExpectations = () => ({
  versions: new Map<string, number>(),
  receipts: new Map<string, readonly [string, string]>(),
  receiptsOf: new Set<string>(),
  watermarks: new Set<string>(),
  memberships: new Set<string>(),
  links: new Set<string>(),
  collapses: new Set<string>(),
  topics: new Set<string>(),
  names: new Map<string, string | null>(),
  roles: new Map<string, number>(),
});

const receiptColumns = (row: ReceiptRow): ReceiptRow => ({
  ...{ user_id: row.user_id, record_id: row.record_id, rev: row.rev, seen_at: row.seen_at, read_at: row.read_at },
  ...{ read_rev: row.read_rev, archived_at: row.archived_at, snoozed_until: row.snoozed_until },
  ...{ alert_rev: row.alert_rev, marked_unread: row.marked_unread, shared_rev: row.shared_rev },
});
