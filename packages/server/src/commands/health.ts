import { type SystemHealth, TidingsError } from '@tidings/protocol';
import { type Identity, isAdmin } from '../domain/identity.ts';
import type { CommandContext } from './context.ts';

/** Reads the health of all nodes, for a back end (null) or an administrator. Throws `forbidden` for any other person. */
export function systemHealth(context: CommandContext, caller: Identity | null): Promise<SystemHealth> {
  const { adminRole, health } = context;
  if (caller === null || isAdmin(caller, adminRole)) return health.read();
  throw new TidingsError('forbidden', `the system's health is for users with the role "${adminRole}"`);
}
