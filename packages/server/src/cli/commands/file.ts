import { TidingsError } from '@tidings/protocol';
import type { Command } from 'commander';
import { itemsFor, parseData, publish } from '../publish.ts';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';

interface Flags extends SenderFlags {
  name?: string;
  size?: string;
  message?: string;
  data?: string;
}

/** `tidings file`: offers a user a file to download. */
export function file(program: Command): void {
  const command = program
    .command('file')
    .description('offer a user a file to download')
    .argument('<username>', 'who it is for')
    .argument('<url>', 'where it is: http(s) or relative')
    .option('--name <name>', "its name (default: the last part of the URL's path)")
    .option('--size <bytes>', 'its size')
    .option('--message <text>', 'what to say (default "File ready for download")')
    .option('--data <json>', 'a JSON object to go with it');
  addSenderFlags(command).action((username: string, url: string, flags: Flags) => {
    const { name: fileName, message } = flags;
    const options = {
      username,
      fileUrl: url,
      fileName,
      message,
      fileSize: sizeOf(flags.size),
      data: parseData(flags.data),
    };
    return publish(flags, itemsFor('wsSendFile', options));
  });
}

function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new TidingsError('bad_request', `--size must be a whole number of bytes; got ${JSON.stringify(text)}`);
}
