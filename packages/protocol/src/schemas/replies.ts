import Type, { type Static, type TProperties } from 'typebox';
import type { ActionName } from './actions.ts';
import { AllMarked, AnswerResult, InboxPage, MarkResult, UnreadCount } from './answers.ts';
import { Task } from './publish.ts';
import { RoomEventPage, RoomStateRemoved, RoomStateSet, SentRoomEvent } from './rooms.ts';

const reply = <P extends TProperties>(fields: P) =>
  Type.Object({
    type: Type.Literal('reply'),
    ref: Type.Optional(Type.Unknown({ description: 'The `ref` of the action; absent where it had none (HTTP only)' })),
    ...fields,
  });
/** The reply to an action that has no result. */
export const DoneReply = reply({});
const { duplicate: _onlyByKey, ...sent } = SentRoomEvent.properties;
const { task_id, status, cancel_requested, attempt } = Task.properties;
export const MarkedReply = reply(MarkResult.properties);

/** The reply to each action, by its name: the `reply` frame of a connection, and the answer of `POST /api/v1/actions`. */
export const replySchemas = {
  subscribe: DoneReply,
  unsubscribe: DoneReply,
  mark_read: MarkedReply,
  mark_unread: MarkedReply,
  mark_all_read: reply(AllMarked.properties),
  mark_seen: MarkedReply,
  archive: MarkedReply,
  unarchive: MarkedReply,
  snooze: MarkedReply,
  unsnooze: MarkedReply,
  list: reply({
    ...InboxPage.properties,
    truncated: Type.Optional(
      Type.Literal(true, { description: '`categories` are too many for the client’s `max_frame`' }),
    ),
    url: Type.Optional(Type.String({ description: 'Where the count is read that was truncated' })),
  }),
  unread_count: reply(UnreadCount.properties),
  answer: reply(AnswerResult.properties),
  ack: DoneReply,
  cancel_task: reply({ task_id, status, cancel_requested }),
  retry_task: reply({ task_id, status, attempt }),
  answer_task: reply({ task_id, status }),
  send: reply(sent),
  room_events: reply(RoomEventPage.properties),
  set_state: reply(RoomStateSet.properties),
  remove_state: reply(RoomStateRemoved.properties),
  presence: DoneReply,
  authenticate: reply({ user_id: Type.String(), roles: Type.Array(Type.String()) }),
  ping: DoneReply,
} as const satisfies { [N in ActionName]: Type.TObject };

/** The reply to one action by its name. */
export type ReplyOf<N extends ActionName> = Static<(typeof replySchemas)[N]>;
