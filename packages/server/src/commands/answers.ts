import {
  type Answer,
  type AnswerEvent,
  type ClientActionOf,
  type NotificationView,
  TidingsError,
} from '@tidings/protocol';
import { limits } from '@tidings/protocol/schemas';
import type { WaitOptions } from '../domain/changes.ts';
import type { Identity } from '../domain/identity.ts';
import { answerEvent, answered, isAsking, standingOf } from '../domain/inbox/answers.ts';
import { stateOf } from '../domain/inbox/notification.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import { inboxTopics } from '../domain/topics.ts';
import type { ReceiptWrite, Write } from '../domain/writes.ts';
import { linkedTask } from '../tasks/linked.ts';
import { answeredTask, decidedTask } from '../tasks/questions.ts';
import type { TaskState } from '../tasks/task.ts';
import type { CommandContext } from './context.ts';
import { getNotification } from './notifications.ts';
import { checkText, notFound } from './refuse.ts';
import { mayAnswer } from './tasks.ts';

/** The choice of a person. */
export type Choice = Pick<ClientActionOf<'answer'>, 'action_id' | 'comment'>;

/** The reply to an answer. */
export interface AnswerView {
  id: string;
  answer: Answer;
  /** The same person had given the same answer before. */
  repeated?: true;
}

/**
 * Answers a notification of a person's inbox. The first answer is the answer, whoever gives it and on whatever device; the same
 * one again by the same person is replied to alike. Throws `not_found`, `bad_request` and `conflict`.
 */
export async function answerNotification(
  context: CommandContext,
  person: Identity,
  { id, ...choice }: Choice & { id: string },
): Promise<AnswerView> {
  await checkInbox(context, person, id);
  return answer(context, person, id, choice);
}

/** Decides what a task waits for, as its owner, a follower or an administrator may. Throws TidingsError. */
export async function answerTask(
  context: CommandContext,
  person: Identity,
  { task_id, answer: value }: { task_id: string; answer: unknown },
): Promise<{ task_id: string; status: TaskState['status'] }> {
  const task = (await context.tasks.get(task_id))?.state;
  if (!task || !mayAnswer(context, person, task)) throw notFound('task', task_id);
  checkText({ answer: value });
  checkWaiting(task);
  const asking = await questionsOf(context, task);
  if (asking.length > 0) await answerOneOf(context, person, asking, value);
  else await context.tasks.change(task_id, (before) => decided(before, task_id, person, value, context.clock.now()));
  return { task_id, status: (await context.tasks.get(task_id))?.state.status ?? task.status };
}

/** Answers past a rev, oldest first; null: from now on. Waits for one where there is none, as long as the wait lasts. */
export async function answersSince(
  context: CommandContext,
  { after, limit }: { after: number | null; limit: number },
  wait: WaitOptions,
): Promise<{ items: AnswerEvent[]; next_after: number }> {
  const { head } = await context.store.head();
  const from = after ?? head;
  if (from > head) {
    throw new TidingsError('bad_request', `"after" must be the rev of an answer, at most ${head} by now; got ${from}`);
  }
  const found = await context.watch.waitFor(['answer'], wait, async () => {
    const { records } = await context.store.answersAfter(from, limit);
    return records.length > 0 ? records : null;
  });
  const items = (found ?? []).map(answerEvent);
  return { items, next_after: items.at(-1)?.rev ?? from };
}

/** A notification when it is answered, or can be answered no more; as it is where the wait ends before. Throws `not_found`. */
export async function waitForAnswer(context: CommandContext, id: string, wait: WaitOptions): Promise<NotificationView> {
  const look = async () => {
    const view = await getNotification(context, id);
    const mayCome = view.status === 'scheduled' || (view.status === 'live' && view.frame?.actions !== undefined);
    return mayCome ? null : view;
  };
  return (await context.watch.waitFor([id], wait, look)) ?? getNotification(context, id);
}

/** Throws `not_found` for a notification that a person does not have, and never had. */
async function checkInbox(context: CommandContext, person: Identity, id: string): Promise<void> {
  const topics = inboxTopics(person);
  if (await context.store.isInInbox(person.id, topics, id)) return;
  const record = await context.store.record(id);
  const wasThere = record?.kind === 'retracted' && record.topics.some((topic) => topics.includes(topic));
  if (!wasThere) throw notFound('notification', id);
}

