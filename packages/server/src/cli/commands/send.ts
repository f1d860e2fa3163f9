import type { Command } from 'commander';
import { itemsFor, parseData, publish } from '../publish.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

/** `tidings send`: a message to one user. */
export function send(program: Command): void {
  const command = program
    .command('send')
    .description('send a message to a user')
    .argument('<username>', 'who it is for')
    .argument('<message>', 'the text')
    .option('--data <json>', 'a JSON object to go with it');
  addSenderFlags(command).action((username: string, message: string, flags: SenderFlags & { data?: string }) =>
    publish(flags, itemsFor('wsSendMessage', { username, message, data: parseData(flags.data) })),
  );
}
