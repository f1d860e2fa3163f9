import Type, { type Static, type TProperties } from 'typebox';
import type * as inbox from '../wire/inbox.ts';
import { describe } from './describe.ts';
import { Data, NotificationAction, NotificationType, Progress, StepCount } from './fields.ts';
import { SystemHealth } from './health.ts';
import { Answer, TaskStatus } from './publish.ts';
import { mentions, PresenceMember, RoomAccess, RoomSender, stateFields } from './rooms.ts';
import { TaskLogEntry } from './task-log.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Users who are in a room, by their ids. */
const Members = Type.Record(Type.String(), PresenceMember);

export const Receipt = Type.Object({
  id: Type.String({ description: 'The notification' }),
  seen_at: nullable(Type.String({ description: 'When it was on a screen; ISO 8601, UTC' })),
  read_at: nullable(Type.String({ description: 'When it was read; null: it is unread, whatever `read_upto` says' })),
  archived_at: nullable(Type.String({ description: 'When it was archived' })),
  snoozed_until: nullable(Type.String({ description: 'When it comes back' })),
  alert_rev: Type.Optional(Type.Integer({ description: 'The rev at which its snooze ended and it asked again' })),
});
export type Receipt = inbox.Receipt;

/** A button in a frame: it may gain members. */
export const Button = Type.Object(NotificationAction.properties, { description: 'A button of a notification' });

/** The state of the task that a notification is linked to. */
const LinkedTask = Type.Object({
  task_id: Type.String(),
  status: TaskStatus,
  message: Type.String(),
  progress: Progress,
  step: nullable(Type.String({ description: 'The name of the step it has reached' })),
  step_number: StepCount,
  total_steps: StepCount,
  attempt: Type.Integer(),
  eta: nullable(Type.String({ description: 'When it may be done, as far as its progress tells; ISO 8601, UTC' })),
  cancel_requested: Type.Boolean(),
  can_retry: Type.Boolean({ description: 'Whether `retry_task` begins it again' }),
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.String()),
  ended_at: nullable(Type.String()),
});

// Its name in the documents, by which generated clients know it.
export { LinkedTask as LivingTask };

/** Unread notifications of each category that has any. */
const Categories = Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
  description: 'Of them, how many are of each category that has any',
});
const counts = {
  unread_count: Type.Integer({ minimum: 0, description: 'Unread in the whole inbox' }),
  categories: Categories,
  as_of: Type.Integer({ description: 'The rev up to which the count is exact' }),
};

/** The fields of every durable frame. */
const durable = {
  id: Type.String({ description: 'The record; what arrives again under this id replaces what was' }),
  rev: Type.Integer({ description: 'Position of this change in the one sequence' }),
  timestamp: Type.String({ description: 'ISO 8601, UTC' }),
  data: Data,
  silent: Type.Optional(Type.Literal(true, { description: 'Never counts as unread, and is never toasted' })),
  category: Type.Optional(Type.String({ description: 'A kind of the application’s own' })),
  expires_at: Type.Optional(Type.String({ description: 'ISO 8601, UTC' })),
  replayed: Type.Optional(Type.Literal(true, { description: 'Sent again on connecting: never toasted' })),
  snapshot: Type.Optional(Type.Literal(true, { description: 'Part of what a topic is now' })),
  cursor: Type.Optional(
    Type.String({
      description: 'Becomes the client’s; on every live frame, and on none that is sent again or a snapshot',
    }),
  ),
  receipt: Type.Optional(describe(Receipt, 'What this user did with it already, where it is sent again')),
};
/** The further fields of every notification. */
const linked = {
  alert_rev: Type.Optional(
    Type.Integer({ description: 'The rev at which it last asked for attention, where that is not `rev`' }),
  ),
  topic: Type.Optional(Type.String({ description: 'role:<name> or everyone; absent where it is personal' })),
  updated_at: Type.Optional(Type.String({ description: 'It changed after it was published; never alerts again' })),
  expired: Type.Optional(Type.Literal(true, { description: 'Shown as such, and counts no more' })),
  collapse_key: Type.Optional(
    Type.String({ description: 'A newer one with the same key takes its place, while it is unread' }),
  ),
  actions: Type.Optional(Type.Array(Button, { description: 'Its buttons; gone once it is answered' })),
  answer: Type.Optional(describe(Answer, 'What was chosen, once it is answered')),
  task: Type.Optional(describe(LinkedTask, 'How the task it follows is doing')),
};
const frame = <N extends string, P extends TProperties>(type: N, fields: P) =>
  Type.Object({ type: Type.Literal(type), ...fields });
