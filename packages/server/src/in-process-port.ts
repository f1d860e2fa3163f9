import type { SenderPort, UserInbox } from '@tidings/sender';
import { answersSince, waitForAnswer } from './commands/answers.ts';
import { userConnections } from './commands/connections.ts';
import type { BackEnd, CommandContext } from './commands/context.ts';
import { readUserInbox } from './commands/inbox.ts';
import { cancelNotification, editNotification, listScheduled, retractNotification } from './commands/notifications.ts';
import { notifyEach, notifyMany } from './commands/notify.ts';
import { asTidingsError } from './commands/refuse.ts';
import { disconnect, revoke, setRoles } from './commands/rights.ts';
import { cancelTask, getTask, reportTask, startTask } from './commands/tasks.ts';

/** Code in the server's own process. */
export const inProcessCaller: BackEnd = { kind: 'back_end', scope: 'in-process' };

/** The sender's way in for code in the server's own process: the commands themselves, without HTTP. */
export function inProcessPort(context: CommandContext): SenderPort {
  const caller = inProcessCaller;
  return {
    async publish(items, { atomic }) {
      // Encoded before the first await, since callers may change what they handed over.
      const copies: unknown = JSON.parse(JSON.stringify(items));
      if (!atomic) return notifyEach(context, caller, copies);
      try {
        const results = await notifyMany(context, caller, copies);
        return results.map((result) => ({ ok: true, result }));
      } catch (error) {
        return items.map(() => ({ ok: false, error: asTidingsError(error) }));
      }
    },
    startTask: (start) => startTask(context, caller, copy(start)),
    reportTask: (taskId, report) => reportTask(context, taskId, copy(report)),
    getTask: (taskId) => getTask(context, null, taskId),
    cancelTask: (taskId) => cancelTask(context, null, taskId),
    editNotification: (id, change) => editNotification(context, id, copy(change)),
    retractNotification: (id) => retractNotification(context, id),
    cancelNotification: (id) => cancelNotification(context, id),
    getNotification: (id, { waitMs, signal }) => waitForAnswer(context, id, { ms: waitMs, signal }),
    scheduledNotifications: ({ before = null, limit = 20 }) => listScheduled(context, { after: before, limit }),
    answers: ({ after, limit, waitMs, signal }) => answersSince(context, { after, limit }, { ms: waitMs, signal }),
    setRoles: (userId, roles) => setRoles(context, userId, { roles: [...roles] }),
    disconnect: (userId, which) => disconnect(context, userId, copy(which)),
    revoke: (whose) => revoke(context, copy(whose)),
    connectedUsers: async () => [...context.presence.users()],
    inboxOf: async (user, filter) => (await readUserInbox(context, user, filter)) as UserInbox,
    connectionsOf: (user, { probe }) => userConnections(context, user, probe),
    close: async () => {},
  };
}

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
