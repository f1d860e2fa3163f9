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

export const isAdmin = (user: Identity, adminRole: string): boolean => user.roles.includes(adminRole);

/** Whether a change that names its audience may be shown to this user. */
export function maySee(audience: readonly string[] | null, user: Identity, adminRole: string): boolean {
  return audience === null || audience.includes(user.id) || isAdmin(user, adminRole);
}
