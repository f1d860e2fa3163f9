import type { LivingTask } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { InboxItem, Notice } from '../../inbox-item.ts';
import { isRunning, linkOf, textOf } from '../describe-frame.ts';
import { formatAgo, formatSize } from '../format.ts';
import { icon } from '../icons.ts';
import { plainName } from '../links.ts';
import type { OwnStrings } from '../strings.ts';
import { progress } from '../task/progress.ts';

/** Where what is alive of a notification is shown. */
export interface LivingUse {
  words: OwnStrings;
  client: TidingsClient;
  /** Takes what was asked of the server. */
  asked: (answer: Promise<void>, item: InboxItem) => void;
}

/** What is alive of a notification: how its task is doing, its buttons, and how they were answered; nothing for most. */
export function living(item: InboxItem, use: LivingUse): TemplateResult {
  const { task, answer } = item;
  return html`
    ${task ? taskOf(task, use) : nothing} ${item.expired ? nothing : buttonsOf(item, use)}
    ${answer ? answerOf(item, use) : nothing}
  `;
}

function taskOf(task: LivingTask, { words }: LivingUse): TemplateResult | typeof nothing {
  const { status, step, step_number, total_steps, attempt, eta } = task;
  if (!isRunning(task)) return task.status === 'completed' ? fileOf(task.result, words) : nothing;
  const parts = [
    step_number ? words.step(step_number, total_steps) : words[status],
    step ?? '',
    attempt > 1 ? words.attempt(attempt) : '',
  ];
  return html`<div class="live" part="progress">
    <p class="subtle">${parts.filter(Boolean).map((part, at) => html`${at ? ' · ' : nothing}<bdi>${part}</bdi>`)}</p>
    ${progress(Math.round(task.progress), eta ? Date.parse(eta) - Date.now() : null, words.task, words)}
  </div>`;
}

/** The file that a task or a notification has brought. */
export function fileOf(of: unknown, { locale }: OwnStrings): TemplateResult | typeof nothing {
  const file = Object(of) as { file_size?: unknown };
  const name = textOf(file, 'file_name');
  const size = typeof file.file_size === 'number' ? formatSize(file.file_size, locale) : '';
  if (!name && !size) return nothing;
  return html`<p class="live subtle" part="file"><bdi>${plainName(name)}</bdi>${name && size ? ' · ' : nothing}<bdi>${size}</bdi></p>`;
}

function buttonsOf(item: InboxItem, use: LivingUse): TemplateResult | typeof nothing {
  const { id, task, actions, answering } = item;
  const { words, client, asked } = use;
  const { inbox, tasks } = client;
  const link = task?.status === 'completed' ? linkOf(Object(task.result)) : null;
  const button = (label: string, ask: () => Promise<void>, name = '', isBusy = false) =>
    html`<button class="button ${name}" part="action" aria-disabled=${isBusy} @click=${() => !isBusy && asked(ask(), item)}>
      <bdi>${label}</bdi>
    </button>`;
  const buttons = [
    ...actions.map(({ id: action, label, style = '' }) =>
      button(
        label,
        () => inbox.answer(id, action),
        `${style} ${answering === action ? 'busy' : ''}`,
        answering !== null,
      ),
    ),
    ...(task && isRunning(task)
      ? [
          button(
            task.cancel_requested ? words.cancelling : words.cancel,
            () => tasks.cancel(task.task_id),
            '',
            task.cancel_requested,
          ),
        ]
      : []),
    ...(task?.can_retry ? [button(words.retry, () => tasks.retry(task.task_id))] : []),
    ...(link
      ? [
          html`<a class="button primary" part="download" href=${link.href} target=${link.target} rel="noopener"
            >${icon('download')}${words[link.action]}</a>`,
        ]
      : []),
  ];
  return buttons.length > 0 ? html`<div class="live buttons">${buttons}</div>` : nothing;
}

function answerOf({ answer, frame }: InboxItem, { words, client }: LivingUse): TemplateResult | typeof nothing {
  if (!answer) return nothing;
  const { action_id, user_id, username, answered_at, comment } = answer;
  const pressed = (frame as Notice).actions?.find(({ id }) => id === action_id);
  const done = words.done[action_id] ?? pressed?.label ?? action_id;
  // Isolated, since a name may read in another direction than what is around it.
  const who = user_id === client.state.user?.id ? words.you : `\u2068${username}\u2069`;
  const text = words.answered(done, who, formatAgo(answered_at, Date.now(), words.locale));
  return html`<p class="live answer subtle ${pressed?.style === 'danger' ? 'error' : 'success'}" part="answer">
      ${icon(pressed?.style === 'danger' ? 'error' : 'success')}<bdi>${text}</bdi>
    </p>
    ${comment ? html`<p class="subtle comment"><bdi>${comment}</bdi></p>` : nothing}`;
}
