import Type, { type TSchema } from 'typebox';
import type * as rooms from '../wire/rooms.ts';
import { describe } from './describe.ts';
import { Data, EventType, IdempotencyKey, IdString, storable } from './fields.ts';

const closed = { additionalProperties: false };
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const RoomName = Type.String({ description: 'The name of the room, as project:12' });

export const RoomAccess = Type.Union([Type.Literal('r'), Type.Literal('rw')], {
  description: '`r` to follow the room and read its history, `rw` to send to it as well',
});
export type RoomAccess = rooms.RoomAccess;

/** Body of `PUT /api/v1/rooms/{kind}/{id}/members/{user}`. */
export const RoomMemberInput = Type.Object({ access: RoomAccess }, closed);

export const RoomMembership = Type.Object({
  room: RoomName,
  user_id: Type.String(),
  access: Type.Optional(describe(RoomAccess, 'Absent: the user is no member')),
});
export type RoomMembership = rooms.RoomMembership;

const RoomMember = Type.Object({
  user_id: Type.String(),
  username: orNull(Type.String({ description: 'Null for a user who was never seen' })),
  access: RoomAccess,
});

export const RoomMemberPage = Type.Object({
  items: Type.Array(RoomMember, { description: 'In the order of their ids' }),
  next_after: orNull(Type.String({ description: 'Give it as `after` for the next page; null: there is none' })),
});
export type RoomMemberPage = rooms.RoomMemberPage;

const sent = {
  event: describe(EventType, 'What kind of event it is: letters, digits, _ . : and -, beginning with a letter'),
  data: Type.Optional(Data),
  mentions: Type.Optional(
    Type.Array(IdString, {
      ...{ maxItems: 100, uniqueItems: true },
      description: 'Users, by id, who are sent a notification if they may follow the room; not with `ephemeral`',
    }),
  ),
  ephemeral: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Goes to those who follow the room now, who may miss it, and is never stored',
    }),
  ),
};

/** Members of an event that a client sends, in the action `send`. */
export const sentEvent = sent;

/** Body of `POST /api/v1/rooms/{kind}/{id}/events`. */
export const RoomEventInput = Type.Object(
  {
    ...sent,
    idempotency_key: Type.Optional(describe(IdempotencyKey, 'Requests with the same idempotency key are stored once')),
  },
  closed,
);
export type RoomEventInput = rooms.RoomEventInput;

export const SentRoomEvent = Type.Object({
  id: Type.Optional(Type.String({ description: 'The record; absent of an ephemeral one' })),
  rev: Type.Optional(Type.Integer({ description: 'Its place in the one sequence; absent of an ephemeral one' })),
  mentions: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Of an event that named users: those who are told, by id, maybe nobody. Absent of a repeated call',
    }),
  ),
  duplicate: Type.Optional(
    Type.Literal(true, { description: 'The idempotency key was used before, for the same event' }),
  ),
  ephemeral: Type.Optional(Type.Literal(true, { description: 'It was not stored' })),
});
export type SentRoomEvent = rooms.SentRoomEvent;

/** The sender of an event; null for a back end. */
export const RoomSender = orNull(Type.Object({ user_id: Type.String(), username: Type.String() }));

/** The member of an event that says who was sent a notification of it. */
export const mentions = Type.Optional(
  Type.Array(Type.String(), { description: 'The users who were sent a notification, by id' }),
);

const RoomEvent = Type.Object({
  type: Type.Literal('room_event'),
  id: Type.String(),
  rev: Type.Integer({ description: 'Its place in the one sequence' }),
  timestamp: Type.String({ description: 'ISO 8601, UTC' }),
  room: RoomName,
  event: Type.String(),
  from: describe(RoomSender, 'Null for one of a back end'),
  mentions,
  data: Data,
  truncated: Type.Optional(
    Type.Literal(true, { description: 'Without its data, which is too large for the client’s `max_frame`' }),
  ),
  url: Type.Optional(Type.String({ description: 'The path at which the whole of a truncated one is read' })),
});

export const RoomEventPage = Type.Object({
  items: Type.Array(RoomEvent, { description: 'Newest first' }),
  next_before: orNull(Type.Integer({ description: 'Give it as `before` for the next page; null: there is none' })),
});
export type RoomEventPage = rooms.RoomEventPage;

/** The key of a value in a room's state. */
export const RoomStateKey = Type.String({
  ...{ minLength: 1, maxLength: 100, pattern: storable },
  description: 'The key: 1 to 100 characters',
});

const ifRev = Type.Integer({
  minimum: 0,
  description: 'The rev that the key must have, 0 for a key without a value; else the answer is `conflict`',
});

/** Members by which a key is set, in the action `set_state` and in the body of `PUT`. */
export const stateInput = {
  value: Type.Unknown({ description: 'Anything that is JSON; 4,000 bytes at most' }),
  ttl_ms: Type.Optional(
    Type.Integer({
      ...{ minimum: 1_000, maximum: 366 * 86_400_000 },
      description: 'Time after which the key is removed by itself, ms; by default it stays',
    }),
  ),
  if_rev: Type.Optional(ifRev),
  idempotency_key: Type.Optional(describe(IdempotencyKey, 'Requests with the same idempotency key are done once')),
};

/** Members by which a key is removed, in the action `remove_state` and in the query of `DELETE`. */
export const stateRemoval = { if_rev: stateInput.if_rev, idempotency_key: stateInput.idempotency_key };

export const RoomStateRemoval = Type.Object(stateRemoval, closed);
export type RoomStateRemoval = rooms.RoomStateRemovalInput;

/** Body of `PUT /api/v1/rooms/{kind}/{id}/state/{key}`. */
export const RoomStateInput = Type.Object(stateInput, closed);
export type RoomStateInput = rooms.RoomStateInput;

export const RoomStateSet = Type.Object({
  rev: Type.Integer({ description: 'The rev that the key has now' }),
  duplicate: Type.Optional(
    Type.Literal(true, { description: 'The idempotency key was used before, for the same value' }),
  ),
});
export type RoomStateSet = rooms.RoomStateSet;

export const RoomStateRemoved = Type.Object({
  removed: Type.Boolean({ description: 'False if the key had no value' }),
  duplicate: Type.Optional(
    Type.Literal(true, { description: 'The idempotency key was used before, and it was removed then' }),
  ),
});
export type RoomStateRemoved = rooms.RoomStateRemoved;

/** The members of a key and its value, in frames and answers. */
export const stateFields = {
  room: RoomName,
  key: Type.String(),
  value: Type.Unknown(),
  from: describe(RoomSender, 'Who set it; null for a back end'),
  expires_at: Type.Optional(Type.String({ description: 'When it is removed by itself, ISO 8601, UTC' })),
};

export const RoomState = Type.Object({
  items: Type.Array(
    Type.Object({
      ...stateFields,
      rev: Type.Integer({ description: 'The rev at which it was set; give it as `if_rev`' }),
      timestamp: Type.String({ description: 'When it was set, ISO 8601, UTC' }),
    }),
    { description: 'The keys that have a value, sorted by key' },
  ),
});
export type RoomState = rooms.RoomState;

const member = {
  username: Type.String(),
  sessions: Type.Record(Type.String(), Data, {
    description: 'The state of each session that follows the room, by session id; `{}` until it says one',
  }),
};

/** A user who is in a room now. */
export const PresenceMember = Type.Object(member);
export type PresenceMember = rooms.PresenceMember;

export const RoomPresence = Type.Object({
  items: Type.Array(Type.Object({ user_id: Type.String(), ...member }), { description: 'Those who are there now' }),
});
export type RoomPresence = rooms.RoomPresence;
