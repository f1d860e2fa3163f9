import { TidingsError } from '@tidings/protocol';
import type { RevokeTarget } from '@tidings/sender';
import type { Command } from 'commander';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { listOf } from '../token-settings.ts';

/** `tidings roles`: says what roles a user has. */
export function roles(program: Command): void {
  const command = program
    .command('roles')
    .description('set the roles of a user, until a token that is made later says otherwise')
    .argument('<user>', "the user's id")
    .argument('<roles>', 'the roles, separated by commas; "" for none');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings roles 42 admin,manager')
    .action(async (user: string, text: string, flags: SenderFlags) => {
      const result = await withSender(flags, (sender) => sender.users.setRoles(user, listOf(text)));
      const has = result.roles.length === 0 ? 'no roles' : `the roles ${result.roles.join(', ')}`;
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : `${user} now has ${has}.`);
    });
}

interface DisconnectFlags extends SenderFlags {
  user: string;
  session?: string;
  reason?: string;
}

/** `tidings disconnect`: ends a user's sessions. */
export function disconnect(program: Command): void {
  const command = program
    .command('disconnect')
    .description('end the sessions of a user, or one of them; they do not come back by themselves')
    .requiredOption('--user <id>', "the user's id")
    .option('--session <id>', 'this one only, as "tidings connections" names it')
    .option('--reason <text>', 'what the user is told');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings disconnect --user 42 --reason "Signed in elsewhere"')
    .action(async (flags: DisconnectFlags) => {
      const { user, session: sessionId, reason } = flags;
      const result = await withSender(flags, (sender) => sender.users.disconnect(user, { sessionId, reason }));
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : `${ended(result.disconnected)}.`);
    });
}

interface RevokeFlags extends SenderFlags {
  user?: string;
  tokenId?: string;
  session?: string;
}

/** `tidings revoke`: lets tokens in no more. */
export function revoke(program: Command): void {
  const command = program
    .command('revoke')
    .description('refuse tokens from now on, and end the sessions that were opened with them')
    .option('--user <id>', 'all that a user has; those made later are good')
    .option('--token-id <jti>', 'one token, by its "jti"')
    .option('--session <id>', 'the one a session was opened with, as "tidings connections" names it');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings revoke --user 42')
    .action(async (flags: RevokeFlags) => {
      const { target, what } = targetOf(flags);
      const result = await withSender(flags, (sender) => sender.users.revoke(target));
      const text = `Refused from now on: ${what}. ${ended(result.disconnected)}.`;
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : text);
    });
}

function targetOf({ user, tokenId, session }: RevokeFlags): { target: RevokeTarget; what: string } {
  const targets = [
    ...(user === undefined ? [] : [{ target: { user }, what: `the tokens ${user} has` }]),
    ...(tokenId === undefined ? [] : [{ target: { tokenId }, what: `token ${tokenId}` }]),
    ...(session === undefined ? [] : [{ target: { sessionId: session }, what: `the token of session ${session}` }]),
  ];
  const [only] = targets;
  if (only && targets.length === 1) return only;
  throw new TidingsError('bad_request', 'say in one way which tokens: --user, --token-id or --session');
}

/** The sessions of the server that was asked; others of its cluster do not say how many they end. */
const ended = (count: number): string => {
  if (count === 0) return 'No session was open at this server; others of its cluster end theirs within 2 s';
  return count === 1 ? 'One session was ended' : `${count} sessions were ended`;
};
