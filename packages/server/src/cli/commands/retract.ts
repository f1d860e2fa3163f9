import type { Command } from 'commander';
import { addSenderFlags, type SenderFlags } from '../sender-flags.ts';
import { eachId } from './each-id.ts';

/** `tidings retract`: takes notifications back from every inbox. */
export function retract(program: Command): void {
  const command = program
    .command('retract')
    .description('take back what was sent, from every inbox and screen')
    .argument('<ids...>', 'which, as "tidings send" names them');
  addSenderFlags(command).action((ids: string[], flags: SenderFlags) =>
    eachId(flags, ids, 'Retracted', (sender, id) => sender.notifications.retract(id)),
  );
}
