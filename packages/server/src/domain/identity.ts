import type { RoomAccess } from './rooms.ts';
import { isShared, roleTopic } from './topics.ts';
import type { Change, Viewers } from './writes.ts';

/** The description of a person by a token, or by the application's own session. */
export interface Claims {
  id: string;
  /** Null if it says nothing of the name: the one that is stored holds, else the id. */
  username: string | null;
  /** Null if it says nothing of roles: those that are stored hold. */
  roles: readonly string[] | null;
  /** `room-kind:id:r|rw`, `*` for any id. */
  grants: readonly string[];
  /** Epoch milliseconds at which it ends; null if it does not by itself. */
  expiresAt: number | null;
  /**
   * When this was said, epoch milliseconds by the clock of who said it: a token's `iat`, else its `nbf`, else when it was first
   * seen here. It may lie ahead of this server's clock by the tolerance.
   */
  issuedAt: number;
  /** False if the token does not tell its date: it may be of any age. */
  isDated: boolean;
  /** The id by which a token is revoked: its `jti`, or the hash of what was signed where it has none. Null if there is no token. */
  tokenId: string | null;
  /** False if the token is no evidence of the user's name and roles, so that neither is stored. */
  isEvidence: boolean;
}

/** A person, with the roles that hold: those that the newest evidence gives. */
export interface Identity extends Claims {
  username: string;
  roles: readonly string[];
}

/** The tokens to refuse: all of a user's so far, one token by its `jti`, or the token that a session came with. */
export interface RevocationTarget {
  kind: 'user' | 'token' | 'session';
  value: string;
}

/** The user of an application's own session: ids and names as text or whole numbers, one role or a list. */
export interface ApplicationUser {
  sub: string | number;
  username?: string | number | null;
  roles?: readonly string[] | string | null;
  grants?: readonly string[] | string | null;
}

export const isAdmin = (user: Identity, adminRole: string): boolean => user.roles.includes(adminRole);

/** True if two lists, each without repetitions, name the same roles. */
export const sameRoles = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((role) => b.includes(role)));

/** A change of a user's membership: a shared topic that was joined or left. */
export interface MembershipChange {
  topic: string;
  joined: boolean;
  /** The right that a membership of a room gives; null where it has ended, and for other topics. */
  access: RoomAccess | null;
}

/** Reads a change of a membership; null for any other change. */
export function membershipChangeOf(change: Pick<Change, 'kind' | 'body'>): MembershipChange | null {
  if (change.kind !== 'membership') return null;
  const { type, topic, access = null } = JSON.parse(change.body) as { type: string } & Partial<MembershipChange>;
  const joined = type === 'topic_joined';
  return { topic: topic as string, joined, access: joined ? access : null };
}

/** A person's roles after a shared topic was gained or lost. */
export function rolesAfter(roles: readonly string[], { topic, joined }: MembershipChange): readonly string[] {
  const others = roles.filter((role) => roleTopic(role) !== topic);
  const name = topic.slice(roleTopic('').length);
  return joined && isShared(topic) && roleTopic(name) === topic ? [...others, name] : others;
}

/** The visibility of a change to a user: the record, that it is not theirs any more, or nothing. */
export type Visibility = 'visible' | 'retracted' | 'hidden';

/** The visibility of a change for a user, as it happens (`leaving`) or after what may have been several changes (`former`). */
export function visibilityOf(
  viewers: Viewers,
  user: Identity,
  adminRole: string,
  retractedFor: 'leaving' | 'former',
): Visibility {
  if (viewers === null || viewers.users.includes(user.id) || isAdmin(user, adminRole)) return 'visible';
  const gone = viewers[retractedFor];
  return gone === 'anyone' || gone.includes(user.id) ? 'retracted' : 'hidden';
}

/**
 * True for a change of what was sent to shared topics before the user's time, such as an edit; `starts` has the rev at which each begins for
 * the user. Never true for what asks for attention now.
 */
export function predatesMembership(
  { rev, alertRev, topics }: Pick<Change, 'rev' | 'alertRev' | 'topics'>,
  subscribed: readonly string[],
  starts: ReadonlyMap<string, number>,
): boolean {
  if (alertRev === 0 || alertRev === rev) return false;
  return !topics.some((topic) => subscribed.includes(topic) && alertRev > (starts.get(topic) ?? 0));
}
