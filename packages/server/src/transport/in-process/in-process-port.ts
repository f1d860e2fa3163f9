import { TidingsError } from '@tidings/protocol';
import type { SenderPort, UserInbox } from '@tidings/sender';
import { disconnect, revoke, setRoles } from '../../commands/access.ts';
import { answersSince, waitForAnswer } from '../../commands/answers.ts';
import { userConnections } from '../../commands/connections.ts';
import type { BackEnd, CommandContext } from '../../commands/context.ts';
import {
  deleteDocument,
  listDocuments,
  listDocumentVersions,
  readDocumentVersion,
  removeDocumentVersion,
  renameDocumentVersion,
  restoreDocumentVersion,
  saveDocumentVersion,
} from '../../commands/document-versions.ts';
import { readUserInbox } from '../../commands/inbox.ts';
import {
  cancelNotification,
  editNotification,
  listScheduled,
  retractNotification,
} from '../../commands/notifications.ts';
import { attempt, connectedFor, notifyMany, prepare, publishEach } from '../../commands/notify.ts';
import { readPresence } from '../../commands/presence.ts';
import { asTidingsError } from '../../commands/refuse.ts';
import { readRoom } from '../../commands/room-access.ts';
import { readRoomState, removeRoomState, setRoomState } from '../../commands/room-state.ts';
import {
  listRoomEvents,
  listRoomMembers,
  removeRoomMember,
  sendRoomEvent,
  setRoomMember,
} from '../../commands/rooms.ts';
import { addToTaskLog, readTaskLog } from '../../commands/task-log.ts';
import { awaitTask, cancelTask, getTask, listTasks, reportTask, retryTask, startTask } from '../../commands/tasks.ts';
import { copyOf } from './in-process-input.ts';

/** Code in the server's own process. */
export const inProcessCaller: BackEnd = { kind: 'back_end', scope: 'in-process' };

/** The sender's way in for code in the server's own process: the commands themselves, without HTTP. */
export function inProcessPort(context: CommandContext): SenderPort {
  const caller = inProcessCaller;
  return {
    async publish(items, { atomic }) {
      // Encoded before the first await, since callers may change what they handed over.
      const copies = items.map((item) => attempt(() => copyOf(item, 'the notification')));
      if (!atomic) {
        const connected = await connectedFor(context, copies);
        const prepared = (copy: unknown) => attempt(() => prepare(context, caller, copy, { connected }));
        return publishEach(
          context,
          copies.map((copy) => (copy instanceof TidingsError ? copy : prepared(copy))),
        );
      }
      try {
        const results = await notifyMany(context, caller, copies.map(orThrow));
        return results.map((result) => ({ ok: true, result }));
      } catch (error) {
        return items.map(() => ({ ok: false, error: asTidingsError(error) }));
      }
    },
    startTask: async (start) => startTask(context, caller, copyOf(start, 'the task')),
    reportTask: async (taskId, report) => reportTask(context, taskId, copyOf(report, 'the report')),
    getTask: (taskId, { after, waitMs, signal }) =>
      waitMs === 0 ? getTask(context, null, taskId) : awaitTask(context, taskId, { after, ms: waitMs, signal }),
    listTasks: ({ owner = null, status = null, name = null, before = null, limit = 20 }) =>
      listTasks(context, null, { owner, status, name, before, limit }),
    cancelTask: (taskId) => cancelTask(context, null, taskId),
    retryTask: (taskId) => retryTask(context, null, taskId),
    addToTaskLog: async (taskId, input) => addToTaskLog(context, caller, taskId, copyOf(input, 'the log')),
    taskLog: async (taskId, { after = 0, limit = 100, level = null }) =>
      readTaskLog(context, null, taskId, { after, limit, level }),
    editNotification: async (id, change) => editNotification(context, id, copyOf(change, 'the change')),
    retractNotification: (id) => retractNotification(context, id),
    cancelNotification: (id) => cancelNotification(context, id),
    getNotification: (id, { waitMs, signal }) => waitForAnswer(context, id, { ms: waitMs, signal }),
    scheduledNotifications: ({ before = null, limit = 20 }) => listScheduled(context, { after: before, limit }),
    answers: ({ after, limit, waitMs, signal }) => answersSince(context, { after, limit }, { ms: waitMs, signal }),
    setRoles: (userId, roles) => setRoles(context, userId, { roles: [...roles] }),
    disconnect: async (userId, which) => disconnect(context, userId, copyOf(which, 'the choice of sessions')),
    revoke: async (whose) => revoke(context, copyOf(whose, 'the choice of tokens')),
    connectedUsers: async () => [...(await context.presence.users())],
    systemHealth: () => context.health.read(),
    inboxOf: async (user, filter) => (await readUserInbox(context, user, filter)) as UserInbox,
    connectionsOf: (user, { probe }) => userConnections(context, user, probe),
    sendRoomEvent: async (room, event) => sendRoomEvent(context, caller, readRoom(room), copyOf(event, 'the event')),
    setRoomMember: async (room, userId, access) => setRoomMember(context, readRoom(room), userId, { access }),
    removeRoomMember: async (room, userId) => removeRoomMember(context, readRoom(room), userId),
    roomEvents: async (room, { before = null, limit = 20 }) =>
      listRoomEvents(context, null, readRoom(room), { before, limit }),
    roomMembers: async (room, { after = '', limit = 20 }) => listRoomMembers(context, readRoom(room), { after, limit }),
    roomPresence: async (room) => readPresence(context, null, readRoom(room)),
    roomState: async (room) => readRoomState(context, null, readRoom(room)),
    setRoomState: async (room, key, input) =>
      setRoomState(context, { room: readRoom(room), key, sender: caller }, copyOf(input, 'the value')),
    removeRoomState: async (room, key, input) =>
      removeRoomState(context, { room: readRoom(room), key, sender: caller }, copyOf(input, 'the removal')),
    saveDocumentVersion: async (room, input) =>
      saveDocumentVersion(context, documentOf(room), copyOf(input, 'the version')),
    documents: async ({ after = '', limit = 20 }) => listDocuments(context, { after, limit }),
    documentVersions: async (room, { before = null, limit = 20 }) =>
      listDocumentVersions(context, documentOf(room), { before, limit }),
    documentVersion: async (room, id, as) => readDocumentVersion(context, documentOf(room), { id, as }),
    renameDocumentVersion: async (room, id, name) => renameDocumentVersion(context, documentOf(room), id, { name }),
    removeDocumentVersion: async (room, id) => removeDocumentVersion(context, documentOf(room), id),
    restoreDocumentVersion: async (room, id) => restoreDocumentVersion(context, documentOf(room), id),
    deleteDocument: async (room) => deleteDocument(context, documentOf(room)),
    close: async () => {},
  };
}

const documentOf = (room: string) => ({
  room: readRoom(room),
  caller: inProcessCaller,
});

function orThrow(copy: unknown, index: number): unknown {
  if (!(copy instanceof TidingsError)) return copy;
  throw new TidingsError(copy.code, `item ${index}: ${copy.message}`, { index });
}
