import { type Command, Option } from 'commander';
import { itemsFor, parseData, publish } from '../publish.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags {
  type: string;
  title?: string;
  data?: string;
}

/** `tidings notify`: a coloured toast for one user. */
export function notify(program: Command): void {
  const command = program
    .command('notify')
    .description('show a user a coloured notification')
    .argument('<username>', 'who it is for')
    .argument('<message>', 'the text')
    .addOption(
      new Option('--type <type>', 'its colour').choices(['success', 'error', 'info', 'warning']).default('info'),
    )
    .option('--title <text>', 'its title (default: by its type)')
    .option('--data <json>', 'a JSON object to go with it');
  addSenderFlags(command).action((username: string, message: string, flags: Flags) => {
    const { type, title } = flags;
    return publish(
      flags,
      itemsFor('wsSendNotification', { username, message, type, title, data: parseData(flags.data) }),
    );
  });
}
