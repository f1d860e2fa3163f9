import type { UserConnections } from '@tidings/protocol';
import type { CommandContext } from './context.ts';

/** Looks up a user by id or name; a name nobody has been seen with yet has no connections. */
export async function userConnections(
  context: CommandContext,
  user: { id: string } | { username: string },
  probe: boolean,
): Promise<UserConnections> {
  const id = 'id' in user ? user.id : await context.store.userId(user.username);
  const username = 'username' in user ? user.username : ((await context.store.username(user.id)) ?? user.id);
  const connections = id === null ? [] : await context.presence.connections(id, probe);
  return { user_id: id, username, connected: connections.length > 0, connections };
}