/** Stores the first answer and all that follows from it in one commit. The commit is made anew if others changed the same records. */
async function answer(context: CommandContext, person: Identity, id: string, choice: Choice): Promise<AnswerView> {
  const { action_id, comment } = choice;
  const now = context.clock.now();
  const said = comment === undefined || comment === '' ? {} : { comment };
  const who = { user_id: person.id, username: person.username, answered_at: new Date(now).toISOString() };
  const look = async (): Promise<Given> => {
    const record = await context.store.record(id);
    if (!record) throw notFound('notification', id);
    const standing = standingOf(record, { action_id, user_id: person.id });
    if (standing.kind === 'repeated') return { view: { id, answer: standing.answer, repeated: true }, record };
    const { label, style } = standing.button;
    const given = { action_id, label, ...(style ? { style } : {}), ...who, ...said };
    const writes = (task: TaskState | null): Write[] => [
      ...answered(record, given, task && linkedTask(task), now),
      readReceipt(context, person, id),
    ];
    return { view: { id, answer: given }, record, writes };
  };
  const first = await look();
  const task = await followedTask(context, first.record);
  return task ? storeWithTask(context, task, first, look) : storeAlone(context, first, look);
}

/** An answer, and what it stores; without `writes` it was stored before. */
interface Given {
  view: AnswerView;
  record: StoredRecord;
  writes?: (task: TaskState | null) => Write[];
}

async function storeAlone(context: CommandContext, first: Given, look: () => Promise<Given>): Promise<AnswerView> {
  for (let { view, writes } = first; ; { view, writes } = await look()) {
    const outcomes = writes ? await context.store.commit(writes(null), { atomic: true }) : [];
    if (!outcomes.some(({ status }) => status === 'stale')) return view;
  }
}

async function storeWithTask(
  context: CommandContext,
  task: TaskState,
  first: Given,
  look: () => Promise<Given>,
): Promise<AnswerView> {
  let { view } = first;
  await context.tasks.changeWith(task.task_id, async (current) => {
    const before = current ?? task;
    const given = await look();
    view = given.view;
    if (!given.writes) return { state: before };
    const state = answeredTask(before, view.id, view.answer);
    return { state, beside: given.writes(state) };
  });
  return view;
}

/** The task that a notification follows; null for none. */
async function followedTask(context: CommandContext, record: StoredRecord): Promise<TaskState | null> {
  const taskId = stateOf(record).task_id;
  return taskId === null ? null : ((await context.tasks.get(taskId))?.state ?? null);
}

function readReceipt(context: CommandContext, { id, roles }: Identity, notification: string) {
  const topics = inboxTopics({ id, roles });
  const write: ReceiptWrite = {
    ...{ op: 'receipt', userId: id, topics, ids: [notification], upTo: null, mark: 'read', until: null },
    at: context.clock.now(),
  };
  return write;
}

function checkWaiting({ task_id, status }: TaskState): void {
  if (status === 'waiting') return;
  throw new TidingsError('conflict', `task ${task_id} waits for no decision: it is ${status}`);
}

/** The notifications by which a task asks, and that nobody has answered. */
async function questionsOf(context: CommandContext, task: TaskState): Promise<StoredRecord[]> {
  return (await context.store.linkedTo(task.task_id)).filter(isAsking);
}

/** Answers the question that has this button. */
function answerOneOf(
  context: CommandContext,
  person: Identity,
  asking: readonly StoredRecord[],
  value: unknown,
): Promise<AnswerView> {
  const { action_id, comment } = typeof value === 'string' ? { action_id: value } : ((value ?? {}) as Partial<Choice>);
  if (comment !== undefined && !(typeof comment === 'string' && comment.length <= limits.comment)) {
    throw new TidingsError('bad_request', `the comment must be text of up to ${limits.comment} characters`);
  }
  const known = asking.flatMap((record) => stateOf(record).actions.map((action) => ({ id: action.id, record })));
  const found = known.find((action) => action.id === action_id);
  if (found) return answer(context, person, found.record.id, { action_id: found.id, comment });
  const ids = [...new Set(known.map((action) => JSON.stringify(action.id)))].join(', ');
  const got = JSON.stringify(value ?? null).slice(0, 80);
  throw new TidingsError('bad_request', `answer must be one of ${ids}, or {"action_id", "comment"}; got ${got}`);
}

/** Applies a person's decision to a task that waits for one and has no buttons. */
function decided(before: TaskState | null, taskId: string, person: Identity, value: unknown, now: number): TaskState {
  if (!before) throw notFound('task', taskId);
  checkWaiting(before);
  const who = { user_id: person.id, username: person.username, answered_at: new Date(now).toISOString() };
  return decidedTask(before, { action_id: null, value: value ?? null, ...who });
}
