import { TidingsError } from '@tidings/protocol';
import type { RevokeTarget, Sender } from '@tidings/sender';
import type { Command } from 'commander';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { listOf } from '../token-settings.ts';
import { type ByIdFlag, byId, calledOf, findUser, userOf } from '../user.ts';

/** `tidings roles`: says what roles a user has. */
export function roles(program: Command): void {
  const command = program
    .command('roles')
    .description(
      'set the roles of a user, until a token that is made later, or the application by --auth-url, says otherwise',
    )
    .argument('<user>', 'the user, by name or id')
    .argument('<roles>', 'the roles, separated by commas; "" for none')
    .option('--id', byId);
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings roles amadmin admin,manager')
    .action(async (user: string, text: string, flags: SenderFlags & ByIdFlag) => {
      const { known, result } = await withSender(flags, async (sender) => {
        const known = await userOf(sender, user, flags);
        return { known, result: await sender.users.setRoles(known.user_id, listOf(text)) };
      });
      const has = result.roles.length === 0 ? 'no roles' : `the roles ${result.roles.join(', ')}`;
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : `${calledOf(known)} now has ${has}.`);
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
    .requiredOption('--user <user>', 'the user, by name or id')
    .option('--session <id>', 'this one only, as "tidings connections" names it')
    .option('--reason <text>', 'what the user is told');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings disconnect --user amadmin --reason "Signed in elsewhere"')
    .action(async (flags: DisconnectFlags) => {
      const { user, session: sessionId, reason } = flags;
      const result = await withSender(flags, async (sender) => {
        const { user_id } = await findUser(sender, user);
        return sender.users.disconnect(user_id, { sessionId, reason });
      });
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : `${ended(result.disconnected)}.`);
    });
}

interface RevokeFlags extends SenderFlags, ByIdFlag {
  user?: string;
  tokenId?: string;
  session?: string;
}

/** `tidings revoke`: lets tokens in no more. */
export function revoke(program: Command): void {
  const command = program
    .command('revoke')
    .description('refuse tokens from now on, and end the sessions that were opened with them')
    .option('--user <user>', 'all that a user, by name or id, has; those made later are good')
    .option('--id', byId)
    .option('--token-id <jti>', 'one token, by its "jti"')
    .option('--session <id>', 'the one a session was opened with, as "tidings connections" names it');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings revoke --user amadmin')
    .action(async (flags: RevokeFlags) => {
      checkTarget(flags);
      const { what, result } = await withSender(flags, async (sender) => {
        const { target, what } = await targetOf(sender, flags);
        return { what, result: await sender.users.revoke(target) };
      });
      const text = `Refused from now on: ${what}. ${ended(result.disconnected)}.`;
      console.log(flags.json ? JSON.stringify({ ok: true, ...result }) : text);
    });
}

function checkTarget({ user, tokenId, session }: RevokeFlags): void {
  if ([user, tokenId, session].filter((one) => one !== undefined).length === 1) return;
  throw new TidingsError('bad_request', 'say in one way which tokens: --user, --token-id or --session');
}

async function targetOf(sender: Sender, flags: RevokeFlags): Promise<{ target: RevokeTarget; what: string }> {
  const { user, tokenId, session: sessionId } = flags;
  if (tokenId !== undefined) return { target: { tokenId }, what: `token ${tokenId}` };
  if (sessionId !== undefined) return { target: { sessionId }, what: `the token of session ${sessionId}` };
  const known = await userOf(sender, user as string, flags);
  return { target: { user: known.user_id }, what: `the tokens ${calledOf(known)} has` };
}

/** The sessions of the server that was asked; others of its cluster do not say how many they end. */
const ended = (count: number): string => {
  if (count === 0) return 'No session was open at this server; others of its cluster end theirs within 2 s';
  return count === 1 ? 'One session was ended' : `${count} sessions were ended`;
};
