import type { RoomPresence } from '@tidings/protocol';
import { checkDataSize } from '../domain/data-size.ts';
import type { Identity } from '../domain/identity.ts';
import { type Room, roomName, roomTopic } from '../domain/rooms.ts';
import type { ActionConnection, CommandContext } from './context.ts';
import { requireRight } from './room-access.ts';

/** A read costs so many units of work, and one more for each ten users that it finds. */
const [workOfRead, usersOfUnit] = [5, 10];

/** Sets the state of a session in a room that it follows. Throws TidingsError: `not_found` if it follows no such room. */
export async function setPresence(
  context: CommandContext,
  connection: ActionConnection,
  room: Room,
  state: object,
): Promise<object> {
  checkDataSize(state, { name: 'state', atMost: context.presenceStateBytes });
  await connection.setPresence(roomTopic(roomName(room)), JSON.stringify(state));
  return {};
}

/** The users who are in a room now: for a back end (null), or for a person who may follow it. Throws `not_found`. */
export async function readPresence(
  context: CommandContext,
  reader: Identity | null,
  room: Room,
): Promise<RoomPresence> {
  if (reader) {
    context.limits.work(reader.id, workOfRead);
    await requireRight(context, reader, 'read', room);
  }
  const items = await context.rooms.presence(roomTopic(roomName(room)));
  if (reader) context.limits.workDone(reader.id, Math.floor(items.length / usersOfUnit));
  return { items };
}
