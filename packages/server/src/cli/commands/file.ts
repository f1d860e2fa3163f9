import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { parseData } from '../data.ts';
import { addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemFor, publish } from '../publish.ts';
import { addRecipient, type RecipientFlags, recipientOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags, DeliveryFlags, RecipientFlags {
  name?: string;
  size?: string;
  message?: string;
  data?: string;
}

const examples = `
Examples:
  tidings file alice https://files.example/Q3.pdf --size 1500000
  tidings file --role finance /exports/7.csv --name Budget.csv --expires 7d`;

/** `tidings file`: offers a file to download to one user, to a role or to everyone. */
export function file(program: Command): void {
  const command = program.command('file').description('offer a file to download');
  addRecipient(command, 'url', 'where it is: http(s) or relative');
  command
    .option('--name <name>', "its name (default: the last part of the URL's path)")
    .option('--size <bytes>', 'its size')
    .option('--message <text>', 'what to say (default "File ready for download")')
    .option('--data <json>', 'a JSON object to go with it');
  addSenderFlags(addDeliveryFlags(command))
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      const { to, what: fileUrl } = recipientOf(command, [first, second], flags);
      const { name: fileName, message, data } = flags;
      const options = { fileUrl, fileName, message, fileSize: sizeOf(flags.size), data: await parseData(data) };
      return publish(flags, [{ ...itemFor('wsSendFile', to, options), ...deliveryOf(flags) }]);
    });
}

function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new TidingsError('bad_request', `--size must be a whole number of bytes; got ${JSON.stringify(text)}`);
}
