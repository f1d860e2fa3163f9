import { type ActionName, type ClientAction, type ClientActionOf, TidingsError } from '@tidings/protocol';
import { roomName, roomTopic } from '../domain/rooms.ts';
import { taskTopic } from '../domain/topics.ts';
import { answerNotification, answerTask } from './answers.ts';
import type { ActionConnection, CommandContext, Person } from './context.ts';
import { countUnread, listInbox, markAllRead, markInbox, type Named, snoozeInbox } from './inbox.ts';
import { setPresence } from './presence.ts';
import { readRoom } from './room-access.ts';
import { readMentions } from './room-mentions.ts';
import { removeRoomState, setRoomState } from './room-state.ts';
import { listRoomEvents, sendRoomEvent } from './rooms.ts';
import { cancelTask, retryTask } from './tasks.ts';

/** Runs one action of a client: its result is the reply; null if it answers by itself. Throws TidingsError. */
type Run<N extends ActionName> = (
  context: CommandContext,
  person: Person,
  action: ClientActionOf<N>,
) => object | null | Promise<object | null>;

/** Says how to go on where there is no WebSocket, by the actions that need one. */
const withoutSocket = {
  subscribe: 'name the task or room in the address of the connection, by "topics"',
  unsubscribe: 'connect again without it in the address',
  authenticate: 'connect again with the new token',
};

const onlyOnSockets = (person: Person, name: keyof typeof withoutSocket): ActionConnection => {
  if (person.connection) return person.connection;
  throw new TidingsError('bad_request', `"${name}" needs a WebSocket; ${withoutSocket[name]}`);
};

const marks =
  (mark: Parameters<typeof markInbox>[2]) =>
  (context: CommandContext, person: Person, named: Named): Promise<object> =>
    markInbox(context, person.identity, mark, named);

/** The topic of the task or room that an action names, and the member by which frames name it. */
function target({ task_id, room }: { task_id?: string | undefined; room?: string | undefined }) {
  if (task_id !== undefined && room === undefined) return { topic: taskTopic(task_id), named: { task_id } };
  if (room !== undefined && task_id === undefined)
    return { topic: roomTopic(roomName(readRoom(room))), named: { room } };
  throw new TidingsError('bad_request', 'name what to follow by "task_id" or by "room"');
}

/** Runs a client's action, on whatever transport it came. Throws TidingsError. */
export function runAction(context: CommandContext, person: Person, action: ClientAction): Promise<object | null> {
  const run = actions[action.action] as Run<ActionName>;
  return Promise.resolve().then(() => run(context, person, action));
}

const actions: { [N in ActionName]: Run<N> } = {
  ping: () => ({}),
  ack: () => ({}),
  subscribe(_context, person, action) {
    const connection = onlyOnSockets(person, 'subscribe');
    const { topic, named } = target(action);
    const { ref, presence: isPresent = true, log_after: logAfter = null } = action;
    if (action.presence !== undefined && action.room === undefined) {
      throw new TidingsError('bad_request', '"presence" is for a room; name one by "room", or leave it out');
    }
    if (logAfter !== null && action.task_id === undefined) {
      throw new TidingsError('bad_request', '"log_after" is for a task; name one by "task_id", or leave it out');
    }
    const done = () => (ref === undefined ? undefined : connection.reply(ref, {}));
    connection.subscribe(topic, { type: 'subscribed', ...named }, { done, ref, isPresent, logAfter });
    return null;
  },
  unsubscribe(_context, person, action) {
    const connection = onlyOnSockets(person, 'unsubscribe');
    const { topic, named } = target(action);
    connection.unsubscribe(topic, () => {
      connection.send({ type: 'unsubscribed', ...named });
      if (action.ref !== undefined) connection.reply(action.ref, {});
    });
    return null;
  },
  list: (context, person, action) => listInbox(context, person.identity, action),
  unread_count: (context, person) => countUnread(context, person.identity),
  mark_seen: marks('seen'),
  mark_read(context, person, { room, id, ids }) {
    if (room === undefined) return markInbox(context, person.identity, 'read', { id, ids });
    if (id === undefined && ids === undefined) return readMentions(context, person.identity, readRoom(room));
    throw new TidingsError('bad_request', 'name what is read by "id", by "ids" or by "room"');
  },
  mark_unread: marks('unread'),
  archive: marks('archive'),
  unarchive: marks('unarchive'),
  unsnooze: marks('unsnooze'),
  snooze: (context, person, action) => snoozeInbox(context, person.identity, action),
  async mark_all_read(context, person, action) {
    const upTo = action.up_to ?? person.connection?.sentUpTo() ?? (await context.store.head()).head;
    return markAllRead(context, person.identity, upTo);
  },
  async cancel_task(context, person, action) {
    const { task_id, status, cancel_requested } = await cancelTask(context, person.identity, action.task_id);
    return { task_id, status, cancel_requested };
  },
  async retry_task(context, person, action) {
    const { task_id, status, attempt } = await retryTask(context, person.identity, action.task_id);
    return { task_id, status, attempt };
  },
  async authenticate(_context, person, action) {
    const identity = await onlyOnSockets(person, 'authenticate').renew(action.token);
    return { user_id: identity.id, roles: identity.roles };
  },
  answer: (context, person, action) => answerNotification(context, person.identity, action),
  answer_task: (context, person, action) => answerTask(context, person.identity, action),
  send: (context, person, { room, event, data, mentions, ephemeral }) =>
    sendRoomEvent(context, person.identity, readRoom(room), { event, data, mentions, ephemeral }),
  room_events: (context, person, { room, before = null, limit = 20 }) =>
    listRoomEvents(context, person.identity, readRoom(room), { before, limit }),
  set_state: (context, { identity: sender }, { action: _action, ref: _ref, room, key, ...input }) =>
    setRoomState(context, { room: readRoom(room), key, sender }, input),
  remove_state: (context, { identity: sender }, { action: _action, ref: _ref, room, key, ...input }) =>
    removeRoomState(context, { room: readRoom(room), key, sender }, input),
  presence: (context, person, { room, ...said }) => setPresence(context, person, readRoom(room), said),
};
