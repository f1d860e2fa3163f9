import Type, { type Static, type TProperties } from 'typebox';
import type { ActionName } from './actions.ts';
import { AllMarked, AnswerResult, InboxPage, MarkResult, UnreadCount } from './answers.ts';
import { Task } from './publish.ts';

const reply = <P extends TProperties>(fields: P) =>
  Type.Object({
    type: Type.Literal('reply'),
    ref: Type.Optional(Type.Unknown({ description: 'The `ref` of the action; absent where it had none (HTTP only)' })),
    ...fields,
  });
const done = reply({});
const { task_id, status, cancel_requested, attempt } = Task.properties;
const marked = reply(MarkResult.properties);

/** What an action is answered with, by its name: the `reply` frame of a socket, and the answer of `POST /api/v1/actions`. */
export const replySchemas = {
  subscribe: done,
  unsubscribe: done,
  mark_read: marked,
  mark_unread: marked,
  mark_all_read: reply(AllMarked.properties),
  mark_seen: marked,
  archive: marked,
  unarchive: marked,
  snooze: marked,
  unsnooze: marked,
  list: reply({
    ...InboxPage.properties,
    truncated: Type.Optional(
      Type.Literal(true, { description: '`categories` are too many for the client’s `max_frame`' }),
    ),
    url: Type.Optional(Type.String({ description: 'Where the count is read that was truncated' })),
  }),
  unread_count: reply(UnreadCount.properties),
  answer: reply(AnswerResult.properties),
  ack: done,
  cancel_task: reply({ task_id, status, cancel_requested }),
  retry_task: reply({ task_id, status, attempt }),
  answer_task: reply({ task_id, status }),
  send: done,
  presence: done,
  authenticate: reply({ user_id: Type.String(), roles: Type.Array(Type.String()) }),
  ping: done,
} as const satisfies { [N in ActionName]: Type.TObject };

/** The reply to one action by its name. */
export type ReplyOf<N extends ActionName> = Static<(typeof replySchemas)[N]>;
