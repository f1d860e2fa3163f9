import { type RoomPresence, TidingsError } from '@tidings/protocol';
import { checkDataSize } from '../domain/data-size.ts';
import type { Identity } from '../domain/identity.ts';
import { type Room, roomName, roomTopic } from '../domain/rooms.ts';
import type { CommandContext, Person } from './context.ts';
import { requireRight } from './room-access.ts';

/** A read costs so many units of work, and one more for each ten users that it finds. */
const [workOfRead, usersOfUnit] = [5, 10];

/**
 * Sets the state of a session in a room: of the socket that the action came on, or, over HTTP, of the person's session of a name. Throws
 * TidingsError: `not_found` if the socket follows no such room, or the person may not.
 */
export async function setPresence(
  context: CommandContext,
  { connection, identity }: Person,
  room: Room,
  { state, session }: { state: object; session?: string | undefined },
): Promise<object> {
  checkDataSize(state, { name: 'state', atMost: context.presenceStateBytes });
  const [topic, text] = [roomTopic(roomName(room)), JSON.stringify(state)];
  if (connection && session === undefined) await connection.setPresence(topic, text);
  else if (!connection && session !== undefined) {
    await requireRight(context, identity, 'read', room);
    context.rooms.setPresence(topic, { userId: identity.id, username: identity.username, name: session }, text);
  } else throw new TidingsError('bad_request', connection ? onSockets : overHttp);
  return {};
}

const onSockets = 'on a WebSocket the state is that of its own session; leave out "session"';
const overHttp =
  '"session" is missing, which says whose state it is: give the name that is in the address of your stream or polls, as ?session=tab1';

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
