import {
  IdString,
  RoomEventInput,
  RoomEventPage,
  RoomMemberInput,
  RoomMemberPage,
  RoomMembership,
  RoomPresence,
  RoomState,
  RoomStateInput,
  RoomStateKey,
  RoomStateRemoved,
  RoomStateSet,
  SentRoomEvent,
  stateRemoval,
} from '@tidings/protocol/schemas';
import Type from 'typebox';
import type { CommandContext } from '../../commands/context.ts';
import { readPresence } from '../../commands/presence.ts';
import { readRoom } from '../../commands/room-access.ts';
import { readRoomState, removeRoomState, setRoomState } from '../../commands/room-state.ts';
import {
  listRoomEvents,
  listRoomMembers,
  removeRoomMember,
  sendRoomEvent,
  setRoomMember,
} from '../../commands/rooms.ts';
import { rightsUnknown } from '../../domain/rooms.ts';
import * as examples from './documents/examples/answers.ts';
import { answer, commandBody, personOf } from './endpoint.ts';
import { idempotencyHeader, paging, type QueryNames, withKey } from './parameters.ts';
import type { Routes } from './routes.ts';

const group = 'Rooms';
const named = {
  kind: Type.String({ ...IdString, description: 'The kind of room', examples: ['project'] }),
  id: Type.String({ ...IdString, description: 'The room', examples: ['12'] }),
};
const params = Type.Object(named, { queryNames: { id: 'room_id' } satisfies QueryNames });
const ofMember = Type.Object(
  { ...named, user: Type.String({ ...IdString, description: 'The user, by id; known here or not', examples: ['42'] }) },
  { queryNames: { id: 'room_id', user: 'user_id' } satisfies QueryNames },
);
const ofKey = Type.Object(
  { ...named, key: Type.String({ ...RoomStateKey, examples: ['phase'] }) },
  { queryNames: { id: 'room_id', key: 'state_key' } satisfies QueryNames },
);
const roomOf = ({ kind, id }: { kind: string; id: string }) => readRoom(`${kind}:${id}`);
const not_found = 'there is no room "project:13", or it is not yours';
const forbidden = 'you may read in this room, and not change what is in it: that takes the right rw';
const unavailable = rightsUnknown().message;

/** The routes of rooms: their events, members, presence and state. */
export function roomRoutes(routes: Routes, context: CommandContext): void {
  eventRoutes(routes, context);
  memberRoutes(routes, context);
  presenceRoutes(routes, context);
  stateRoutes(routes, context);
}

function eventRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'POST /api/v1/rooms/{kind}/{id}/events',
    ...{ id: 'sendRoomEvent', group, summary: 'Send an event to a room', who: 'either', params },
    description:
      'By back ends, and by users with the right `rw`. Answers once it is stored and fsynced, or, of an ephemeral one, once it is on its way to those who follow the room now. A room need not be created.',
    status: 201,
    headers: idempotencyHeader,
    body: commandBody(RoomEventInput, {
      stored: { event: 'comment_added', data: { text: 'Looks right to me' } },
      ephemeral: { event: 'cursor', data: { line: 17 }, ephemeral: true },
    }),
    answers: {
      201: answer(SentRoomEvent, 'Stored, or (ephemeral) on its way', {
        stored: examples.sentRoomEvent,
        ephemeral: { ephemeral: true },
      }),
    },
    errors: {
      ...{ not_found, unavailable, forbidden },
      idempotency_mismatch: 'this idempotency key was used for another event already; use a new key',
    },
    store: 'writes',
    handle: ({ caller, params, body, request }) =>
      sendRoomEvent(context, caller, roomOf(params), withKey(body, request)),
  });
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/events',
    ...{ id: 'listRoomEvents', group, summary: 'Read what was sent to a room, newest first', who: 'either', params },
    description: 'By back ends, and by users who may follow the room. Ephemeral events are not among it.',
    query: Type.Object(paging),
    answers: { 200: answer(RoomEventPage, 'A page', { page: examples.roomEventPage }) },
    errors: { not_found, unavailable },
    store: 'reads',
    handle: ({ caller, params, query: { before = null, limit = 20 } }) =>
      listRoomEvents(context, personOf(caller), roomOf(params), { before, limit }),
  });
}

