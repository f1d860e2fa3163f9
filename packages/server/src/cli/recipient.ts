import { TidingsError } from '@tidings/protocol';
import type { Audience } from '@tidings/sender';
import type { Command } from 'commander';
import { oneLine } from './text.ts';

export interface RecipientFlags {
  role?: string;
  everyone?: true;
}

/** Gives a command its two arguments: for whom, and what. The first is left out where a flag says for whom. */
export const addRecipient = (command: Command, what: string, about: string): Command =>
  command
    .argument('[username]', 'who it is for; left out with --role or --everyone')
    .argument(`[${what}]`, about)
    .option('--role <role>', 'for all who have a role')
    .option('--everyone', 'for everyone');

/** For whom, and what. Throws `bad_request` with how to say it. */
export function recipientOf(
  command: Command,
  words: readonly [string | undefined, string | undefined],
  { role, everyone }: RecipientFlags,
): { to: Audience; what: string } {
  const [first, second] = words;
  const shared: Audience[] = [...(role === undefined ? [] : [{ role }]), ...(everyone ? [{ everyone }] : [])];
  if (shared.length === 0 && first !== undefined && second !== undefined)
    return { to: { username: first }, what: second };
  if (shared.length === 1 && first !== undefined && second === undefined)
    return { to: shared[0] as Audience, what: first };
  const what = command.registeredArguments[1]?.name();
  throw new TidingsError(
    'bad_request',
    `say for whom in one way, and what: "tidings ${command.name()} <username> <${what}>", or <${what}> alone with --role or --everyone`,
  );
}

/** For whom, in a few words. */
export function nameOf(to: Audience): string {
  if ('everyone' in to) return 'everyone';
  if ('connected' in to) return 'all who are connected';
  if ('role' in to) return `role ${to.role}`;
  const names = Object.values(to).flat().map(String);
  return names.length > 3 ? `${names.length} users` : oneLine(names.join(', '));
}
