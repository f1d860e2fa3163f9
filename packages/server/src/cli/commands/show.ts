import type { NotificationView } from '@tidings/sender';
import type { Command } from 'commander';
import { when } from '../instant.ts';
import { answerLine } from '../publish.ts';
import { nameOf } from '../recipient.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';

/** `tidings show`: how a notification stands. */
export function show(program: Command): void {
  const command = program
    .command('show')
    .description('tell how a notification stands: waiting, live, answered, expired or retracted')
    .argument('<id>', 'which, as "tidings send" names it');
  addSenderFlags(command).action((id: string, flags: SenderFlags) => run(id, flags));
}

async function run(id: string, flags: SenderFlags): Promise<void> {
  const view = await withSender(flags, (sender) => sender.notifications.get(id));
  console.log(flags.json ? JSON.stringify({ ok: true, ...view }) : describe(view));
}

function describe(view: NotificationView): string {
  const now = Date.now();
  const { id, rev, status, to, created_at, deliver_at, task_id, answer, external_id } = view;
  const { type, title, message, category, expires_at, actions } = (view.frame ?? {}) as Record<string, unknown>;
  const rows: [string, unknown][] = [
    ['For', nameOf(to)],
    [deliver_at ? 'Accepted' : 'Published', when(created_at, now)],
    ['Due', deliver_at && when(deliver_at, now)],
    ['Expires', typeof expires_at === 'string' && when(expires_at, now)],
    ['Type', type],
    ['Category', category],
    ['Title', title],
    ['Message', message],
    ['Your id', external_id],
    ['Task', task_id],
    ['Buttons', Array.isArray(actions) && actions.map(({ id: action, label }) => `${action} (${label})`).join(', ')],
    ['Answer', answer && answerLine(answer)],
  ];
  const shown = rows.flatMap(([name, value]) => (typeof value === 'string' && value ? [[name, oneLine(value)]] : []));
  return [`${id} is ${status} (rev ${rev})`, ...columns(shown).map((line) => `  ${line}`)].join('\n');
}
