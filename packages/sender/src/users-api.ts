import {
  type Disconnected,
  type InboxFilter,
  TidingsError,
  type UserConnections,
  type UserInbox,
  type UserRoles,
} from '@tidings/protocol';
import type { Id } from './named/functions.ts';
import type { Revocation, SenderPort } from './port.ts';

/** Exactly one: all tokens of a user that were issued until now, one by its `jti`, or the one a session was opened with. */
export type RevokeTarget = { user: Id } | { tokenId: string } | { sessionId: string };

/** People, by their ids: roles, sessions and tokens. */
export interface Users {
  /** Sets a user's roles, until a token that is issued later says otherwise; [] for none. @throws TidingsError */
  setRoles(userId: Id, roles: readonly string[]): Promise<UserRoles>;
  /**
   * Ends a user's sessions, or one of them; they do not come back by themselves. Counts those of the server that was asked; others of a
   * cluster end theirs within 2 s. @throws TidingsError
   */
  disconnect(userId: Id, which?: { sessionId?: string; reason?: string }): Promise<Disconnected>;
  /** The sessions a user has now. @throws TidingsError */
  connections(userId: Id): Promise<UserConnections>;
  /** Reads a user's inbox, by id or by name, and marks nothing. @throws TidingsError `not_found` for one who was never seen */
  inbox(user: Id | { username: Id }, filter?: InboxFilter): Promise<UserInbox>;
  /** Refuses tokens from now on, and ends the sessions that were opened with them; counts as `disconnect`. @throws TidingsError */
  revoke(target: RevokeTarget): Promise<Disconnected>;
}

/** The functions for users: their roles, sessions, inboxes and tokens. */
export function usersApi(port: SenderPort): Users {
  return {
    async setRoles(userId, roles) {
      if (!Array.isArray(roles)) {
        throw new TidingsError('bad_request', `roles must be an array of names, [] for none; got ${typeof roles}`);
      }
      return port.setRoles(String(userId), roles.map(String));
    },
    disconnect: async (userId, { sessionId, reason } = {}) =>
      port.disconnect(String(userId), { session_id: sessionId, reason }),
    connections: async (userId) => port.connectionsOf({ id: String(userId) }, { probe: false }),
    inbox: async (user, filter = {}) =>
      port.inboxOf(typeof user === 'object' ? { username: String(user.username) } : { id: String(user) }, filter),
    revoke: async (target) => port.revoke(revocationOf(target)),
  };
}

/** Reads the one member that is given. A misspelt one must not count as absent. */
function revocationOf(target: RevokeTarget): Revocation {
  const { user, tokenId, sessionId, ...others } = (target ?? {}) as Record<string, unknown>;
  const given = Object.entries({ user, token_id: tokenId, session_id: sessionId }).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const [only] = given;
  if (only && given.length === 1 && Object.keys(others).length === 0) {
    return { [only[0]]: String(only[1]) } as unknown as Revocation;
  }
  const got = Object.keys(target ?? {}).join(', ') || 'nothing';
  throw new TidingsError('bad_request', `revoke needs exactly one of user, tokenId, sessionId; got ${got}`);
}
