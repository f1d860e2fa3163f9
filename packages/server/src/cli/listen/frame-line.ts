import { isDurable, type ServerFrame } from '@tidings/protocol';
import { bar, type Paint, type Style } from '../progress-bar.ts';
import { oneLine } from '../text.ts';

type Fields = Record<string, unknown> & { type: string };

/** A frame as one line: time, type, and what it says. */
export function frameLine(frame: ServerFrame, paint: Paint): string {
  const fields = frame as unknown as Fields;
  const at = new Date(isDurable(frame) ? changedAt(fields) : Date.now());
  const clock = at.toTimeString().slice(0, 8);
  const name = paint(styleOf(fields), fields.type.padEnd(23));
  const replayed = fields.replayed ? paint('gray', '  (from before)') : '';
  return `${paint('gray', clock)}  ${name}  ${describe(fields, paint)}${replayed}`;
}

/** When a record came to be as it is: it was published then, or changed, or answered. */
function changedAt({ timestamp, updated_at, answer }: Fields): string {
  const times = [timestamp, updated_at, (answer as Fields | undefined)?.answered_at];
  return (
    times
      .filter((time) => typeof time === 'string')
      .sort()
      .at(-1) ?? ''
  );
}

const byNotificationType: Record<string, Style> = {
  success: 'green',
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
};

function styleOf({ type, notification_type }: Fields): Style {
  if (typeof notification_type === 'string') return byNotificationType[notification_type] ?? 'cyan';
  if (type === 'error' || type === 'task_error' || type.endsWith('_failed')) return 'red';
  if (type === 'task_complete' || type.endsWith('_completed')) return 'green';
  if (type === 'task_cancelled') return 'yellow';
  return plumbing.has(type) ? 'gray' : 'cyan';
}

const plumbing = new Set([
  'connection_established',
  'synced',
  'subscribed',
  'unsubscribed',
  'receipts',
  'unread_count',
  'retracted',
  'topic_joined',
  'topic_left',
  'ping',
  'presence',
  'reply',
]);

function describe(fields: Fields, paint: Paint): string {
  const { type } = fields;
  if (type.startsWith('task_')) return task(fields, paint);
  if (type.startsWith('oracle_upload_')) return upload(fields, paint);
  switch (type) {
    case 'connection_established': {
      const roles = (fields.roles as string[]).join(', ');
      const name =
        fields.username === fields.user_id
          ? text(fields.user_id)
          : `${text(fields.username)} (${text(fields.user_id)})`;
      const resumed = fields.cursor === null ? '' : ', resumed where it was';
      return `connected as ${name}${roles ? `, roles ${oneLine(roles)}` : ''}${resumed}`;
    }
    case 'synced':
      return `up to date, ${unread(fields)}`;
    case 'unread_count':
      return unread(fields);
    case 'topic_joined':
    case 'topic_left':
      return sentence(text(fields.topic), unread(fields));
    case 'retracted':
      return text(fields.id);
    case 'ping':
      return text(fields.cursor);
    case 'subscribed':
    case 'unsubscribed':
      return sentence(text(fields.task_id ?? fields.room), text(fields.reason));
    case 'receipts':
      return `${(fields.items as unknown[]).length} marked${'unread_count' in fields ? `, ${unread(fields)}` : ''}`;
    case 'user_file':
      return sentence(
        text(fields.file_name),
        size(fields.file_size),
        text(fields.file_url),
        text(fields.message),
        ...linkedLines(fields, paint),
      );
    case 'room_event':
    case 'ephemeral_event': {
      const { username } = Object(fields.from) as { username?: string };
      const data = Object.keys(Object(fields.data)).length > 0 ? json(fields.data) : '';
      return sentence(text(fields.room), text(fields.event), text(username), data);
    }
    case 'presence':
      return sentence(text(fields.room), ...people(fields));
    case 'room_state': {
      const { username } = Object(fields.from) as { username?: string };
      return sentence(text(fields.room), `${text(fields.key)} = ${json(fields.value)}`, text(username));
    }
    case 'error':
      return `${text(fields.message)} (${text(fields.code)})`;
    default:
      return sentence(notice(fields, paint), ...linkedLines(fields, paint));
  }
}

