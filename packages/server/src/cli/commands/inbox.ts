import { styleText } from 'node:util';
import { TidingsError } from '@tidings/protocol';
import type { InboxFilter, InboxItem, UserInbox } from '@tidings/sender';
import { type Command, Option } from 'commander';
import { relativeTime } from '../instant.ts';
import { limitOf } from '../page-size.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';
import { byNameOrId, calledOf } from '../user.ts';

interface Flags extends SenderFlags {
  limit: string;
  before?: string;
  view?: NonNullable<InboxFilter['view']>;
  unread?: true;
  category?: string;
  search?: string;
}

/** `tidings inbox`: what a user has in the inbox, as they see it. */
export function inbox(program: Command): void {
  const command = program
    .command('inbox')
    .description("show a user's inbox, newest first, as the user sees it; marks nothing as read")
    .argument('<user>', 'the user, by name or id')
    .option('--limit <count>', 'how many, 1 to 100', '20')
    .option('--before <place>', 'the next page, as the last line of a page names it')
    .addOption(new Option('--view <view>', 'which part').choices(['inbox', 'archived', 'snoozed']).default('inbox'))
    .option('--unread', 'only what is unread')
    .option('--category <name>', 'only of this category')
    .option('--search <text>', 'only with this in title, message or file name');
  addSenderFlags(command)
    .addHelpText('after', '\nExample:\n  tidings inbox amadmin --unread')
    .action((user: string, flags: Flags) => run(user, flags));
}

async function run(user: string, flags: Flags): Promise<void> {
  const { view, unread, category, search: q } = flags;
  const filter = { limit: limitOf(flags.limit), before: placeOf(flags.before), view, unread, category, q };
  const page = await withSender(flags, ({ users }) => byNameOrId(user, (name) => users.inbox(name, filter)));
  console.log(flags.json ? JSON.stringify({ ok: true, ...page }) : describe(page, Date.now()));
}

function describe({ items, unread_count, next_before, ...user }: UserInbox, now: number): string {
  const rows = items.map((item) => [
    isUnread(item) ? '●' : ' ',
    relativeTime(item.timestamp, now),
    item.type,
    oneLine(textOf(item)),
    item.id,
  ]);
  const more = next_before === null ? [] : ['', `There is more: add --before ${next_before}`];
  const head = styleText('bold', `${calledOf(user)}: ${unread_count} unread`, { stream: process.stdout });
  return [head, ...(rows.length > 0 ? columns(rows) : ['Nothing here.']), ...more].join('\n');
}

/** True for what the server counts as unread: what has expired, or was answered, does not count. */
const isUnread = ({ receipt, expired, answer }: InboxItem): boolean =>
  receipt?.read_at == null && expired !== true && answer === undefined;

/** Title and message, or the file. */
function textOf({ title, message, file_name }: InboxItem): string {
  const parts = [title, message, file_name].filter((part): part is string => typeof part === 'string' && part !== '');
  return parts.join(' · ');
}

function placeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new TidingsError('bad_request', `--before must be a number that a page named; got ${JSON.stringify(text)}`);
}
