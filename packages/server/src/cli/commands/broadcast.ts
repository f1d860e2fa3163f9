import { TidingsError } from '@tidings/protocol';
import type { NotifyInput } from '@tidings/sender';
import type { Command } from 'commander';
import { addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemsFor, parseData, publish } from '../publish.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags, DeliveryFlags {
  everyone?: true;
  role?: string;
  data?: string;
}

/** `tidings broadcast`: one message to several users, to a role or to everyone. */
export function broadcast(program: Command): void {
  const command = program
    .command('broadcast')
    .description('send a message to several users, to a role or to everyone')
    .argument('<message>', 'the text')
    .argument('[usernames...]', 'who it is for')
    .option('--role <role>', 'all who have a role, instead')
    .option('--everyone', 'everyone, instead')
    .option('--data <json>', 'a JSON object to go with it');
  addSenderFlags(addDeliveryFlags(command)).action((message: string, usernames: string[], flags: Flags) => {
    const delivery = deliveryOf(flags);
    return publish(
      flags,
      itemsOf(message, usernames, flags).map((item) => ({ ...item, ...delivery })),
    );
  });
}

function itemsOf(message: string, usernames: readonly string[], flags: Flags): NotifyInput[] {
  const ways = [usernames.length > 0, flags.role !== undefined, flags.everyone === true].filter(Boolean).length;
  if (ways !== 1) {
    throw new TidingsError('bad_request', 'say for whom in one way: names after the message, --role or --everyone');
  }
  const data = parseData(flags.data);
  if (usernames.length > 0) return itemsFor('wsBroadcastMessage', { message, usernames, data });
  const to = flags.role === undefined ? ({ everyone: true } as const) : { role: flags.role };
  return [{ to, type: 'user_message', message, ...(data ? { data } : {}) }];
}