function memberRoutes(routes: Routes, context: CommandContext): void {
  const who = 'back_end';
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/members',
    ...{ id: 'listRoomMembers', group, summary: 'List the members of a room', who, params },
    description: 'Those that were set here, and not those who have a right by their tokens or by the application.',
    query: Type.Object({
      after: Type.Optional(Type.String({ ...IdString, description: 'The `next_after` of the page before' })),
      limit: paging.limit,
    }),
    answers: { 200: answer(RoomMemberPage, 'A page', { page: examples.roomMemberPage }) },
    store: 'reads',
    handle: ({ params, query: { after = '', limit = 20 } }) =>
      listRoomMembers(context, roomOf(params), { after, limit }),
  });
  routes.add({
    call: 'PUT /api/v1/rooms/{kind}/{id}/members/{user}',
    ...{ id: 'setRoomMember', group, summary: 'Make a user a member of a room, or change the right of one', who },
    params: ofMember,
    body: commandBody(RoomMemberInput, { 'to read and send': { access: 'rw' }, 'to read': { access: 'r' } }),
    answers: { 200: answer(RoomMembership, 'The right that holds', { member: examples.roomMembership }) },
    store: 'writes',
    handle: ({ params, body }) => setRoomMember(context, roomOf(params), params.user, body),
  });
  routes.add({
    call: 'DELETE /api/v1/rooms/{kind}/{id}/members/{user}',
    ...{ id: 'removeRoomMember', group, summary: 'End the membership of a user', who, params: ofMember },
    description:
      'What is sent to the room from then on is not delivered by it, at once and everywhere. Again it changes nothing.',
    answers: {
      200: answer(RoomMembership, 'It has ended', { ended: { room: 'project:12', user_id: '42' } }),
    },
    store: 'writes',
    handle: ({ params }) => removeRoomMember(context, roomOf(params), params.user),
  });
}

function presenceRoutes(routes: Routes, context: CommandContext): void {
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/presence',
    ...{ id: 'readRoomPresence', group, summary: 'Read who is in a room now', who: 'either', params },
    description:
      'The users whose sessions follow the room, on all servers, each with the states of these sessions. By back ends, and by users who may follow the room.',
    answers: { 200: answer(RoomPresence, 'Those who are there', { presence: examples.roomPresence }) },
    errors: { not_found, unavailable },
    store: 'reads',
    handle: ({ caller, params }) => readPresence(context, personOf(caller), roomOf(params)),
  });
}

function stateRoutes(routes: Routes, context: CommandContext): void {
  const who = 'either';
  const conflict = 'key "phase" is at rev 4721, and "if_rev" is 4702; read the key again, and decide anew';
  routes.add({
    call: 'GET /api/v1/rooms/{kind}/{id}/state',
    ...{ id: 'readRoomState', group, summary: 'Read the state of a room', who, params },
    description: 'All keys that have a value. By back ends, and by users who may follow the room.',
    answers: { 200: answer(RoomState, 'The whole state', { state: examples.roomState }) },
    errors: { not_found, unavailable },
    store: 'reads',
    handle: ({ caller, params }) => readRoomState(context, personOf(caller), roomOf(params)),
  });
  routes.add({
    call: 'PUT /api/v1/rooms/{kind}/{id}/state/{key}',
    ...{ id: 'setRoomState', group, summary: 'Set a key of the state of a room', who, params: ofKey },
    description:
      'By back ends, and by users with the right `rw`. With `if_rev` it is set only if nobody has set or removed it since.',
    headers: idempotencyHeader,
    body: commandBody(RoomStateInput, {
      'whatever it is': { value: 'review' },
      'if nobody has set it since': { value: 'review', if_rev: 4702 },
      'for a minute, if it has no value': { value: { by: 'amadmin' }, ttl_ms: 60_000, if_rev: 0 },
    }),
    answers: { 200: answer(RoomStateSet, 'It is set, and stored', { set: { rev: 4721 } }) },
    errors: {
      ...{ not_found, unavailable, forbidden, conflict },
      idempotency_mismatch: 'this idempotency key was used for another change of a state already; use a new key',
    },
    store: 'writes',
    handle: ({ caller: sender, params, body, request }) =>
      setRoomState(context, { room: roomOf(params), key: params.key, sender }, withKey(body, request)),
  });
  routes.add({
    call: 'DELETE /api/v1/rooms/{kind}/{id}/state/{key}',
    ...{ id: 'removeRoomState', group, summary: 'Remove a key of the state of a room', who, params: ofKey },
    headers: idempotencyHeader,
    query: Type.Object(stateRemoval),
    answers: { 200: answer(RoomStateRemoved, 'It has no value any more', { removed: { removed: true } }) },
    errors: {
      ...{ not_found, unavailable, forbidden, conflict },
      idempotency_mismatch: 'this idempotency key was used for another change of a state already; use a new key',
    },
    store: 'writes',
    handle: ({ caller: sender, params, query: { if_rev, idempotency_key }, request }) =>
      removeRoomState(
        context,
        { room: roomOf(params), key: params.key, sender },
        withKey({ if_rev, idempotency_key }, request),
      ),
  });
}
