import { hash } from 'node:crypto';
import {
  isDocumentEvent,
  type RoomEvent,
  type RoomEventInput,
  type RoomEventPage,
  type RoomMemberPage,
  type RoomMembership,
  type SentRoomEvent,
  TidingsError,
} from '@tidings/protocol';
import { RoomEventInput as EventSchema, IdString, RoomMemberInput } from '@tidings/protocol/schemas';
import { checkDataSize } from '../domain/data-size.ts';
import { hasDocument } from '../domain/document-name.ts';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import { ephemeralMessageBytes } from '../domain/ports.ts';
import { ephemeralFrame, roomEventRecord, type RoomEvent as SentEvent } from '../domain/room-events.ts';
import { type Room, type RoomAccess, roomName, roomTopic } from '../domain/rooms.ts';
import { sorted } from '../domain/sorted-json.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { parser } from './refuse.ts';
import { requireRight, scopeOf, shownSender, viewOf } from './room-access.ts';
import { checkMentions, mentionable, mentionNotification } from './room-mentions.ts';

const parseUserId = parser<string>(IdString, "a user's id");
const parseMember = parser<{ access: RoomAccess }>(RoomMemberInput, 'a membership');
const parseEvent = parser<RoomEventInput>(EventSchema, 'an event of a room');

/** The rows of a page that cost a reader one unit of work. */
const rowsOfUnit = 10;

/** Sends an event to a room: stored, or to those who follow it now. Throws TidingsError. */
export async function sendRoomEvent(
  context: CommandContext,
  sender: BackEnd | Identity,
  room: Room,
  input: unknown,
): Promise<SentRoomEvent> {
  const { event, data = {}, mentions = [], ephemeral = false, idempotency_key } = parseEvent(input);
  checkMentions({ ephemeral, mentions });
  if (hasDocument(room) && isDocumentEvent(event)) throw ofTheServer(event);
  checkDataSize(data, { name: 'data', atMost: context.maxDataBytes });
  if ('id' in sender) {
    await requireRight(context, sender, 'write', room);
    context.limits.work(sender.id, mentions.length);
  }
  const from = shownSender(sender);
  const others = mentions.filter((id) => id !== from?.user_id);
  const mentioned = await mentionable(context, room, others);
  const sent: SentEvent = { room: roomName(room), event, from, data, mentions: mentioned };
  const now = context.clock.now();
  if (ephemeral) return broadcast(context, sent, now);
  const key =
    idempotency_key === undefined
      ? null
      : {
          key: `${scopeOf(sender)}\nroom\n${idempotency_key}`,
          hash: fingerprintOf(sent.room, event, { data, mentions }),
        };
  const id = newId('e', now);
  const [outcome] = await context.store.commit([
    roomEventRecord(id, sent, now, key),
    ...mentioned.map((userId) => mentionNotification({ event: sent, id, userId }, now, key)),
  ]);
  if (outcome?.status === 'stored') {
    context.telemetry.emit({ type: 'published', kind: 'room_event', count: 1 });
    return { id: outcome.id, rev: outcome.rev, ...(mentions.length === 0 ? {} : { mentions: mentioned }) };
  }
  if (outcome?.status === 'duplicate') return { id: outcome.id, rev: outcome.rev, duplicate: true };
  throw new TidingsError(
    'idempotency_mismatch',
    'this idempotency key was used for another event already; use a new key',
  );
}

const ofTheServer = (event: string): TidingsError =>
  new TidingsError(
    'bad_request',
    `${event} is what the server says of the document of a room; give yours another name`,
  );

const fingerprintOf = (room: string, event: string, data: object): string =>
  hash('sha1', JSON.stringify([room, event, sorted(data)]), 'base64');

function broadcast(context: CommandContext, sent: SentEvent, now: number): SentRoomEvent {
  const topic = roomTopic(sent.room);
  const frame = JSON.stringify(ephemeralFrame(sent, now));
  const bytes = Buffer.byteLength(frame) + Buffer.byteLength(topic);
  if (bytes > ephemeralMessageBytes) {
    const message = `an ephemeral event has ${bytes} bytes with its room, more than ${ephemeralMessageBytes}; send less, or store it`;
    throw new TidingsError('payload_too_large', message);
  }
  context.rooms.broadcast(topic, frame);
  return { ephemeral: true };
}

/** A page of the events of a room, newest first: for a back end (null), or for a person who may follow it. Throws `not_found`. */
export async function listRoomEvents(
  context: CommandContext,
  reader: Identity | null,
  room: Room,
  { before, limit }: { before: number | null; limit: number },
): Promise<RoomEventPage> {
  if (reader) context.limits.work(reader.id, Math.ceil(limit / rowsOfUnit));
  const view = await viewOf(context, reader, room);
  const { events, full } = await context.store.roomEvents({ ...view, before, limit });
  const items = events.map(({ body, rev }) => ({ ...JSON.parse(body), rev }) as RoomEvent);
  return { items, next_before: full ? (events.at(-1)?.rev ?? null) : null };
}

/** Sets the right of a user in a room, known here or not; null ends the membership. Resolves when it is stored. */
async function setAccess(
  context: CommandContext,
  room: Room,
  userId: string,
  access: RoomAccess | null,
): Promise<RoomMembership> {
  const [name, user_id] = [roomName(room), parseUserId(userId)];
  const at = context.clock.now();
  await context.store.commit([{ op: 'member', userId: user_id, topic: roomTopic(name), access, at }]);
  return { room: name, user_id, ...(access === null ? {} : { access }) };
}

/** Makes a user a member of a room, or changes the right of one. Throws `bad_request` for `*`, which names all of a kind in grants alone. */
export async function setRoomMember(
  context: CommandContext,
  room: Room,
  userId: string,
  input: unknown,
): Promise<RoomMembership> {
  const { access } = parseMember(input);
  if (room.id !== '*') return setAccess(context, room, userId, access);
  throw new TidingsError(
    'bad_request',
    `a membership is of one room, as ${room.kind}:12; for all of a kind, put ${roomName(room)}:${access} into the grants of the user's token, or let the application answer`,
  );
}

/** Ends the membership of a user: nothing that is sent to the room from then on is delivered by it. */
export const removeRoomMember = (context: CommandContext, room: Room, userId: string): Promise<RoomMembership> =>
  setAccess(context, room, userId, null);

/** The members of a room that back ends have set, in the order of their ids. */
export async function listRoomMembers(
  { store }: CommandContext,
  room: Room,
  { after, limit }: { after: string; limit: number },
): Promise<RoomMemberPage> {
  const members = await store.roomMembers(roomTopic(roomName(room)), after, limit);
  const items = members.map(({ userId, username, access }) => ({ user_id: userId, username, access }));
  return { items, next_after: members.length < limit ? null : (members.at(-1)?.userId ?? null) };
}