const record = <N extends string, P extends TProperties>(type: N, fields: P) => frame(type, { ...durable, ...fields });
const notice = <N extends string, P extends TProperties>(type: N, fields: P) => record(type, { ...linked, ...fields });
/** An event: the members of its `data` are also at the top level. */
const event = <N extends string, P extends TProperties>(type: N, fields: P) =>
  Type.Object({ type: Type.Literal(type), ...durable, ...linked, ...fields }, { additionalProperties: true });

const task = {
  task_id: Type.String(),
  name: Type.Optional(Type.String()),
  status: TaskStatus,
  message: Type.String(),
  progress: Progress,
  step: nullable(Type.String({ description: 'The name of the step it has reached' })),
  step_number: StepCount,
  total_steps: StepCount,
  attempt: Type.Integer({ description: 'Which try this is, counted from 1' }),
  cancel_requested: Type.Boolean({ description: 'Somebody asked for it to be stopped' }),
  run_at: Type.Optional(
    Type.String({ description: 'Of a queued task: the time before which it is not begun, ISO 8601, UTC' }),
  ),
  started_at: nullable(Type.String({ description: 'ISO 8601, UTC' })),
};
const upload = {
  transaction_id: nullable(Type.String({ description: 'The transfer it belongs to' })),
  message: Type.String(),
};
const topic = Type.String({ description: 'role:<name>, everyone, or room:<name>' });
const inRoom = {
  room: Type.String({ description: 'The name of the room, as project:12' }),
  event: Type.String(),
  from: describe(RoomSender, 'Null for one of a back end'),
};
const unsubscribed = {
  task_id: Type.Optional(Type.String()),
  room: Type.Optional(Type.String()),
  code: Type.Optional(
    Type.String({
      description: 'Of a room that the user may not follow, or not any more: `not_found` or `unavailable`',
    }),
  ),
  reason: Type.Optional(Type.String({ description: 'The same as a sentence' })),
};