/** `here: alice, bob`, `joined: carol`: the names of who is meant; of those who left there are ids only. */
function people(fields: Fields): string[] {
  const named: [string, unknown][] = [
    ['here', fields.members],
    ['joined', fields.joined],
    ['changed', fields.changed],
    ['left', fields.left],
  ];
  return named.flatMap(([label, members]) => {
    if (members === undefined) return [];
    const names = Array.isArray(members)
      ? members
      : Object.values(members as Record<string, { username: string }>).map(({ username }) => username);
    return [`${label}: ${text(names.join(', ')) || 'nobody'}`];
  });
}

const notice = (fields: Fields, paint: Paint): string =>
  sentence(paint('bold', text(fields.title)), text(fields.message)) || json(fields.data ?? fields);

/** Further lines of a notification: its linked task, its buttons or answer, its expiry. */
function linkedLines(fields: Fields, paint: Paint): string[] {
  const actions = (fields.actions ?? []) as { id: string; label: string }[];
  const answer = fields.answer as { action_id: string; label?: string; username: string; comment?: string } | undefined;
  const buttons = actions.map(({ id, label }) => `[${text(label)}: ${text(id)}]`).join(' ');
  const answered =
    answer &&
    sentence(`${text(answer.username)} answered ${text(answer.label ?? answer.action_id)}`, text(answer.comment));
  return [
    fields.task ? task({ ...(fields.task as Fields), type: 'task_update' }, paint) : '',
    answered ?? buttons,
    fields.expired ? paint('gray', '(expired)') : '',
    fields.updated_at ? paint('gray', '(changed)') : '',
  ];
}

/** `3 unread (orders 2)`. */
function unread({ unread_count, categories }: Fields): string {
  const each = Object.entries((categories ?? {}) as Record<string, number>).map(([name, n]) => `${oneLine(name)} ${n}`);
  return `${text(unread_count)} unread${each.length > 0 ? ` (${each.join(', ')})` : ''}`;
}

function task(fields: Fields, paint: Paint): string {
  const { task_id, name, progress, step, step_number, total_steps, message, error, result, status } = fields;
  const stepText = step_number ? `${text(step_number)}/${text(total_steps)}` : '';
  const isOver = fields.type !== 'task_update';
  const state = isOver || status === 'processing' ? '' : text(status);
  const outcome = result === undefined || result === null ? '' : json(result);
  const reason = error === message ? text(error) : sentence(text(error), text(message));
  const label = sentence(text(task_id), name === task_id ? '' : text(name));
  return sentence(
    label,
    bar(Number(progress), paint),
    state,
    text(isOver ? '' : step),
    isOver ? '' : stepText,
    reason,
    outcome,
  );
}

function upload(fields: Fields, paint: Paint): string {
  const { transaction_id, step, step_number, total_steps, message, error, result_path } = fields;
  const done = step_number ? bar((100 * Number(step_number)) / Math.max(1, Number(total_steps)), paint) : '';
  const stepText = step_number ? `${text(step)} ${text(step_number)}/${text(total_steps)}` : '';
  return sentence(text(transaction_id), done, stepText, text(error ?? message), text(result_path));
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

function size(bytes: unknown): string {
  if (typeof bytes !== 'number') return '';
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`;
}

const text = (value: unknown): string => (value === undefined || value === null ? '' : oneLine(String(value)));
const sentence = (...parts: string[]): string => parts.filter(Boolean).join('  ');

const longest = 200;

function json(value: unknown): string {
  const whole = oneLine(JSON.stringify(value) ?? '');
  return whole.length > longest ? `${whole.slice(0, longest)}…` : whole;
}
