import { hasEnded, type Task, type TaskPage, type TaskReport, type TaskStart, TidingsError } from '@tidings/protocol';
import { TaskReport as ReportSchema, TaskStart as StartSchema } from '@tidings/protocol/schemas';
import type { WaitOptions } from '../domain/changes.ts';
import type { Identity } from '../domain/identity.ts';
import { isAdmin } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import { retried } from '../tasks/attempts.ts';
import { isOpen } from '../tasks/people.ts';
import { type StoredTask, taskRecordId } from '../tasks/record.ts';
import { readTask, type TaskState, taskView } from '../tasks/task.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { notFound, parser } from './refuse.ts';

const parseReport = parser<TaskReport>(ReportSchema, 'a task report');
const parseStart = parser<TaskStart>(StartSchema, 'a task');

const view = ({ state, rev }: StoredTask): Task => taskView(state, rev);

/** Begins a task that runs elsewhere, and is reported on from there. A repeated idempotency key answers with the same task. */
export async function startTask(context: CommandContext, caller: BackEnd, input: unknown): Promise<Task> {
  const { task_id, idempotency_key, ...report } = parseStart(input);
  const id = task_id === undefined ? newId('t', context.clock.now()) : String(task_id);
  const key = idempotency_key === undefined ? null : `${caller.scope}\ntask\n${idempotency_key}`;
  return view(await context.tasks.begin(id, { status: 'queued', ...report }, key));
}

/** Takes a report; one on an unknown id creates the task. */
export async function reportTask(context: CommandContext, taskId: string, input: unknown): Promise<Task> {
  const report = parseReport(input);
  if (taskId === '' || taskId.length > 256) {
    throw new TidingsError('bad_request', `a task's id has 1 to 256 characters; got ${taskId.length}`);
  }
  const stored = await context.tasks.report(taskId, report);
  // A task of this server that is begun anew from elsewhere.
  if (stored.state.run && stored.state.status === 'queued') context.runner.enqueue(stored.state);
  return view(stored);
}

/** Reads a task: back ends any, a person their own. */
export async function getTask(context: CommandContext, reader: Identity | null, taskId: string): Promise<Task> {
  const task = await context.tasks.get(taskId);
  if (!task || !mayRead(context, reader, task.state)) throw notFound('task', taskId);
  return view(task);
}

/**
 * Reads a task once its rev is another than `after`, or it has ended; as it stands where the wait ends before. Without `after` it
 * waits for the end. Throws `not_found`.
 */
export async function awaitTask(
  context: CommandContext,
  taskId: string,
  { after, ...wait }: WaitOptions & { after: number | null },
): Promise<Task> {
  const look = async () => {
    const task = await getTask(context, null, taskId);
    return hasEnded(task.status) || (after !== null && task.rev !== after) ? task : null;
  };
  return (await context.watch.waitFor([taskRecordId(taskId)], wait, look)) ?? getTask(context, null, taskId);
}

export interface TaskListQuery {
  owner: string | null;
  status: string | null;
  name: string | null;
  before: number | null;
  limit: number;
}

/** The most tasks that are read for one page, of which few may be what was asked for, and the fewest that are read at a time then. */
const readAtMost = 1_000;
const readAtOnce = 100;

/**
 * Newest first: back ends see all tasks, a person their own. A page may have fewer items than its limit, or none, where there is
 * a next one.
 */
export async function listTasks(
  context: CommandContext,
  reader: Identity | null,
  query: TaskListQuery,
): Promise<TaskPage> {
  const { status, name, limit } = query;
  const own = reader && !isAdmin(reader, context.adminRole) ? reader.id : null;
  if (own !== null && query.owner !== null && query.owner !== own) return { items: [], next_before: null };
  const owner = own ?? query.owner;
  const isWanted = (task: Task): boolean =>
    (status === null || task.status === status) && (name === null || task.name === name);
  const atOnce = name === null ? limit : Math.max(limit, readAtOnce);
  const items: Task[] = [];
  let { before } = query;
  for (let read = 0; read < readAtMost; ) {
    const { records, full } = await context.store.tasks({ owner, status, before, limit: atOnce });
    for (const { state, rev } of records) {
      before = rev;
      const task = taskView(readTask(state as string), rev);
      if (isWanted(task)) items.push(task);
      if (items.length === limit) return { items, next_before: full || task.rev !== records.at(-1)?.rev ? rev : null };
    }
    if (!full) return { items, next_before: null };
    read += records.length;
  }
  return { items, next_before: before };
}

/**
 * Requests that a task is stopped: the request is stored, and its runner notified. Back ends may stop any task, a person what is
 * theirs. A task that has ended stays as it is.
 */
export async function cancelTask(context: CommandContext, person: Identity | null, taskId: string): Promise<Task> {
  const task = await context.tasks.get(taskId);
  if (!task || !maySteer(context, person, task.state)) throw notFound('task', taskId);
  const at = new Date(context.clock.now()).toISOString();
  const stored = await context.tasks.changeExisting(taskId, (before) => {
    if (hasEnded(before.status) || before.cancel_requested) return before;
    const isIdle = before.status === 'queued' && before.started_at === null;
    const asked = { ...before, cancel_requested: true, updated_at: at };
    return isIdle
      ? { ...asked, status: 'cancelled', message: 'Cancelled before it began', run_at: null, ended_at: at }
      : asked;
  });
  if (!stored) throw notFound('task', taskId);
  context.runner.cancel(taskId);
  return view(stored);
}

/**
 * Begins a task of this server's own once more, when it has failed or was cancelled, with the input it was given first. Back
 * ends may begin any, a person what is theirs. One that is under way stays as it is.
 */
export async function retryTask(context: CommandContext, person: Identity | null, taskId: string): Promise<Task> {
  const stored = await context.tasks.changeExisting(taskId, (before) => {
    if (!maySteer(context, person, before)) throw notFound('task', taskId);
    return retried(before, context.clock.now());
  });
  if (!stored) throw notFound('task', taskId);
  if (stored.state.status === 'queued') context.runner.enqueue(stored.state);
  return view(stored);
}

/** True if a person may read a task; null for a back end, which may read any. */
export const mayRead = (
  context: Pick<CommandContext, 'adminRole'>,
  reader: Identity | null,
  task: TaskState,
): boolean => reader === null || isOpen(task) || mayAnswer(context, reader, task);

/** True if a person may give the decision that a task waits for. */
export const mayAnswer = (context: Pick<CommandContext, 'adminRole'>, person: Identity, task: TaskState): boolean =>
  task.owner === person.id || task.followers.includes(person.id) || isAdmin(person, context.adminRole);

const maySteer = (context: CommandContext, person: Identity | null, task: TaskState): boolean =>
  person === null || task.owner === person.id || isAdmin(person, context.adminRole);
