import type { Command } from 'commander';
import { parseData } from '../data.ts';
import { addActionFlags, addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemFor, publish } from '../publish.ts';
import { addRecipient, type RecipientFlags, recipientOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags, DeliveryFlags, RecipientFlags {
  data?: string;
}

const examples = `
Examples:
  tidings send alice "Hello"
  tidings send alice "Standup in 10 minutes" --at 2026-12-01T08:50+01:00 --expires 10m
  tidings send --role manager "Transfer 7 over 50,000" --action approve:Approve:primary --action reject:Reject:danger --wait`;

/** `tidings send`: a message to one user, to a role or to everyone. */
export function send(program: Command): void {
  const command = program.command('send').description('send a message');
  addRecipient(command, 'message', 'the text');
  command.option('--data <json>', 'a JSON object to go with it');
  addActionFlags(addDeliveryFlags(command));
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      const { to, what: message } = recipientOf(command, [first, second], flags);
      const item = itemFor('wsSendMessage', to, { message, data: await parseData(flags.data) });
      return publish(flags, [{ ...item, ...deliveryOf(flags) }]);
    });
}
