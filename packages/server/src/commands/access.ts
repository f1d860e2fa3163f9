import { TidingsError } from '@tidings/protocol';
import {
  type Disconnected,
  DisconnectInput,
  IdString,
  RevokeInput,
  RolesInput,
  type UserRoles,
} from '@tidings/protocol/schemas';
import type { RevocationTarget } from '../domain/identity.ts';
import type { CommandContext } from './context.ts';
import { parser } from './refuse.ts';

const parseUserId = parser<string>(IdString, "a user's id");
const parseRoles = parser<RolesInput>(RolesInput, "a user's roles");
const parseDisconnect = parser<DisconnectInput>(DisconnectInput, 'what to disconnect');
const parseRevoke = parser<RevokeInput>(RevokeInput, 'what to revoke');

/** Sets the roles of a user, known here or not: they hold until a token that is issued later says otherwise. */
export async function setRoles(context: CommandContext, userId: string, input: unknown): Promise<UserRoles> {
  const user_id = parseUserId(userId);
  const roles = [...new Set(parseRoles(input).roles)];
  await context.roles.set(user_id, roles);
  return { user_id, roles };
}

/** Ends a user's sessions, or one of them, with 4403: their clients do not come back by themselves. */
export async function disconnect(context: CommandContext, userId: string, input: unknown): Promise<Disconnected> {
  const { session_id = null, reason } = parseDisconnect(input ?? {});
  const shown = reason || 'an administrator ended this session';
  return { disconnected: await context.sessions.disconnect(parseUserId(userId), session_id, shown) };
}

/** Refuses tokens from now on, and ends the sessions that came with them, with 4401. */
export async function revoke(context: CommandContext, input: unknown): Promise<Disconnected> {
  const { reason = '', ...named } = parseRevoke(input);
  return { disconnected: await context.sessions.revoke(targetOf(named), reason) };
}

const kinds = { user: 'user', token_id: 'token', session_id: 'session' } as const;

function targetOf(named: Omit<RevokeInput, 'reason'>): RevocationTarget {
  const given = Object.entries(named) as [keyof typeof kinds, string | number][];
  const [only] = given;
  if (only && given.length === 1) return { kind: kinds[only[0]], value: String(only[1]) };
  const got = given.map(([name]) => name).join(', ') || 'none';
  throw new TidingsError('bad_request', `what to revoke is exactly one of user, token_id, session_id; got ${got}`);
}
