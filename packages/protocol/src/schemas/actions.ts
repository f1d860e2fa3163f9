import Type, { type Static } from 'typebox';
import { Data, IdString, limits, Timestamp } from './fields.ts';

const ref = { ref: Type.Optional(Type.Unknown({ description: 'Sent back in the reply or error' })) };
const ids = {
  id: Type.Optional(IdString),
  ids: Type.Optional(Type.Array(IdString, { minItems: 1, maxItems: limits.ids })),
};
const target = { task_id: Type.Optional(IdString), room: Type.Optional(IdString) };
const rev = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const cursor = Type.String({ maxLength: 96 });

/** The actions a client may send, by name. Unknown members are ignored, so that older servers read newer clients. */
export const actionSchemas = {
  subscribe: Type.Object({ action: Type.Literal('subscribe'), ...target, ...ref }),
  unsubscribe: Type.Object({ action: Type.Literal('unsubscribe'), ...target, ...ref }),
  mark_read: Type.Object({ action: Type.Literal('mark_read'), ...ids, ...ref }),
  mark_unread: Type.Object({ action: Type.Literal('mark_unread'), ...ids, ...ref }),
  mark_all_read: Type.Object({ action: Type.Literal('mark_all_read'), up_to: Type.Optional(rev), ...ref }),
  mark_seen: Type.Object({ action: Type.Literal('mark_seen'), ...ids, ...ref }),
  archive: Type.Object({ action: Type.Literal('archive'), ...ids, ...ref }),
  snooze: Type.Object({ action: Type.Literal('snooze'), ...ids, until: Timestamp, ...ref }),
  list: Type.Object({
    action: Type.Literal('list'),
    before: Type.Optional(rev),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    ...ref,
  }),
  ack: Type.Object({ action: Type.Literal('ack'), cursor, ...ref }),
  cancel_task: Type.Object({ action: Type.Literal('cancel_task'), task_id: IdString, ...ref }),
  answer_task: Type.Object({
    action: Type.Literal('answer_task'),
    task_id: IdString,
    answer: Type.Unknown(),
    ...ref,
  }),
  send: Type.Object({
    action: Type.Literal('send'),
    room: IdString,
    event: Type.String({ minLength: 1, maxLength: limits.eventType }),
    data: Type.Optional(Data),
    ...ref,
  }),
  presence: Type.Object({ action: Type.Literal('presence'), room: IdString, state: Data, ...ref }),
  authenticate: Type.Object({
    action: Type.Literal('authenticate'),
    token: Type.String({ minLength: 1, maxLength: 8_192 }),
    ...ref,
  }),
  ping: Type.Object({ action: Type.Literal('ping'), ...ref }),
} as const;

export type ActionName = keyof typeof actionSchemas;
type ActionOf<N extends ActionName> = Static<(typeof actionSchemas)[N]>;

/** What a client may send, discriminated by `action`. */
export type ClientAction = { [N in ActionName]: ActionOf<N> }[ActionName];
/** One action by its name. */
export type ClientActionOf<N extends ActionName> = ActionOf<N>;
