import Type, { type Static, type TSchema } from 'typebox';
import { type ErrorCode, errorCodes } from '../codes.ts';
import type * as inbox from '../wire/inbox.ts';
import type * as notifications from '../wire/notifications.ts';
import type * as tasks from '../wire/tasks.ts';
import type * as users from '../wire/users.ts';
import { limits } from './fields.ts';
import { frameSchemas } from './frames.ts';
import { Answer, AnswerEvent, type Audience, NotifyResult, Task } from './publish.ts';

/** The answers of the HTTP API. Answers may gain members; clients must accept those. */

const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Instant = Type.String({ description: 'ISO 8601, UTC' });

/** The codes a server answers with; the others of `errorCodes` are the client's own. */
const serverErrorCodes = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => errorCodes[code].status > 0);
const Code = Type.Unsafe<string>(
  Type.Enum(serverErrorCodes, { description: 'What kind of error it is, for programs' }),
);
const explained = {
  code: Code,
  message: Type.String({ description: 'What was expected, what came, what to do' }),
  docs_url: Type.String({ description: 'Where the code is explained' }),
};

/** Any error over HTTP (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'The same as `docs_url`' }),
    title: Type.String({ description: "The status' name" }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'The same as `message`' }),
    ...explained,
    index: Type.Optional(Type.Integer({ minimum: 0, description: 'Which item of a batch it was, counted from 0' })),
    retry_after_ms: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Time after which the same is accepted, where that is known' }),
    ),
  },
  { description: 'An error (RFC 9457), with the code, message and docs_url that every error of Tidings has' },
);
export type Problem = Static<typeof Problem>;

/** Outcome of one item of a batch: `id` and `rev` of what was stored, or `error` with why it was not. */
export const BatchItem = Type.Object(
  {
    ...Type.Partial(NotifyResult).properties,
    error: Type.Optional(Type.Object(explained, { description: 'Why it was not stored; only with `atomic=false`' })),
  },
  { description: '`id` and `rev` of what was stored, or `error`' },
);

/** Outcome of a batch. */
export const BatchResult = Type.Object({
  results: Type.Array(BatchItem, { minItems: 1, maxItems: limits.batch, description: 'In the order of the batch' }),
});
export type BatchResult = Static<typeof BatchResult>;

export const TaskPage = Type.Object({
  items: Type.Array(Task),
  next_before: orNull(Type.Integer({ description: 'Give it as `before` for the next page; null: there is none' })),
});
export type TaskPage = tasks.TaskPage;

/** The user of a token. */
export const WhoAmI = Type.Object({
  user_id: Type.String(),
  username: Type.String(),
  roles: Type.Array(Type.String()),
});
export type WhoAmI = users.WhoAmI;

const { type: _type, message: _message, ...ofEveryNotification } = frameSchemas.generic_message.properties;

/** A notification in an inbox: the frame as it was sent, whatever its type, with what this user did with it. */
export const InboxItem = Type.Object(
  { type: Type.String(), ...ofEveryNotification },
  {
    additionalProperties: true,
    description: 'The frame as sockets get it: its members depend on its `type`, as AsyncAPI has them',
  },
);
export type InboxItem = inbox.InboxItem;

/** The number of unread notifications of a user. */
export const UnreadCount = Type.Object({
  unread_count: Type.Integer({ minimum: 0, description: 'In the whole inbox' }),
  categories: Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
    description: 'Of them, how many are of each category that has any',
  }),
  as_of: Type.Integer({ description: 'The rev up to which the count is exact' }),
});
export type UnreadCount = inbox.UnreadCount;

export const InboxPage = Type.Object({
  items: Type.Array(InboxItem, { description: 'Newest first; a filtered page may be short with more to come' }),
  next_before: orNull(Type.Integer({ description: 'Give it as `before` for the next page; null: there is none' })),
  ...UnreadCount.properties,
});
export type InboxPage = inbox.InboxPage;

/** The outcome of a mark on notifications that were named. */
export const MarkResult = Type.Object({
  marked: Type.Integer({ minimum: 0, description: 'How many it changed' }),
  not_found: Type.Array(Type.String(), { description: 'The ids there is no notification of, in this inbox' }),
});
export type MarkResult = inbox.MarkResult;

export const AllMarked = Type.Object({ marked: Type.Boolean({ description: 'Whether that changed anything' }) });
export type AllMarked = Static<typeof AllMarked>;

