import { hasEnded, TidingsError } from '@tidings/protocol';
import { droppedEntry } from '../domain/dropped-log.ts';
import type { Clock } from '../domain/ports.ts';
import type { LogEntry, TaskLogStore } from '../domain/store/task-logs.ts';
import { taskRecordId } from './record.ts';
import { readTask, type TaskState } from './task.ts';

interface TaskLogLimits {
  /** The largest text of an entry, bytes. */
  entryBytes: number;
  /** The bytes that a log keeps. */
  bytes: number;
}

export interface TaskLogsParts {
  store: TaskLogStore;
  clock: Pick<Clock, 'now'>;
  limits: TaskLogLimits;
  counters: { taskLogEntries: number; taskLogBytes: number; taskLogDropped: number };
  /** Called when entries were stored. @param seq the number of the last one */
  added: (taskId: string, seq: number) => void;
}

/** Entries that are to be added to a log. */
export interface LogAddition {
  entries: readonly LogEntry[];
  /** The attempt that they are of; null: that of the task. */
  attempt: number | null;
  /** The idempotency key with its scope; null for none. */
  once: string | null;
}

/** The bytes for which an entry counts beside its text. */
const entryOverhead = 100;

/** The logs of tasks: adds entries, and keeps each log within its size. */
export class TaskLogs {
  readonly #parts: TaskLogsParts;

  constructor(parts: TaskLogsParts) {
    this.#parts = parts;
  }

  /**
   * Adds entries, and resolves when they are stored.
   * @throws TidingsError `not_found` for a task that nobody has begun, `conflict` for one that has ended and for an attempt that is over,
   *   `payload_too_large` for too large a text
   */
  async add(taskId: string, { entries, attempt, once }: LogAddition): Promise<{ seq: number; isDuplicate: boolean }> {
    const { store, counters, limits, added } = this.#parts;
    const sizes = entries.map((entry, i) => this.#sizeOf(entry, entries.length > 1 ? i : null));
    const { record, bytes: before } = await store.taskLogSize(taskId, taskRecordId(taskId));
    const task = record && readTask(record.state as string);
    checkTask(taskId, task, attempt);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const stored = await store.addTaskLog({ task: taskId, attempt: task.attempt, entries, bytes, once });
    if (stored.isDuplicate) return stored;
    counters.taskLogEntries += entries.length;
    counters.taskLogBytes += bytes;
    added(taskId, stored.seq);
    if (before + bytes > limits.bytes) await this.#dropMiddle(taskId);
    return stored;
  }

  /** @throws TidingsError `payload_too_large` for a text that no entry can have */
  check(text: string): void {
    this.#sizeOf({ text }, null);
  }

  #sizeOf({ text }: Pick<LogEntry, 'text'>, index: number | null): number {
    const size = Buffer.byteLength(text);
    const { entryBytes } = this.#parts.limits;
    if (size <= entryBytes) return size + entryOverhead;
    const place = index === null ? '' : `entries.${index}: `;
    const message = `${place}the text has ${size} bytes, and an entry of a log ${entryBytes} at most; send it in parts, as chunks`;
    throw new TidingsError('payload_too_large', message);
  }

  /** The beginning and the end of a log say most. A half is kept free, so that this is seldom done. */
  async #dropMiddle(taskId: string): Promise<void> {
    const { store, limits, counters, clock } = this.#parts;
    const quarter = Math.floor(limits.bytes / 4);
    const range = await store.middleOfTaskLog(taskId, { head: quarter, tail: quarter });
    if (!range) return;
    await store.dropFromTaskLog(taskId, range, droppedEntry(range, `a log keeps ${limits.bytes} bytes`, clock.now()));
    counters.taskLogDropped++;
  }
}

function checkTask(taskId: string, task: TaskState | null, attempt: number | null): asserts task is TaskState {
  const id = JSON.stringify(taskId.slice(0, 256));
  if (!task || task.isPlaceholder) {
    throw new TidingsError('not_found', `there is no task ${id}; begin it, or report on it, before you add to its log`);
  }
  if (attempt !== null && attempt !== task.attempt) {
    const reason = attempt < task.attempt ? 'is over' : 'has not begun; report on it first';
    throw new TidingsError(
      'conflict',
      `attempt ${attempt} of task ${id} ${reason}: the task is in attempt ${task.attempt}`,
    );
  }
  if (hasEnded(task.status)) {
    throw new TidingsError(
      'conflict',
      `task ${id} is ${task.status} already: add to its log before you report its end`,
    );
  }
}
