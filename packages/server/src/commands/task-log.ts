import type { TaskLogAdded, TaskLogInput, TaskLogLevel, TaskLogPage } from '@tidings/protocol';
import { TaskLogInput as InputSchema } from '@tidings/protocol/schemas';
import type { Identity } from '../domain/identity.ts';
import { instantOf } from '../domain/instant.ts';
import { logEntries } from '../tasks/log-entries.ts';
import { taskRecordId } from '../tasks/record.ts';
import { readTask } from '../tasks/task.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { notFound, parser } from './refuse.ts';
import { mayRead } from './tasks.ts';

const parseInput = parser<TaskLogInput>(InputSchema, 'an addition to a log');

/** The characters of a log that cost its reader one unit of work. */
const textOfUnit = 16_384;

/** Adds to the log of a task that runs elsewhere, by a back end. A repeated idempotency key adds nothing. */
export async function addToTaskLog(
  context: CommandContext,
  caller: BackEnd,
  taskId: string,
  input: unknown,
): Promise<TaskLogAdded> {
  const { entries, attempt = null, idempotency_key } = parseInput(input);
  const now = context.clock.now();
  const { seq, isDuplicate } = await context.taskLogs.add(taskId, {
    entries: entries.map(({ text, kind = 'line', level = 'info', at }, i) => ({
      ...{ text, kind, level },
      at: at === undefined ? now : instantOf(`entries.${i}.at`, at),
    })),
    attempt,
    once: idempotency_key === undefined ? null : `${caller.scope}\n${idempotency_key}`,
  });
  return { seq, ...(isDuplicate ? { duplicate: true } : {}) };
}

export interface TaskLogQuery {
  after: number;
  limit: number;
  /** Only entries that matter as much, or more; null for all. */
  level: TaskLogLevel | null;
}

/** Reads the log of a task, oldest first: back ends any, a person those of the tasks that the person may read. */
export async function readTaskLog(
  context: CommandContext,
  reader: Identity | null,
  taskId: string,
  { after, limit, level }: TaskLogQuery,
): Promise<TaskLogPage> {
  const { record, blocks, full } = await context.store.taskLog(taskId, taskRecordId(taskId), after);
  if (!record || !mayRead(context, reader, readTask(record.state as string))) throw notFound('task', taskId);
  const entries = logEntries(blocks, after);
  const found = level === null ? entries : entries.filter((entry) => rank[entry.level] >= rank[level]);
  const items = found.slice(0, limit);
  if (reader) {
    const length = entries.reduce((sum, { text }) => sum + text.length, 0);
    context.limits.workDone(reader.id, Math.floor(length / textOfUnit));
  }
  const isCut = found.length > items.length;
  const last = isCut ? items.at(-1) : entries.at(-1);
  return { items, next_after: last?.seq ?? after, has_more: isCut || full };
}

const rank: Record<TaskLogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