/** The frames a server sends, by type. A type that is not here is an event of the application's own. */
export const frameSchemas = {
  connection_established: frame('connection_established', {
    user_id: Type.String(),
    username: Type.String(),
    session_id: Type.String({ description: 'By which back ends see and end this connection' }),
    roles: Type.Array(Type.String()),
    cursor: nullable(Type.String({ description: 'The one that is resumed from' })),
    recovered: Type.Boolean({
      description:
        'False where a cursor came that could not be honoured: what was held is void, and what follows is a snapshot',
    }),
    read_upto: Type.Optional(
      Type.Integer({
        description: 'As in `receipts`, as of the snapshot that follows; absent where a cursor is resumed from',
      }),
    ),
    server_time: Type.String({ description: 'ISO 8601, UTC' }),
  }),
  synced: frame('synced', {
    cursor: Type.String({ description: 'Becomes the client’s' }),
    ...counts,
    read_upto: Type.Optional(
      Type.Integer({ description: 'As in `receipts`; the receipts of what was sent before agree with it' }),
    ),
  }),
  ping: frame('ping', { cursor: Type.String({ description: 'Becomes the client’s' }) }),
  user_message: notice('user_message', { username: Type.Optional(Type.String()), message: Type.String() }),
  user_notification: notice('user_notification', {
    username: Type.Optional(Type.String()),
    notification_type: NotificationType,
    title: Type.String(),
    message: Type.String(),
  }),
  user_file: notice('user_file', {
    username: Type.Optional(Type.String()),
    message: Type.String(),
    file_url: Type.String({ description: 'http(s), or relative' }),
    file_name: Type.String({ description: 'By default the last part of the URL' }),
    file_size: nullable(Type.Integer({ minimum: 0, description: 'Bytes' })),
  }),
  generic_message: notice('generic_message', { message: Type.String() }),
  notification: notice('notification', {
    external_id: nullable(Type.String({ description: 'The application’s own id, which stands in `data.id` too' })),
    title: Type.String(),
    message: Type.String(),
    notification_type: NotificationType,
    recipient_id: nullable(Type.String({ description: 'The user or role it went to; null for all' })),
    recipient_type: Type.Union([Type.Literal('user'), Type.Literal('role'), Type.Literal('all')]),
    created_at: Type.String(),
    is_read: Type.Boolean({ description: 'As the application’s object had it; what this user did is in `receipt`' }),
  }),
  oracle_upload_started: event('oracle_upload_started', upload),
  oracle_upload_progress: event('oracle_upload_progress', {
    ...upload,
    step: Type.String(),
    step_number: StepCount,
    total_steps: StepCount,
    status: Type.String(),
  }),
  oracle_upload_completed: event('oracle_upload_completed', { ...upload, result_path: nullable(Type.String()) }),
  oracle_upload_failed: event('oracle_upload_failed', { ...upload, error: Type.String() }),
  subscribed: frame('subscribed', { task_id: Type.Optional(Type.String()), room: Type.Optional(Type.String()) }),
  unsubscribed: frame('unsubscribed', unsubscribed),
  task_update: record('task_update', task),
  task_complete: record('task_complete', {
    ...task,
    status: Type.Literal('completed'),
    result: Type.Unknown({ description: 'Anything that is JSON' }),
  }),
  task_error: record('task_error', { ...task, status: Type.Literal('failed'), error: Type.String() }),
  task_cancelled: record('task_cancelled', { ...task, status: Type.Literal('cancelled') }),
  task_log: frame('task_log', {
    task_id: Type.String(),
    entries: Type.Array(TaskLogEntry, {
      minItems: 1,
      description: 'What was added to the log of the task, in order: the last has the `seq` to go on from',
    }),
  }),
  receipts: record('receipts', {
    items: Type.Array(Receipt),
    ...counts,
    read_upto: Type.Integer({ description: 'Everything up to this rev counts as read; it never goes back' }),
    returned: Type.Optional(
      Type.Array(
        Type.Object({ type: Type.String(), id: Type.String(), rev: Type.Integer() }, { additionalProperties: true }),
        { description: 'Notifications whose snooze ended, as whole frames' },
      ),
    ),
  }),
  unread_count: frame('unread_count', counts),
  retracted: record('retracted', {}),
  topic_joined: record('topic_joined', {
    topic,
    access: Type.Optional(describe(RoomAccess, 'The right in a room; absent where the topic is no room')),
    ...counts,
  }),
  topic_left: record('topic_left', { topic, ...counts }),
  room_event: record('room_event', { ...inRoom, mentions }),
  room_state: record('room_state', stateFields),
  ephemeral_event: frame('ephemeral_event', {
    timestamp: Type.String({ description: 'ISO 8601, UTC' }),
    data: Data,
    ...inRoom,
  }),
  presence: frame('presence', {
    room: Type.String(),
    members: Type.Optional(describe(Members, 'Everybody who is there, by user id: it replaces what was')),
    joined: Type.Optional(describe(Members, 'Those who have come')),
    left: Type.Optional(Type.Array(Type.String(), { description: 'The ids of those who have gone' })),
    changed: Type.Optional(describe(Members, 'Those of whom something is different, each whole')),
  }),
  system_health: frame('system_health', SystemHealth.properties),
  reply: frame('reply', { ref: Type.Unknown({ description: 'As the action had it' }) }),
  error: frame('error', {
    ref: Type.Optional(Type.Unknown({ description: 'As the action had it; absent where it had none' })),
    code: Type.String({ description: 'What kind of error it is, for programs' }),
    message: Type.String({ description: 'What was expected, what came, what to do' }),
    docs_url: Type.String({ description: 'Where the code is explained' }),
    retry_after_ms: Type.Optional(
      Type.Integer({ minimum: 0, description: 'With `too_many`: the time after which the same action is accepted' }),
    ),
  }),
} as const;

export type FrameName = keyof typeof frameSchemas;
/** A built-in frame by its type. */
export type FrameOf<N extends FrameName> = Static<(typeof frameSchemas)[N]>;
