import { TidingsError } from '@tidings/protocol';
import type { NotificationEdit, NotificationType } from '@tidings/sender';
import { type Command, Option } from 'commander';
import { parseData } from '../data.ts';
import { parseEnd } from '../instant.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { colours } from './notify.ts';

interface Flags extends SenderFlags {
  title?: string;
  message?: string;
  type?: NotificationType;
  category?: string;
  expires?: string;
  data?: string;
}

const examples = `
Examples:
  tidings edit n01jd3… --title Paid --message "Invoice 7 is paid" --type success
  tidings edit n01jd3… --expires never`;

/** `tidings edit`: changes a notification in place. */
export function edit(program: Command): void {
  const command = program
    .command('edit')
    .description('change what was sent in place, on every screen; nobody is alerted again')
    .argument('<id>', 'which, as "tidings send" names it')
    .option('--title <text>', 'its title')
    .option('--message <text>', 'its text')
    .addOption(new Option('--type <type>', 'its colour').choices(colours))
    .option('--category <name>', 'its category; "" for none')
    .option('--expires <time>', 'how long it counts from now, as 1h, until when, or "never"')
    .option('--data <json>', 'a JSON object in place of the one that went with it');
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action((id: string, flags: Flags) => run(id, flags));
}

async function run(id: string, flags: Flags): Promise<void> {
  const change = await changeOf(flags);
  const { rev } = await withSender(flags, (sender) => sender.notifications.edit(id, change));
  console.log(flags.json ? JSON.stringify({ ok: true, id, rev }) : `Changed ${id} (rev ${rev})`);
}

async function changeOf({ title, message, type, category, expires, data }: Flags): Promise<NotificationEdit> {
  const change: NotificationEdit = {
    title,
    message,
    notification_type: type,
    data: await parseData(data),
    category: category === '' ? null : category,
    expires_at: expires === undefined || expires === 'never' ? undefined : parseEnd(expires, Date.now(), '--expires'),
  };
  if (expires === 'never') change.expires_at = null;
  if (Object.values(change).some((value) => value !== undefined)) return change;
  throw new TidingsError(
    'bad_request',
    'say what to change: --title, --message, --type, --category, --expires or --data',
  );
}
