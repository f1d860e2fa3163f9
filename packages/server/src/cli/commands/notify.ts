import { type Command, Option } from 'commander';
import { parseData } from '../data.ts';
import { addActionFlags, addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemFor, publish } from '../publish.ts';
import { addRecipient, type RecipientFlags, recipientOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags, DeliveryFlags, RecipientFlags {
  type: string;
  title?: string;
  data?: string;
}

const examples = `
Examples:
  tidings notify alice "Invoice 7 is paid" --type success --title Paid --category invoices
  tidings notify --everyone "Maintenance tonight" --type warning --in 2h`;

/** The colours a notification can have. */
export const colours = ['success', 'error', 'info', 'warning'];

/** `tidings notify`: a coloured toast for one user, for a role or for everyone. */
export function notify(program: Command): void {
  const command = program.command('notify').description('show a coloured notification');
  addRecipient(command, 'message', 'the text');
  command
    .addOption(new Option('--type <type>', 'its colour').choices(colours).default('info'))
    .option('--title <text>', 'its title (default: by its type)')
    .option('--data <json>', 'a JSON object to go with it');
  addActionFlags(addDeliveryFlags(command));
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      const { to, what: message } = recipientOf(command, [first, second], flags);
      const { type, title } = flags;
      const item = itemFor('wsSendNotification', to, { message, type, title, data: await parseData(flags.data) });
      return publish(flags, [{ ...item, ...deliveryOf(flags) }]);
    });
}
