import { TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import { parseRoom, type Room, type RoomAction, type RoomRight, roomName, roomTopic } from '../domain/rooms.ts';
import type { RoomView } from '../domain/store/rooms.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { notFound } from './refuse.ts';

/** Reads the name of a room. Throws `bad_request`. */
export function readRoom(name: string): Room {
  const room = parseRoom(name);
  if (room) return room;
  const got = JSON.stringify(name.slice(0, 60));
  throw new TidingsError(
    'bad_request',
    `a room is named by its kind and its id, as project:12, where the kind has letters, digits, _ and -; got ${got}`,
  );
}

/** A person's right in a room. Throws `not_found` for who may not see the room, as where there is none, and `forbidden` for who may only read. */
export async function requireRight(
  context: CommandContext,
  person: Identity,
  action: RoomAction,
  room: Room,
): Promise<RoomRight> {
  const right = await context.rooms.rightOf(person, action, room);
  if (right !== null) return right;
  if (action === 'read' || (await context.rooms.rightOf(person, 'read', room)) === null) {
    throw notFound('room', roomName(room));
  }
  throw new TidingsError(
    'forbidden',
    'you may read in this room, and not change what is in it: that takes the right rw',
  );
}

/** The room as its reader sees it: a back end (null), which sees all of it, or a person who may follow it. Throws `not_found`. */
export async function viewOf(context: CommandContext, reader: Identity | null, room: Room): Promise<RoomView> {
  const right = reader ? await requireRight(context, reader, 'read', room) : null;
  return { topic: roomTopic(roomName(room)), userId: reader?.id ?? '', isGranted: right?.source !== 'membership' };
}

/** A sender as others are shown it; null for a back end. */
export const shownSender = (sender: BackEnd | Identity): { user_id: string; username: string } | null =>
  'id' in sender ? { user_id: sender.id, username: sender.username } : null;

/** The scope of a sender's idempotency keys. */
export const scopeOf = (sender: BackEnd | Identity): string => ('id' in sender ? `user\n${sender.id}` : sender.scope);
