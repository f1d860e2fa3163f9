import type { Audience } from './ports.ts';

/** A person, as the newest valid token or the application's own session says. */
export interface Identity {
  id: string;
  username: string;
  roles: readonly string[];
  /** `room-kind:id:r|rw`, `*` for any id. */
  grants: readonly string[];
  /** Epoch milliseconds at which it ends; null where it does not by itself. */
  expiresAt: number | null;
}

/** What an application's own session says of its user. */
export interface ApplicationUser {
  sub: string | number;
  username?: string;
  roles?: readonly string[];
  grants?: readonly string[];
}

export const isAdmin = (user: Identity, adminRole: string): boolean => user.roles.includes(adminRole);

/** What a user is shown of a change: the record, that it is not theirs any more, or nothing. */
export type Sight = 'visible' | 'retracted' | 'hidden';

/** What this user may see of a change as it happens (`leaving`), or of what changed since (`former`). */
export function sightOf(audience: Audience, user: Identity, adminRole: string, since: 'leaving' | 'former'): Sight {
  if (audience === null || audience.users.includes(user.id) || isAdmin(user, adminRole)) return 'visible';
  const gone = audience[since];
  return gone === 'anyone' || gone.includes(user.id) ? 'retracted' : 'hidden';
}
