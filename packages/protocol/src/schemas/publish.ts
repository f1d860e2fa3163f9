import Type from 'typebox';
import type * as notifications from '../wire/notifications.ts';
import type * as tasks from '../wire/tasks.ts';
import { describe } from './describe.ts';
import {
  CollapseKey,
  Data,
  EventType,
  Id,
  IdempotencyKey,
  limits,
  Message,
  NotificationAction,
  NotificationActions,
  NotificationType,
  Progress,
  Role,
  StepCount,
  Timestamp,
  Title,
} from './fields.ts';

const closed = { additionalProperties: false };

const several = Type.Array(Id, { minItems: 1, maxItems: limits.recipients });

/** The kinds of {@link Audience}, each with a name in the documents. */
export const ToUser = Type.Object({ user: Id }, closed);
export const ToUsername = Type.Object({ username: Id }, closed);
export const ToUsers = Type.Object({ users: several }, closed);
export const ToUsernames = Type.Object({ usernames: several }, closed);
export const ToRole = Type.Object({ role: Role }, closed);
export const ToEveryone = Type.Object({ everyone: Type.Literal(true) }, closed);
export const ToConnected = Type.Object({ connected: Type.Literal(true) }, closed);

/** The recipients of a notification: exactly one of these. */
export const Audience = Type.Union([ToUser, ToUsername, ToUsers, ToUsernames, ToRole, ToEveryone, ToConnected], {
  description: 'Exactly one of user, username, users, usernames, role, everyone, connected',
});
export type Audience = notifications.Audience;

/** Body of `POST /api/v1/notifications`, alone or in an array. */
export const NotifyInput = Type.Object(
  {
    to: Audience,
    type: Type.Optional(
      describe(
        EventType,
        'The frame it arrives as: a built-in one (default `user_notification`), or a name of your own of letters, digits, _ . : and -',
      ),
    ),
    notification_type: Type.Optional(NotificationType),
    title: Type.Optional(Title),
    message: Type.Optional(describe(Message, 'Shown as the text it is, never as markup')),
    data: Type.Optional(describe(Data, 'Anything more, as a JSON object')),
    category: Type.Optional(describe(EventType, 'A kind of your own: counted apart, and what lists are filtered by')),
    external_id: Type.Optional(describe(Id, 'Your own id of it; users’ marks may name it by that too')),
    expires_at: Type.Optional(
      describe(Timestamp, 'From then on it is shown as expired, and counts no more. ISO 8601 with a time zone'),
    ),
    deliver_at: Type.Optional(
      describe(Timestamp, 'Stored now, delivered then; at most a year ahead. ISO 8601 with a time zone'),
    ),
    collapse_key: Type.Optional(CollapseKey),
    task_id: Type.Optional(describe(Id, 'The task it follows: one item that shows the progress, then the outcome')),
    actions: Type.Optional(
      describe(NotificationActions, 'Buttons; none counts as absent. The first answer is the answer, whoever gives it'),
    ),
    callback_url: Type.Optional(
      Type.String({
        maxLength: limits.url,
        pattern: '^https?://[^\\s]+$',
        description: 'Where an answer is posted to, signed; its origin must be one that the server allows',
      }),
    ),
    idempotency_key: Type.Optional(
      describe(IdempotencyKey, 'What a retry is known by: what is sent again under it is stored once'),
    ),
    silent: Type.Optional(
      Type.Boolean({ description: 'Stored and delivered, but never counted as unread and never toasted' }),
    ),
  },
  closed,
);
export type NotifyInput = notifications.NotifyInput;

/** The answer to a stored notification. */
export const NotifyResult = Type.Object({
  id: Type.String(),
  rev: Type.Integer(),
  duplicate: Type.Optional(Type.Literal(true)),
  scheduled: Type.Optional(Type.Literal(true)),
  collapsed: Type.Optional(Type.Literal(true)),
});
export type NotifyResult = notifications.NotifyResult;

const orNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Body of `PATCH /api/v1/notifications/{id}`: members that are left out stay as they are. */
export const NotificationEdit = Type.Object(
  {
    notification_type: Type.Optional(NotificationType),
    title: Type.Optional(Title),
    message: Type.Optional(Message),
    data: Type.Optional(Data),
    category: Type.Optional(orNull(EventType)),
    expires_at: Type.Optional(orNull(Timestamp)),
    actions: Type.Optional(NotificationActions),
  },
  { ...closed, minProperties: 1 },
);
export type NotificationEdit = notifications.NotificationEdit;

