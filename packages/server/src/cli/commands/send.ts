import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { parseData } from '../data.ts';
import { addActionFlags, addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemFor, publish } from '../publish.ts';
import { addRecipient, type RecipientFlags, recipientOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { oneLine } from '../text.ts';

interface Flags extends SenderFlags, DeliveryFlags, RecipientFlags, RoomFlags {
  data?: string;
}

interface RoomFlags {
  room?: string;
  event?: string;
  mention?: string[];
  ephemeral?: true;
}

const examples = `
Examples:
  tidings send alice "Hello"
  tidings send alice "Standup in 10 minutes" --at 2026-12-01T08:50+01:00 --expires 10m
  tidings send --role manager "Transfer 7 over 50,000" --action approve:Approve:primary --action reject:Reject:danger --wait
  tidings send --room project:12 --event comment_added --data '{"text": "Looks right to me"}'`;

/** `tidings send`: a message to one user, to a role or to everyone; or an event to a room. */
export function send(program: Command): void {
  const command = program.command('send').description('send a message, or an event to a room');
  addRecipient(command, 'message', 'the text');
  command
    .option('--data <json>', 'a JSON object to go with it')
    .option('--room <room>', 'send an event to this room, as project:12, in place of a message')
    .option('--event <name>', 'what the event of --room is called, as comment_added')
    .option('--mention <user>', 'a user, by id, to tell of it; repeat it for several', (id, before: string[] = []) => [
      ...before,
      id,
    ])
    .option('--ephemeral', 'send it to those who follow --room now, and store nothing');
  addActionFlags(addDeliveryFlags(command));
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      if (flags.room !== undefined) return sendToRoom(flags, [first, second]);
      const stray = (['event', 'mention', 'ephemeral'] as const).find((name) => flags[name] !== undefined);
      if (stray) throw new TidingsError('bad_request', `--${stray} is of an event: name its room by --room`);
      const { to, what: message } = recipientOf(command, [first, second], flags);
      const item = itemFor('wsSendMessage', to, { message, data: await parseData(flags.data) });
      return publish(flags, [{ ...item, ...deliveryOf(flags) }]);
    });
}

async function sendToRoom(flags: Flags, words: readonly (string | undefined)[]): Promise<void> {
  const { room = '', event, mention: mentions, ephemeral, role, everyone } = flags;
  const hasOthers = words.some((word) => word !== undefined) || role !== undefined || everyone;
  if (event === undefined || hasOthers) {
    throw new TidingsError(
      'bad_request',
      `to a room send an event, and nobody else's message: "tidings send --room ${oneLine(room)} --event comment_added --data '{…}'"`,
    );
  }
  const data = await parseData(flags.data);
  const result = await withSender(
    flags,
    (sender) => sender.rooms.send(room, event, data, { mentions, ephemeral }),
    console.error,
  );
  if (flags.json) console.log(JSON.stringify({ ok: true, room, event, ...result }));
  else if (result.ephemeral) console.log(`Sent to those who follow ${oneLine(room)} now`);
  else console.log(`Sent to ${oneLine(room)}: ${result.id} (rev ${result.rev})`);
}
