import { createSender, type Sender } from '@tidings/sender';
import type { Command } from 'commander';

/** The flags of every command that calls a server. */
export interface SenderFlags {
  url?: string;
  apiKey?: string;
  json?: true;
}

export const addSenderFlags = (command: Command): Command =>
  command
    .option('--url <url>', "the server's address; TIDINGS_URL")
    .option('--api-key <key>', 'its API key; TIDINGS_API_KEY')
    .option('--json', 'print the result as JSON');

/** The longest time to reach the server, ms. */
const timeoutMs = 5_000;

/**
 * Runs with a sender, and closes it. Reasons are thrown or returned, so the sender itself says nothing, but for why it waits
 * longer, where somebody is to know.
 */
export async function withSender<R>(
  { url, apiKey }: SenderFlags,
  run: (sender: Sender) => Promise<R>,
  warn: (text: string) => void = () => {},
): Promise<R> {
  const sender = createSender({ url, apiKey, timeoutMs, logger: { warn } });
  try {
    return await run(sender);
  } finally {
    await sender.close();
  }
}