/** An audience in an answer: one object, so that a future kind breaks no client. */
const AudienceView = Type.Unsafe<Audience>(
  Type.Object(
    {
      user: Type.Optional(Type.String()),
      username: Type.Optional(Type.String()),
      users: Type.Optional(Type.Array(Type.String())),
      usernames: Type.Optional(Type.Array(Type.String())),
      role: Type.Optional(Type.String()),
      everyone: Type.Optional(Type.Literal(true)),
      connected: Type.Optional(Type.Literal(true)),
    },
    { description: 'Whom it was sent to: one of these; names that are known by now are ids' },
  ),
);

/** A notification as back ends see it. */
export const NotificationView = Type.Object({
  id: Type.String(),
  rev: Type.Integer({ description: 'Position of its newest change in the one sequence' }),
  status: Type.Enum(['scheduled', 'live', 'answered', 'expired', 'retracted']),
  to: AudienceView,
  external_id: orNull(Type.String()),
  created_at: Instant,
  deliver_at: orNull(Type.String({ description: 'When it is due, where it is scheduled; ISO 8601, UTC' })),
  task_id: orNull(Type.String({ description: 'The task it follows' })),
  answer: orNull(Answer),
  frame: orNull(
    Type.Object(
      { type: Type.String() },
      { additionalProperties: true, description: 'As its recipients are sent it; null where it was retracted' },
    ),
  ),
});
export type NotificationView = notifications.NotificationView;

/** Some of the scheduled notifications. */
export const ScheduledPage = Type.Object({
  items: Type.Array(NotificationView, { description: 'Soonest first' }),
  next_before: orNull(Type.String({ description: 'Give it as `before` for the next page; null: there is none' })),
});
export type ScheduledPage = notifications.ScheduledPage;

/** The reply to an answer of a person. */
export const AnswerResult = Type.Object({
  id: Type.String({ description: 'The notification' }),
  answer: Answer,
  repeated: Type.Optional(Type.Literal(true, { description: 'The same person had given the same answer before' })),
});
export type AnswerResult = notifications.AnswerResult;

/** Some of the answers that people gave. */
export const AnswerPage = Type.Object({
  items: Type.Array(AnswerEvent, { description: 'Oldest first' }),
  next_after: Type.Integer({ description: 'Give it as `after` to go on' }),
});
export type AnswerPage = notifications.AnswerPage;

/** The body of a callback. */
export const AnswerCallback = Type.Object({
  type: Type.Literal('notification.answered'),
  timestamp: Instant,
  data: Type.Omit(AnswerEvent, ['rev']),
});
export type AnswerCallback = Static<typeof AnswerCallback>;

/** All users who are connected. */
export const ConnectedUsers = Type.Object({
  users: Type.Array(
    Type.Object({ user_id: Type.String(), username: Type.String(), connections: Type.Integer({ minimum: 1 }) }),
  ),
});
export type ConnectedUsers = Static<typeof ConnectedUsers>;

/** The sessions of a user. */
export const UserConnections = Type.Object({
  user_id: orNull(Type.String({ description: 'Null for a name that no token has bound yet' })),
  username: Type.String(),
  connected: Type.Boolean(),
  connections: Type.Array(
    Type.Object({
      session_id: Type.String(),
      path: Type.String({ description: 'What it is connected to, as /ws/' }),
      address: Type.String(),
      user_agent: Type.String(),
      connected_at: Instant,
      round_trip_ms: orNull(
        Type.Number({ minimum: 0, description: 'With `probe`; null where it was not asked or did not answer in 2 s' }),
      ),
    }),
  ),
});
export type UserConnections = users.UserConnections;

/** A page of somebody's inbox, as back ends see it. */
export const UserInbox = Type.Object({
  user_id: Type.String(),
  username: Type.String(),
  ...InboxPage.properties,
});
export type UserInbox = inbox.UserInbox;

/** The server's health, with reasons. */
export const Health = Type.Object({
  status: Type.Enum(['ok', 'down']),
  reasons: Type.Array(Type.String({ description: 'Why it is not ok' })),
  database: Type.Object({
    ok: Type.Boolean(),
    head: Type.Integer({ description: 'The newest rev' }),
    term: Type.String({ description: 'The stretch of history that revs are given in now' }),
  }),
  connections: Type.Integer({ minimum: 0, description: 'Sockets that are open' }),
});
export type Health = Static<typeof Health>;

export const Readiness = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });
export type Readiness = Static<typeof Readiness>;
