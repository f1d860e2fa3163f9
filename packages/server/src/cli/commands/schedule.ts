import type { NotificationView, ScheduledPage } from '@tidings/sender';
import type { Command } from 'commander';
import { localTime, relativeTime } from '../instant.ts';
import { limitOf } from '../page-size.ts';
import { nameOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';
import { eachId } from './each-id.ts';

interface Flags extends SenderFlags {
  before?: string;
  limit: string;
}

const examples = `
Examples:
  tidings send alice "Standup in 10 minutes" --at 2026-12-01T08:50+01:00
  tidings schedule
  tidings schedule cancel n01jd3…`;

/** `tidings schedule`: what waits for its time, and `schedule cancel` to take it back. */
export function schedule(program: Command): void {
  const command = program
    .command('schedule')
    .description('list what waits to be delivered, soonest first; "schedule cancel" takes it back')
    // The flags behind "cancel" are its own.
    .enablePositionalOptions()
    .option('--limit <count>', 'how many, 1 to 100', '20')
    .option('--before <place>', 'the next page, as the one before names it');
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action((flags: Flags) => list(flags));
  const cancel = command
    .command('cancel')
    .description('take back what waits; an error where it was delivered already')
    .argument('<ids...>', 'which, as "tidings schedule" and "tidings send" name them');
  addSenderFlags(cancel).action((ids: string[], flags: SenderFlags) =>
    eachId(flags, ids, 'Cancelled', (sender, id) => sender.notifications.cancel(id)),
  );
}

async function list(flags: Flags): Promise<void> {
  const { before } = flags;
  const limit = limitOf(flags.limit);
  const page = await withSender(flags, (sender) => sender.notifications.scheduled({ before, limit }));
  console.log(flags.json ? JSON.stringify({ ok: true, ...page }) : describe(page, limit));
}

function describe({ items, next_before }: ScheduledPage, limit: number): string {
  if (items.length === 0) return 'Nothing waits to be delivered.';
  const now = Date.now();
  const rows = items.map((item) => rowOf(item, now));
  const more =
    next_before === null ? [] : ['', `There is more: tidings schedule --limit ${limit} --before ${next_before}`];
  return [...columns(rows), ...more].join('\n');
}

function rowOf({ id, deliver_at, to, frame }: NotificationView, now: number): string[] {
  const { title, message, type } = (frame ?? {}) as { title?: unknown; message?: unknown; type?: string };
  const text = [title, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  const time = deliver_at ?? new Date(now).toISOString();
  return [id, localTime(time), relativeTime(time, now), nameOf(to), oneLine(text || (type ?? ''))];
}
