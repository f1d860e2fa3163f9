import type { Selectable } from 'kysely';
import type { StoredUser } from '../domain/store/users.ts';
import { iso, type Watermark } from './receipt.ts';
import type { Schema } from './schema.ts';

type UserRow = Selectable<Schema['users']>;
type AudienceRow = Selectable<Schema['audiences']>;

export const userOf = (row: Pick<UserRow, 'username' | 'roles' | 'roles_at'> | undefined): StoredUser | null =>
  row === undefined
    ? null
    : { username: row.username, roles: row.roles === null ? null : JSON.parse(row.roles), rolesAt: row.roles_at };

/** The watermark of a user; 0 for one who is unknown. */
export const watermarkOf = (
  user: { read_upto: number | null; read_upto_at: number | null } | undefined,
): Watermark => ({ rev: user?.read_upto ?? 0, at: iso(user?.read_upto_at ?? null) });

/** Of each shared topic that a user hears, the rev past which the user sees what asks for attention on it. */
export const sinceOf = (
  audiences: readonly Pick<AudienceRow, 'topic' | 'since' | 'left_rev'>[],
): ReadonlyMap<string, number> =>
  new Map(audiences.flatMap(({ topic, since, left_rev }) => (left_rev === null ? [[topic, since]] : [])));
