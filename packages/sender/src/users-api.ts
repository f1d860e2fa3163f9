import { TidingsError } from '@tidings/protocol';
import type { Revocation, SenderPort } from './port.ts';
import type { RevokeTarget, Users } from './sender.ts';

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
