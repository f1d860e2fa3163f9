import Type, { type TSchema } from 'typebox';
import type * as rooms from '../wire/rooms.ts';
import { describe } from './describe.ts';
import { Data, EventType, IdempotencyKey } from './fields.ts';

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
    idempotency_key: Type.Optional(describe(IdempotencyKey, 'Requests with the same key are stored once')),
  },
  closed,
);
export type RoomEventInput = rooms.RoomEventInput;

export const SentRoomEvent = Type.Object({
  id: Type.Optional(Type.String({ description: 'The record; absent of an ephemeral one' })),
  rev: Type.Optional(Type.Integer({ description: 'Its place in the one sequence; absent of an ephemeral one' })),
  duplicate: Type.Optional(Type.Literal(true, { description: 'The key was used before, for the same event' })),
  ephemeral: Type.Optional(Type.Literal(true, { description: 'It was not stored' })),
});
export type SentRoomEvent = rooms.SentRoomEvent;

/** The sender of an event; null for a back end. */
export const RoomSender = orNull(Type.Object({ user_id: Type.String(), username: Type.String() }));

const RoomEvent = Type.Object({
  type: Type.Literal('room_event'),
  id: Type.String(),
  rev: Type.Integer({ description: 'Its place in the one sequence' }),
  timestamp: Type.String({ description: 'ISO 8601, UTC' }),
  room: RoomName,
  event: Type.String(),
  from: describe(RoomSender, 'Null for one of a back end'),
  data: Data,
});

export const RoomEventPage = Type.Object({
  items: Type.Array(RoomEvent, { description: 'Newest first' }),
  next_before: orNull(Type.Integer({ description: 'Give it as `before` for the next page; null: there is none' })),
});
export type RoomEventPage = rooms.RoomEventPage;
