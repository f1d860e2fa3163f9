import { setTimeout as pause } from 'node:timers/promises';
import type { Sender, TaskLogEntry } from '@tidings/sender';
import type { Command } from 'commander';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { withoutControls } from '../text.ts';

/** The time from one look to the next while a log is followed, ms. */
const betweenMs = 500;

/** `tidings task log`: the log of a task, from its beginning. */
export function taskLog(group: Command): void {
  const command = group
    .command('log')
    .description('show what a task has logged and streamed')
    .argument('<id>', 'which, as "tidings task list" names it')
    .option('-f, --follow', 'go on until the task has ended');
  addSenderFlags(command).action(async (id: string, flags: SenderFlags & { follow?: boolean }) => {
    await withSender(flags, ({ tasks }) => showLog(tasks, id, flags), console.error);
  });
}

async function showLog(
  tasks: Sender['tasks'],
  id: string,
  { json, follow }: { json?: boolean; follow?: boolean },
): Promise<void> {
  let after = 0;
  /** The last line of what was streamed, which may go on. */
  let rest = '';
  const endLine = (): void => {
    if (rest !== '') console.log(rest);
    rest = '';
  };
  const show = (entry: TaskLogEntry): void => {
    if (json) {
      console.log(JSON.stringify(entry));
      return;
    }
    const text = withoutControls(entry.text);
    if (entry.kind !== 'chunk') {
      endLine();
      console.log(text);
      return;
    }
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) console.log(line);
  };
  for (;;) {
    // Nothing is added to the log of a task that has ended.
    const hasEnded = !follow || (await tasks.get(id)).ended_at !== null;
    for (let hasMore = true; hasMore; ) {
      const page = await tasks.readLog(id, { after, limit: 1_000 });
      for (const entry of page.items) show(entry);
      after = page.next_after;
      hasMore = page.has_more;
    }
    if (hasEnded) break;
    await pause(betweenMs);
  }
  endLine();
}
