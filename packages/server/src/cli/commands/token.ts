import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { parseDuration } from '../duration.ts';
import { addSettings } from '../setting-flags.ts';
import { listOf, tokenSettings } from '../token-settings.ts';

interface Flags extends Record<string, unknown> {
  user: string;
  username?: string;
  roles?: string;
  grants?: string;
  expires: string;
  evidence: boolean;
  json?: true;
}

const notes = `
To the server it is news of the user, as any token: without --username the name
becomes the id, without --roles the user has no roles from then on.`;

/** `tidings token`: makes a token that the server takes. */
export function token(program: Command): void {
  const command = program
    .command('token')
    .description('make a token for a user, signed with the configured secret, else that of "tidings dev"')
    .requiredOption('--user <id>', "the user's id")
    .option('--username <name>', 'a name for the user, beside the id')
    .option('--roles <roles>', 'roles, separated by commas')
    .option('--grants <grants>', 'rights to rooms, separated by commas, as project:12:rw')
    .option('--no-evidence', 'say nothing of name and roles: those that the server knows hold, and stay as they are')
    .option('--expires <time>', 'how long it lasts, as 90s, 15m, 1h, 7d', '1h');
  addSettings(command, tokenSettings)
    .option('--json', 'print JSON: token and expires_at')
    .addHelpText('after', notes)
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  const expiresIn = parseDuration(flags.expires, '--expires');
  const { mintToken, signingOf } = await import('../mint-token.ts');
  const signing = signingOf({ flags, environment: process.env });
  const { user, username, evidence } = flags;
  const claims = { user, username, roles: listOf(flags.roles), grants: listOf(flags.grants), evidence, expiresIn };
  if (!evidence && (username !== undefined || flags.roles !== undefined)) {
    throw new TidingsError(
      'bad_request',
      '--no-evidence says nothing of name and roles: leave out --username and --roles',
    );
  }
  const { token: jwt, expiresAt } = await mintToken(signing, claims);
  console.log(flags.json ? JSON.stringify({ ok: true, token: jwt, expires_at: expiresAt.toISOString() }) : jwt);
}
