import { hasEnded, TidingsError } from '@tidings/protocol';
import { newId } from '../domain/ids.ts';
import { formerOf } from '../tasks/people.ts';
import { newTask, type TaskState } from '../tasks/task.ts';
import type { InputReaders } from './input-readers.ts';

export interface StartOptions {
  /** The user who receives the task's changes, and may read and cancel it. */
  owner?: string | number;
  followers?: readonly (string | number)[];
  /** Default: a new one. */
  taskId?: string;
  totalSteps?: number;
  message?: string;
  /** The task is not begun before this time: a Date, or ISO 8601. Default: at once. */
  runAt?: Date | string;
  /** Names the start: one that is repeated with the same key, for a task of the same name, answers with the first task. 1 to 256 characters. */
  idempotencyKey?: string;
  /** Any JSON object, for who looks at the task. `data.title` is what elements call it, in place of its name. */
  data?: Record<string, unknown>;
}

/** A task that is to be stored as queued. */
export interface NewRun {
  id: string;
  /** The idempotency key of the start; null: it has none. */
  key: string | null;
  /** The first state of the task, from an earlier one if there is any. Throws TidingsError `conflict` if the task exists. */
  create: (before: TaskState | null) => TaskState;
}

/** The name of a task, what it is given, and the concurrency key that follows from it. */
export interface RunInput {
  name: string;
  input: unknown;
  key: string | null;
}

/** Reads how a task is begun. Throws TidingsError `bad_request`. @param now epoch milliseconds */
export function newRun({ name, input, key }: RunInput, options: StartOptions, read: InputReaders, now: number): NewRun {
  const { owner, followers = [], taskId, totalSteps, message, data, runAt, idempotencyKey, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const known = 'owner, followers, taskId, totalSteps, message, runAt, idempotencyKey, data';
    throw new TidingsError('bad_request', `tasks.start() has no option "${unknown}"; it has ${known}`);
  }
  const json = JSON.stringify(read.json(input, 'input'));
  const keys = { task_id: taskId, idempotency_key: idempotencyKey };
  const start = read.start({ name, owner, followers, total_steps: totalSteps, message, data, ...keys });
  const run_at = timeOf(runAt);
  const id = start.task_id === undefined ? newId('t', now) : String(start.task_id);
  const run = { input: json, claim: null, key, interruptions: 0, failures: 0, isFinal: false };
  const { total_steps = 0, message: text = '', data: own = {} } = start;
  const named = { name, total_steps, message: text, data: own, run, run_at };
  return {
    id,
    key: idempotencyKey === undefined ? null : `run\n${name}\n${idempotencyKey}`,
    create(before) {
      if (before && (!before.isPlaceholder || hasEnded(before.status))) {
        throw new TidingsError('conflict', `the task ${id} exists already; give another taskId`);
      }
      const known = before ?? newTask(id, now);
      const people = {
        owner: start.owner === undefined ? known.owner : String(start.owner),
        followers: (start.followers ?? []).map(String),
        isPlaceholder: false,
      };
      return { ...known, ...named, ...people, former: formerOf(known, people) };
    },
  };
}

/** ISO 8601, UTC; null: at once. @throws TidingsError `bad_request` */
function timeOf(runAt: Date | string | undefined): string | null {
  if (runAt === undefined) return null;
  const time = runAt instanceof Date ? runAt.getTime() : Date.parse(String(runAt));
  if (Number.isNaN(time)) {
    throw new TidingsError('bad_request', `"runAt" must be a Date or a time in ISO 8601; got ${String(runAt)}`);
  }
  return new Date(time).toISOString();
}