/** The choice of a person on a notification that has buttons. */
export const Answer = Type.Object({
  action_id: Type.String(),
  label: Type.String({ description: 'What the button said' }),
  style: NotificationAction.properties.style,
  user_id: Type.String(),
  username: Type.String(),
  answered_at: Type.String({ description: 'ISO 8601, UTC' }),
  comment: Type.Optional(Type.String()),
});
export type Answer = notifications.Answer;

/** An answer as back ends get it: from `GET /api/v1/answers`, by callback, from the SDK. */
export const AnswerEvent = Type.Object({
  id: Type.String({ description: 'The notification' }),
  external_id: orNull(Type.String()),
  task_id: orNull(Type.String()),
  rev: Type.Integer(),
  ...Answer.properties,
});
export type AnswerEvent = notifications.AnswerEvent;

export const TaskStatus = Type.Union([
  Type.Literal('queued'),
  Type.Literal('processing'),
  Type.Literal('waiting'),
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type TaskStatus = tasks.TaskStatus;

const report = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.title, description: 'What people call it' })),
  owner: Type.Optional(describe(Id, 'The user it belongs to, who receives its changes and may cancel it')),
  followers: Type.Optional(
    Type.Array(Id, { maxItems: limits.recipients, description: 'Other users who may follow it' }),
  ),
  status: Type.Optional(TaskStatus),
  message: Type.Optional(describe(Message, 'What it does now')),
  progress: Type.Optional(Progress),
  step: Type.Optional(Type.String({ maxLength: limits.title, description: 'The name of the step it has reached' })),
  step_number: Type.Optional(describe(StepCount, 'Which step that is, counted from 1')),
  total_steps: Type.Optional(describe(StepCount, 'How many there are')),
  result: Type.Optional(Type.Unknown({ description: 'With `completed`: anything that is JSON' })),
  error: Type.Optional(describe(Message, 'With `failed`: why')),
  data: Type.Optional(describe(Data, 'Anything more, as a JSON object')),
  attempt: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Which try it is of; reports on older ones are dropped',
    }),
  ),
  seq: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      description: 'Its place among the reports of its attempt; older ones are dropped',
    }),
  ),
  restart: Type.Optional(
    Type.Boolean({ description: 'Begins a new attempt of a task that is completed or cancelled' }),
  ),
  idempotency_key: Type.Optional(IdempotencyKey),
};

/** The decision of a person on a task. */
export const TaskAnswer = Type.Object({
  action_id: orNull(Type.String({ description: 'The button that was chosen; null where there was none' })),
  value: Type.Optional(Type.Unknown({ description: 'What was said where there was no button, any JSON' })),
  user_id: Type.String(),
  username: Type.String(),
  answered_at: Type.String({ description: 'ISO 8601, UTC' }),
  comment: Type.Optional(Type.String()),
});
export type TaskAnswer = tasks.TaskAnswer;

/** Body of `PATCH /api/v1/tasks/{id}`: a report; members that are left out stay as they are. */
export const TaskReport = Type.Object(report, closed);
export type TaskReport = tasks.TaskReport;

/** Body of `POST /api/v1/tasks`: begins a task; without `task_id` the server makes one. */
export const TaskStart = Type.Object({ task_id: Type.Optional(Id), ...report }, closed);
export type TaskStart = tasks.TaskStart;

/** A task as it stands, as `GET /api/v1/tasks/{id}` answers. */
export const Task = Type.Object({
  task_id: Type.String(),
  rev: Type.Integer(),
  name: Type.Union([Type.String(), Type.Null()]),
  owner: Type.Union([Type.String(), Type.Null()]),
  followers: Type.Array(Type.String()),
  status: TaskStatus,
  message: Type.String(),
  progress: Progress,
  step: Type.Union([Type.String(), Type.Null()]),
  step_number: StepCount,
  total_steps: StepCount,
  attempt: Type.Integer(),
  result: Type.Unknown(),
  error: Type.Union([Type.String(), Type.Null()]),
  data: Data,
  cancel_requested: Type.Boolean(),
  answer: Type.Optional(orNull(TaskAnswer)),
  run_at: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  created_at: Type.String(),
  started_at: Type.Union([Type.String(), Type.Null()]),
  ended_at: Type.Union([Type.String(), Type.Null()]),
  updated_at: Type.String(),
});
export type Task = tasks.Task;
