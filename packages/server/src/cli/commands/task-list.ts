import { TidingsError } from '@tidings/protocol';
import type { Sender, Task, TaskFilter, TaskPage, TaskStatus } from '@tidings/sender';
import { type Command, Option } from 'commander';
import { relativeTime } from '../instant.ts';
import { limitOf } from '../page-size.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { shownStatus } from '../shown-status.ts';
import { columns, oneLine } from '../text.ts';
import { findUser } from '../user.ts';

interface Flags extends SenderFlags {
  owner?: string;
  status?: TaskStatus;
  name?: string;
  limit: string;
  before?: string;
}

const statuses: TaskStatus[] = ['queued', 'processing', 'waiting', 'completed', 'failed', 'cancelled'];

const examples = `
Examples:
  tidings task list --status processing
  tidings task list --owner alice --name import`;

/** `tidings task list`: the tasks, the newest change first. */
export function taskList(group: Command): void {
  const command = group
    .command('list')
    .description('list tasks, the newest change first')
    .option('--owner <user>', "only this user's, by name or id")
    .addOption(new Option('--status <status>', 'only with this status').choices(statuses))
    .option('--name <name>', 'only of this name')
    .option('--limit <count>', 'how many, 1 to 100', '20')
    .option('--before <place>', 'the next page, as the last line of a page names it');
  addSenderFlags(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { owner, status, name } = flags;
      const filter = { status, name, limit: limitOf(flags.limit), before: placeOf(flags.before) };
      const page = await withSender(flags, async (sender) =>
        readPage(sender, { ...filter, owner: owner === undefined ? undefined : await ownerOf(sender, owner) }),
      );
      console.log(flags.json ? JSON.stringify({ ok: true, ...page }) : describe(page, Date.now()));
    });
}

/** The most answers of the server that are read for one page; it looks through 1,000 tasks for each. */
const answersAtMost = 20;

/** A page that is full if there are so many: one of a single name may come in parts, some of them empty. */
async function readPage({ tasks }: Sender, filter: TaskFilter & { limit: number }): Promise<TaskPage> {
  const items: Task[] = [];
  let { before } = filter;
  for (let answers = 0; ; ) {
    const page = await tasks.list({ ...filter, before, limit: filter.limit - items.length });
    items.push(...page.items);
    const isWhole = items.length >= filter.limit || page.next_before === null || ++answers === answersAtMost;
    if (isWhole) return { items, next_before: page.next_before };
    before = page.next_before as number;
  }
}

/** The id of an owner by name, else by id. An owner may be a user who was never seen, and is then named by id. */
async function ownerOf(sender: Sender, user: string): Promise<string> {
  const found = await findUser(sender, user).catch((error: unknown) => {
    if (error instanceof TidingsError && error.code === 'not_found') return { user_id: user };
    throw error;
  });
  return found.user_id;
}

function describe({ items, next_before }: TaskPage, now: number): string {
  const rows = items.map((task) => [
    oneLine(task.task_id),
    shownStatus(task),
    `${Math.round(task.progress)} %`.padStart(5),
    oneLine(task.name ?? ''),
    oneLine(task.owner ?? ''),
    relativeTime(task.updated_at, now),
    oneLine(task.error ?? task.message).slice(0, 80),
  ]);
  const more = next_before === null ? [] : ['', `There is more: add --before ${next_before}`];
  return [...(rows.length > 0 ? columns(rows) : ['No tasks here.']), ...more].join('\n');
}

function placeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new TidingsError('bad_request', `--before must be a number that a page named; got ${JSON.stringify(text)}`);
}
