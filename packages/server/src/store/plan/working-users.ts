import type { Effects } from './effects.ts';
import { pairKey } from './pair-key.ts';
import { type MembershipRow, marksAtOnce, type ReceiptRow, type Source, type WatermarkRow } from './source.ts';
import type { Undo } from './undo.ts';

/** The users that a batch touches, as it leaves them: their receipts, names, roles and memberships, and the changes of their unread counts. */
export class WorkingUsers {
  readonly #source: Source;
  readonly #undo: Undo;
  readonly #renewed = new Map<string, true>();
  readonly #receipts = new Map<string, ReceiptRow>();
  /** Users whose names, watermarks or roles were written. */
  readonly #names = new Map<string, string | null>();
  readonly #userIds = new Map<string, string | null>();
  readonly #watermarks = new Map<string, Effects['watermarks'][number]>();
  readonly #roles = new Map<string, Effects['roles'][number]>();
  readonly #memberships = new Map<string, MembershipRow>();
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #recounted = new Map<string, true>();

  constructor(source: Source, undo: Undo) {
    this.#source = source;
    this.#undo = undo;
  }

  receipt(userId: string, recordId: string): ReceiptRow | undefined {
    const written = this.#receipts.get(pairKey(userId, recordId));
    if (written) return written;
    const before = this.#source.receipt(userId, recordId);
    return before && this.#renewed.has(recordId) ? renewed(before) : before;
  }

  setReceipt(row: ReceiptRow): void {
    this.#undo.set(this.#receipts, pairKey(row.user_id, row.record_id), row);
  }

  /** Takes a record that asks again out of everybody's archive, and ends its snoozes. */
  renew(recordId: string): void {
    this.#undo.set(this.#renewed, recordId, true);
    for (const [key, row] of this.#receipts) {
      if (row.record_id === recordId) this.#undo.set(this.#receipts, key, renewed(row));
    }
  }

  /** The receipts of what a user has marked as unread, past a record: as many as one transaction looks at. `next` is the last, if there are more. */
  markedUnread(userId: string, after: string): { rows: ReceiptRow[]; next: string | null } {
    const found = this.#source.markedUnread(userId, after);
    const ids = new Set(found);
    for (const { user_id, record_id } of this.#receipts.values()) if (user_id === userId) ids.add(record_id);
    const rows = [...ids].map((id) => this.receipt(userId, id)).filter((row) => row?.marked_unread === 1);
    return { rows: rows as ReceiptRow[], next: found.length === marksAtOnce ? (found.at(-1) as string) : null };
  }

  watermark(userId: string): WatermarkRow {
    const row = this.#watermarks.get(userId) ?? this.#source.watermark(userId);
    return row ?? { read_upto: 0, read_upto_at: null };
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
    if (owner !== undefined) this.#undo.set(this.#names, owner, null);
    if (former !== null) this.#undo.set(this.#userIds, former, null);
    this.#undo.set(this.#names, userId, username);
    this.#undo.set(this.#userIds, username, userId);
  }

  setWatermark(row: Effects['watermarks'][number]): void {
    this.#undo.set(this.#watermarks, row.user_id, row);
  }

  setRoles(row: Effects['roles'][number]): void {
    this.#undo.set(this.#roles, row.user_id, row);
  }

  /** The present and former memberships of a user, by topic. */
  memberships(userId: string): Map<string, MembershipRow> {
    const rows = new Map(this.#source.memberships(userId).map((row) => [row.topic, row]));
    for (const row of this.#memberships.values()) if (row.user_id === userId) rows.set(row.topic, row);
    return rows;
  }

  setMembership(row: MembershipRow): void {
    this.#undo.set(this.#memberships, pairKey(row.user_id, row.topic), row);
  }

  /** Changes how many notifications on a user's own topic are unread. */
  count(userId: string, category: string, by: number): void {
    if (by === 0) return;
    let categories = this.#counts.get(userId);
    if (!categories) {
      categories = new Map();
      this.#undo.set(this.#counts, userId, categories);
    }
    this.#undo.set(categories, category, (categories.get(category) ?? 0) + by);
  }

  /** Has a user's own topic counted anew when all is written, after a watermark moved over any number of records. */
  recount(userId: string): void {
    this.#undo.set(this.#recounted, userId, true);
  }

  /** Users whose counts are to be counted anew. */
  get recounted(): string[] {
    return [...this.#recounted.keys()];
  }

  effects(): Pick<Effects, UserEffects> {
    return {
      renewed: [...this.#renewed.keys()].map((record_id) => ({ record_id })),
      receipts: [...this.#receipts.values()],
      freedNames: [...this.#userIds].flatMap(([username, owner]) => (owner === null ? [] : [{ username }])),
      names: [...this.#names].map(([user_id, username]) => ({ user_id, username })),
      watermarks: [...this.#watermarks.values()],
      roles: [...this.#roles.values()],
      memberships: [...this.#memberships.values()],
      counts: [...this.#counts].flatMap(([user_id, categories]) => {
        if (this.#recounted.has(user_id)) return [];
        const changed = [...categories].filter(([, by]) => by !== 0);
        return changed.map(([category, unread]) => ({ user_id, category, unread }));
      }),
    };
  }
}

type UserEffects = 'renewed' | 'receipts' | 'freedNames' | 'names' | 'watermarks' | 'roles' | 'memberships' | 'counts';

const renewed = (row: ReceiptRow): ReceiptRow => ({
  ...{ ...row, archived_at: null, snoozed_until: null, marked_unread: 0 },
});
