import Type, { type Static, type TProperties } from 'typebox';
import { describe } from './describe.ts';
import { Comment, Data, EventType, IdString, limits, SessionName, storable, Timestamp } from './fields.ts';
import { RoomStateKey, sentEvent, stateInput, stateRemoval } from './rooms.ts';
import { LogPosition } from './task-log.ts';

const ref = Type.Optional(Type.Unknown({ description: 'Sent back in the reply or error' }));
/** Refuses members that an action does not have: ignoring one, such as a misspelt `up_to`, could do harm. */
const action = <N extends string, P extends TProperties>(name: N, members: P) =>
  Type.Object({ action: Type.Literal(name), ...members, ref }, { additionalProperties: false });
const ids = {
  id: Type.Optional(describe(IdString, 'A notification: its id, or the application’s own')),
  ids: Type.Optional(
    Type.Array(IdString, { minItems: 1, maxItems: limits.ids, description: 'Several of them, in place of `id`' }),
  ),
};
const room = describe(IdString, 'The room, as project:12');
const target = {
  task_id: Type.Optional(describe(IdString, 'The task to follow; it may come to be later')),
  room: Type.Optional(room),
};
const rev = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const cursor = Type.String({ maxLength: 96 });

const page = {
  before: Type.Optional(describe(rev, 'The `next_before` of the page before; without it the newest')),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'How many items' })),
};

/** Filter and page of an inbox. */
export const inboxFilter = {
  ...page,
  view: Type.Optional(
    Type.Union([Type.Literal('inbox'), Type.Literal('archived'), Type.Literal('snoozed')], {
      default: 'inbox',
      description: 'What is neither archived nor snoozed, or what is',
    }),
  ),
  unread: Type.Optional(Type.Boolean({ description: 'Only what is unread, or (false) only what is read' })),
  category: Type.Optional(describe(EventType, 'Only of this category')),
  type: Type.Optional(describe(EventType, 'Only frames of this type')),
  since: Type.Optional(describe(Timestamp, 'Published then or later. ISO 8601 with a time zone')),
  until: Type.Optional(describe(Timestamp, 'Published before then. ISO 8601 with a time zone')),
  q: Type.Optional(
    Type.String({
      ...{ minLength: 1, maxLength: limits.search, pattern: storable },
      description: 'Text in title, message or file name',
    }),
  ),
};

/** The actions a client may send, by name. */
export const actionSchemas = {
  subscribe: action('subscribe', {
    ...target,
    presence: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Of a room. False: this session is not shown there, and is sent no `presence` frames',
      }),
    ),
    log_after: Type.Optional(
      describe(LogPosition, 'Of a task: follow its log too, behind this entry; 0: from the beginning'),
    ),
  }),
  unsubscribe: action('unsubscribe', target),
  mark_read: action('mark_read', {
    ...ids,
    room: Type.Optional(describe(IdString, 'A room, as project:12: what mentions this user there, in place of ids')),
  }),
  mark_unread: action('mark_unread', ids),
  mark_all_read: action('mark_all_read', {
    up_to: Type.Optional(describe(rev, 'The last rev that is read; nothing that came after it is')),
  }),
  mark_seen: action('mark_seen', ids),
  archive: action('archive', ids),
  unarchive: action('unarchive', ids),
  snooze: action('snooze', {
    ...ids,
    until: describe(Timestamp, 'When they come back; at most a year ahead'),
  }),
  unsnooze: action('unsnooze', ids),
  list: action('list', inboxFilter),
  unread_count: action('unread_count', {}),
  answer: action('answer', {
    id: describe(IdString, 'The notification'),
    action_id: describe(EventType, 'The `id` of the button'),
    comment: Type.Optional(describe(Comment, 'What the person had to say to it')),
  }),
  ack: action('ack', { cursor }),
  cancel_task: action('cancel_task', { task_id: IdString }),
  retry_task: action('retry_task', { task_id: IdString }),
  answer_task: action('answer_task', {
    task_id: IdString,
    answer: Type.Unknown({ description: 'What it asked for' }),
  }),
  send: action('send', { room, ...sentEvent }),
  room_events: action('room_events', { room, ...page }),
  set_state: action('set_state', { room, key: RoomStateKey, ...stateInput }),
  remove_state: action('remove_state', { room, key: RoomStateKey, ...stateRemoval }),
  presence: action('presence', {
    room: describe(IdString, 'The room, as project:12; one that this session follows'),
    state: describe(Data, 'Anything that is JSON, 4,000 bytes at most; it replaces what was'),
    session: Type.Optional(
      describe(
        SessionName,
        'Over HTTP only, where it must be: the session, as `?session=` of its stream or polls names it',
      ),
    ),
  }),
  authenticate: action('authenticate', {
    token: Type.String({ minLength: 1, maxLength: 8_192 }),
  }),
  ping: action('ping', {}),
} as const;

export type ActionName = keyof typeof actionSchemas;
type ActionOf<N extends ActionName> = Static<(typeof actionSchemas)[N]>;

/** An action of a client, discriminated by `action`. */
export type ClientAction = { [N in ActionName]: ActionOf<N> }[ActionName];
/** One action by its name. */
export type ClientActionOf<N extends ActionName> = ActionOf<N>;
