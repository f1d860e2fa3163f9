import type { ConnectedUser, UserConnections } from '@tidings/sender';
import type { Command } from 'commander';
import { localTime } from '../instant.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';
import { findUser } from '../user.ts';

/** `tidings connections`: who is connected, or on what one user is. */
export function connections(program: Command): void {
  const command = program
    .command('connections')
    .description('list who is connected, or the sessions of one user')
    .argument('[user]', 'the user, by name or id');
  addSenderFlags(command).action((user: string | undefined, flags: SenderFlags) =>
    user === undefined ? listAll(flags) : listOne(user, flags),
  );
}

async function listAll(flags: SenderFlags): Promise<void> {
  const users = await withSender(flags, async (sender) => {
    const found = await sender.getConnectedUsers();
    const error = sender.lastError();
    if (error) throw error;
    return found;
  });
  console.log(flags.json ? JSON.stringify({ ok: true, users }) : describeAll(users));
}

function describeAll(users: readonly ConnectedUser[]): string {
  if (users.length === 0) return 'Nobody is connected.';
  const rows = users.map(({ user_id, username, connections: count }) => [
    oneLine(user_id),
    username === user_id ? '' : oneLine(username),
    count === 1 ? 'one session' : `${count} sessions`,
  ]);
  return columns(rows).join('\n');
}

async function listOne(user: string, flags: SenderFlags): Promise<void> {
  const found = await withSender(flags, async (sender) => {
    const { user_id } = await findUser(sender, user);
    return sender.users.connections(user_id);
  });
  console.log(flags.json ? JSON.stringify({ ok: true, ...found }) : describeOne(user, found));
}

function describeOne(user: string, found: UserConnections): string {
  if (!found.connected) return `${user} is not connected.`;
  const rows = found.connections.map(({ session_id, path, connected_at, address, user_agent }) => [
    session_id,
    path,
    `since ${localTime(connected_at)}`,
    address ?? '',
    oneLine(user_agent || 'unnamed program'),
  ]);
  return columns(rows).join('\n');
}
