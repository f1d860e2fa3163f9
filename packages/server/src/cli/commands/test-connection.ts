import type { ConnectionTest } from '@tidings/sender';
import type { Command } from 'commander';
import { exitCodes } from '../failure.ts';
import { localTime } from '../instant.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { oneLine } from '../text.ts';

/** `tidings test-connection`: whether a user is connected, on which devices, and whether a probe comes back. */
export function testConnection(program: Command): void {
  const command = program
    .command('test-connection')
    .description('tell whether a user is connected, on which devices, and whether a probe comes back')
    .argument('<username>', 'the user');
  addSenderFlags(command).action((username: string, flags: SenderFlags) => run(username, flags));
}

async function run(username: string, flags: SenderFlags): Promise<void> {
  const { error, ...found } = await withSender(flags, (sender) => sender.testWebsocketConnection(username));
  if (error) throw error;
  if (!found.answered) process.exitCode = exitCodes.failed;
  console.log(flags.json ? JSON.stringify({ ok: found.answered, ...found }) : describe(found));
}

function describe({ username, connected, answered, connections }: Omit<ConnectionTest, 'error'>): string {
  if (!connected) return `${username} is not connected; what is sent waits.`;
  const count = connections.length === 1 ? 'one connection' : `${connections.length} connections`;
  const lines = connections.map(({ path, connected_at, user_agent, address, round_trip_ms }) => {
    const probe = round_trip_ms === null ? 'no answer to the probe' : `probe back in ${round_trip_ms.toFixed(1)} ms`;
    const device = oneLine(user_agent || 'unnamed program');
    return `  ${path}  since ${localTime(connected_at)}  from ${address}  ${device}  ${probe}`;
  });
  return [`${username} is connected (${count})${answered ? '' : ', but answers no probe'}.`, ...lines].join('\n');
}
