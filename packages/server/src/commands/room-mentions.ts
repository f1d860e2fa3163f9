import { type MarkResult, TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import { publication } from '../domain/inbox/publish.ts';
import type { RoomEvent } from '../domain/room-events.ts';
import { type Room, roomName, roomTopic } from '../domain/rooms.ts';
import { inboxTopics } from '../domain/topics.ts';
import type { PutWrite } from '../domain/writes.ts';
import type { CommandContext } from './context.ts';

/** The most of an event's text that a notification shows, in UTF-16 code units. */
const longestText = 300;

/**
 * Filters users: those who may follow a room, by a membership or by the application. A grant does not count, since only the token of a
 * connection has it.
 */
export async function mentionable(context: CommandContext, room: Room, users: readonly string[]): Promise<string[]> {
  const may = await Promise.all(
    users.map(async (id) => {
      const { username, roles } = (await context.store.user(id)) ?? {};
      const user = { id, username: username ?? id, roles: roles ?? [], grants: [] };
      return (await context.rooms.rightOf(user, 'read', room, { isQuiet: true })) !== null;
    }),
  );
  return users.filter((_, i) => may[i]);
}

/** A mention in an event, with the id of its record. */
interface Mention {
  event: RoomEvent;
  id: string;
  userId: string;
}

/**
 * The notification of a user who is mentioned in an event. A user has at most one unread for each room: a further mention replaces it.
 *
 * @param key as of a `PutWrite`, of the event: where that is a duplicate, nobody is notified, whoever may be mentioned by now
 */
export function mentionNotification({ event, id, userId }: Mention, now: number, key: PutWrite['key']): PutWrite {
  const { room, from, data } = event;
  const text = [data.text, data.message].find((one) => typeof one === 'string') ?? '';
  const notification = publication(
    {
      ...{ to: { user: userId }, category: 'mentions', external_id: roomTopic(room), collapse_key: roomTopic(room) },
      title: from === null ? 'You were mentioned' : `${from.username} mentioned you`,
      message: beginningOf(String(text)),
      data: { room, event: event.event, event_id: id, from },
    },
    { now, scope: '', connected: [] },
  );
  return { ...notification, key: key && { ...key, by: id } };
}

/** The beginning of a text, which never ends within a surrogate pair. */
const beginningOf = (text: string): string => text.slice(0, longestText).replace(/\p{Surrogate}$/u, '');

/** Marks a person's mentions in a room as read. The answer is the same for a room that the person may not see. */
export async function readMentions(context: CommandContext, person: Identity, room: Room): Promise<MarkResult> {
  context.limits.work(person.id, 1);
  return { marked: await markUnread(context, person, roomTopic(roomName(room))), not_found: [] };
}

/** Marks a person's mentions in a room as read, now that the room is open. Never rejects: a failure is emitted. */
export async function markMentionsRead(context: CommandContext, person: Identity, topic: string): Promise<void> {
  try {
    await markUnread(context, person, topic);
  } catch (error) {
    context.telemetry.emit({ type: 'failure', where: 'mentions', error: error as Error });
  }
}

/** @returns the number of mentions that were unread */
async function markUnread(context: CommandContext, person: Identity, topic: string): Promise<number> {
  const ids = await context.store.unreadOf(person.id, topic);
  if (ids.length === 0) return 0;
  const where = { topics: inboxTopics(person), upTo: null, at: context.clock.now(), until: null };
  const [outcome] = await context.store.commit([{ op: 'receipt', userId: person.id, ...where, ids, mark: 'read' }]);
  return outcome?.status === 'stored' ? (outcome.marked ?? 0) : 0;
}

/** Refuses mentions in an ephemeral event. @throws TidingsError `bad_request` */
export function checkMentions({ ephemeral, mentions }: { ephemeral: boolean; mentions: readonly string[] }): void {
  if (!ephemeral || mentions.length === 0) return;
  throw new TidingsError(
    'bad_request',
    'an ephemeral event cannot mention users, since it is not stored; leave out "ephemeral" or "mentions"',
  );
}
