import type { Answer, LinkedTask } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { InboxItem } from '../../inbox-item.ts';
import { type FrameLink, isRunning, linkOf, taskOf, textOf } from '../describe-frame.ts';
import { formatAgo, formatSize } from '../format.ts';
import { icon } from '../icons.ts';
import { plainName } from '../links.ts';
import type { InboxStrings, OwnStrings } from '../strings.ts';
import { progress } from '../task/progress.ts';
import { ownValue } from './own-value.ts';
import { allWords } from './words.ts';

/** The context in which a notification's progress and buttons are rendered. */
export interface DetailsContext {
  words: InboxStrings;
  client: TidingsClient;
  /** Takes the promise of an action. */
  asked: (answer: Promise<void>, item: InboxItem) => void;
}

/** Renders the parts of a notification that change: its task's progress, its buttons and their answer. Most have none. */
export function itemDetails(item: InboxItem, use: DetailsContext): TemplateResult {
  const task = taskOf({ ...item.frame, task: item.task });
  return html`
    ${task ? progressOf(task, use) : nothing} ${item.expired ? nothing : buttonsOf({ ...item, task: task ?? null }, use)}
    ${item.answer ? answerOf(item.answer, use) : nothing}
  `;
}

/** The same for toasts, whose element has only a part of the words. */
export const toastDetails = (
  item: InboxItem,
  use: Omit<DetailsContext, 'words'> & { words: Parameters<typeof allWords>[0] },
): TemplateResult => itemDetails(item, { ...use, words: allWords(use.words) });

function progressOf(task: LinkedTask, { words, client }: DetailsContext): TemplateResult | typeof nothing {
  const { status, step, step_number, total_steps, attempt, eta } = task;
  if (!isRunning(task)) {
    const file = status === 'completed' ? fileParts(task.result, words) : [];
    const ending = task.message === words[status] ? '' : words[status];
    return lineOf('ended file', [ending, ...file]);
  }
  const parts = [
    step_number ? words.step(step_number, total_steps) : words[status],
    step ?? '',
    attempt > 1 ? words.attempt(attempt) : '',
  ];
  return html`<div class="live" part="progress">
    <p class="subtle">${joined(parts)}</p>
    ${progress(Math.round(task.progress), eta ? Date.parse(eta) - client.now() : null, words.task, words)}
  </div>`;
}

/** The name and the size of a file, as far as they are known. */
function fileParts(of: unknown, { locale }: OwnStrings): string[] {
  const file = Object(of) as { file_size?: unknown };
  const size = typeof file.file_size === 'number' ? formatSize(file.file_size, locale) : '';
  return [plainName(textOf(file, 'file_name')), size];
}

/** The file that a task or a notification has brought. */
export const fileOf = (of: unknown, words: OwnStrings): TemplateResult | typeof nothing =>
  lineOf('file', fileParts(of, words));

const lineOf = (name: string, parts: readonly string[]): TemplateResult | typeof nothing =>
  parts.some(Boolean) ? html`<p class="live subtle" part=${name}>${joined(parts)}</p>` : nothing;

const joined = (parts: readonly string[]): TemplateResult[] =>
  parts.filter(Boolean).map((part, at) => html`${at ? ' · ' : nothing}<bdi>${part}</bdi>`);

function buttonsOf(item: InboxItem, use: DetailsContext): TemplateResult | typeof nothing {
  const { id, task, actions, answering } = item;
  const { inbox } = use.client;
  const buttons = actions.map(({ id: action, label, style = '' }) =>
    button(label, () => inbox.answer(id, action), item, use, {
      looks: `${style} ${answering === action ? 'busy' : ''}`,
      isBusy: answering !== null,
    }),
  );
  if (task) buttons.push(...taskButtonsOf(task, item, use));
  return buttons.length > 0 ? html`<div class="live buttons">${buttons}</div>` : nothing;
}

function taskButtonsOf(task: LinkedTask, item: InboxItem, use: DetailsContext): TemplateResult[] {
  const { words, client } = use;
  const { task_id, cancel_requested, can_retry, status, result } = task;
  const link = status === 'completed' ? linkOf(Object(result)) : null;
  const cancel = cancel_requested ? words.cancelling : words.cancel;
  const stop = () => button(cancel, () => client.tasks.cancel(task_id), item, use, { isBusy: cancel_requested });
  return [
    ...(isRunning(task) ? [stop()] : []),
    ...(can_retry ? [button(words.retry, () => client.tasks.retry(task_id), item, use)] : []),
    ...(link ? [downloadOf(link, words)] : []),
  ];
}

/** @param pressed is called when the link is followed */
export const downloadOf = (link: FrameLink, words: InboxStrings, pressed = () => {}): TemplateResult =>
  html`<a class="button primary" part="download" href=${link.href} target=${link.target} rel="noopener"
    @click=${pressed} @auxclick=${pressed}>${icon('download')}${words[link.action]}</a>`;

function button(
  label: string,
  ask: () => Promise<void>,
  item: InboxItem,
  { asked }: DetailsContext,
  { looks = '', isBusy = false } = {},
): TemplateResult {
  const press = () => !isBusy && asked(ask(), item);
  return html`<button class="button ${looks}" part="action" aria-disabled=${isBusy} @click=${press}><bdi>${label}</bdi></button>`;
}

function answerOf(answer: Answer, { words, client }: DetailsContext): TemplateResult {
  const { action_id, label, style, user_id, username, answered_at, comment } = answer;
  const done = ownValue(words.done, action_id) ?? label;
  // Isolated, since a name may read in another direction than the text around it.
  const who = user_id === client.state.user?.id ? words.you : `\u2068${words.person(username, user_id)}\u2069`;
  const text = words.answered(done, who, formatAgo(answered_at, client.now(), words.locale));
  const tone = style === 'danger' || /^(reject|decline|deny)/.test(action_id) ? 'error' : 'success';
  return html`<p class="live answer subtle ${tone}" part="answer">
      ${icon(tone)}<bdi>${text}</bdi>
    </p>
    ${comment ? html`<p class="subtle comment"><bdi>${comment}</bdi></p>` : nothing}`;
}
