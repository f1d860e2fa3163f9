import Type from 'typebox';
import type * as tasks from '../wire/tasks.ts';
import { describe } from './describe.ts';
import { IdempotencyKey, storable, Timestamp } from './fields.ts';

const closed = { additionalProperties: false };

export const TaskLogLevel = Type.Union(
  [Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')],
  { description: 'How much an entry matters' },
);
export type TaskLogLevel = tasks.TaskLogLevel;

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The place in a log behind which it is read. */
export const LogPosition = describe(Seq, 'The `seq` of the last entry that the reader has; 0: from the beginning');

const TaskLogLine = Type.Object(
  {
    text: Type.String({ pattern: storable, description: 'The text: 64 KiB at most (`taskLogEntryBytes`)' }),
    kind: Type.Optional(
      Type.Union([Type.Literal('line'), Type.Literal('chunk')], {
        default: 'line',
        description:
          'A `line` is whole; a `chunk` goes on where the chunk before ends, as the output of a program does',
      }),
    ),
    level: Type.Optional(describe(TaskLogLevel, 'How much it matters; by default `info`')),
    at: Type.Optional(describe(Timestamp, 'When it was written, ISO 8601 with a time zone; by default now')),
  },
  closed,
);

/** Body of `POST /api/v1/tasks/{id}/log`. */
export const TaskLogInput = Type.Object(
  {
    entries: Type.Array(TaskLogLine, { minItems: 1, maxItems: 1_000, description: 'In order' }),
    attempt: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        description:
          'The attempt that they are of; an older one than the task’s is refused. By default that of the task',
      }),
    ),
    idempotency_key: Type.Optional(describe(IdempotencyKey, 'Requests with the same idempotency key are stored once')),
  },
  closed,
);
export type TaskLogInput = tasks.TaskLogInput;

export const TaskLogAdded = Type.Object({
  seq: describe(Seq, 'The number of the last entry of it'),
  duplicate: Type.Optional(Type.Literal(true, { description: 'It was stored before, under the same idempotency key' })),
});
export type TaskLogAdded = tasks.TaskLogAdded;

export const TaskLogEntry = Type.Object({
  seq: Type.Integer({ minimum: 1, description: 'Its place in the log: counted from 1, without gaps' }),
  first_seq: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The first of several that came together in this one; absent: `seq`' }),
  ),
  kind: Type.Union([Type.Literal('line'), Type.Literal('chunk'), Type.Literal('dropped')], {
    description: '`dropped` stands where entries were removed, and says how many bytes they had',
  }),
  level: TaskLogLevel,
  attempt: Type.Integer({ description: 'The run of the task in which it was written' }),
  at: Type.String({ description: 'ISO 8601, UTC' }),
  text: Type.String(),
  truncated: Type.Optional(
    Type.Literal(true, { description: 'The rest of the text is too large for the client’s `max_frame`' }),
  ),
});
export type TaskLogEntry = tasks.TaskLogEntry;

export const TaskLogPage = Type.Object({
  items: Type.Array(TaskLogEntry, { description: 'Oldest first; with `level` there may be none, and more to come' }),
  next_after: describe(Seq, 'Give it as `after` to go on'),
  has_more: Type.Boolean({ description: 'Whether there are later entries already' }),
});
export type TaskLogPage = tasks.TaskLogPage;
