import { TidingsError } from '@tidings/protocol';
import type { NotifyInput } from '@tidings/sender';
import type { Command } from 'commander';
import { parseData } from '../data.ts';
import { addDeliveryFlags, type DeliveryFlags, deliveryOf } from '../delivery-flags.ts';
import { itemsFor, publish } from '../publish.ts';
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
  addSenderFlags(addDeliveryFlags(command)).action(async (message: string, usernames: string[], flags: Flags) => {
    const delivery = deliveryOf(flags);
    const items = await itemsOf(message, usernames, flags);
    return publish(
      flags,
      items.map((item) => ({ ...item, ...delivery })),
    );
  });
}

async function itemsOf(message: string, usernames: readonly string[], flags: Flags): Promise<NotifyInput[]> {
  const ways = [usernames.length > 0, flags.role !== undefined, flags.everyone === true].filter(Boolean).length;
  if (ways !== 1) {
    throw new TidingsError('bad_request', 'say for whom in one way: names after the message, --role or --everyone');
  }
  const data = await parseData(flags.data);
  if (usernames.length > 0) return itemsFor('wsBroadcastMessage', { message, usernames, data });
  const to = flags.role === undefined ? ({ everyone: true } as const) : { role: flags.role };
  return [{ to, type: 'user_message', message, ...(data ? { data } : {}) }];
}
