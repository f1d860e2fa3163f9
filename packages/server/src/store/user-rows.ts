import type { Selectable } from 'kysely';
import type { StoredUser } from '../domain/store/users.ts';
import { iso, type Watermark } from './receipt.ts';
import type { Schema } from './schema.ts';

type UserRow = Selectable<Schema['users']>;
type MembershipRow = Selectable<Schema['audiences']>;

export const userOf = (row: Pick<UserRow, 'username' | 'roles' | 'roles_at'> | undefined): StoredUser | null =>
  row === undefined
    ? null
    : { username: row.username, roles: row.roles === null ? null : JSON.parse(row.roles), rolesAt: row.roles_at };

/** The watermark of a user; 0 for one who is unknown. */
export const watermarkOf = (
  user: { read_upto: number | null; read_upto_at: number | null } | undefined,
): Watermark => ({ rev: user?.read_upto ?? 0, at: iso(user?.read_upto_at ?? null) });

/** By shared topic of a user, the rev at which the membership starts. */
export const membershipStartsOf = (
  memberships: readonly Pick<MembershipRow, 'topic' | 'since' | 'left_rev'>[],
): ReadonlyMap<string, number> =>
  new Map(memberships.flatMap(({ topic, since, left_rev }) => (left_rev === null ? [[topic, since]] : [])));
