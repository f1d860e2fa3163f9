/** A user, as far as known. */
export interface StoredUser {
  username: string | null;
  /** From the newest evidence; null if none was seen. */
  roles: readonly string[] | null;
  /** When that was issued, epoch milliseconds. */
  rolesAt: number;
}

/** Users by id. What a commit bound or granted is there as soon as the commit is answered. */
export interface UserStore {
  user(userId: string): Promise<StoredUser | null>;
}

/** The names of users; a name belongs to one user at a time. */
export interface UsernameStore {
  username(userId: string): Promise<string | null>;
  userId(username: string): Promise<string | null>;
}
