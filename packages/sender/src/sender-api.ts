import { Waits } from './answers/waits.ts';
import { systemClock } from './clock.ts';
import { connectionsApi } from './connections-api.ts';
import { documentsApi } from './documents-api.ts';
import { asTidingsError } from './errors.ts';
import { healthApi } from './health-api.ts';
import { namedApi } from './named/named-api.ts';
import { enterNotificationUser, getNotificationUser, withNotificationUser } from './named/notification-user.ts';
import { NeverThrow, type SenderOverOptions } from './never-throw.ts';
import { notificationsApi } from './notifications-api.ts';
import { optionalPromises } from './optional-promises.ts';
import type { SenderPort } from './port.ts';
import { publishApi } from './publish-api.ts';
import { roomsApi } from './rooms-api.ts';
import type { Sender } from './sender.ts';
import { TaskLogs } from './task-logs.ts';
import { tasksApi } from './tasks-api.ts';
import { usersApi } from './users-api.ts';

/** The whole Sender over a port: the one over HTTP, or that of a server in the same process. */
export function createSenderOver(port: SenderPort, options: SenderOverOptions = {}): Sender {
  const neverThrow = new NeverThrow(options);
  const waits = new Waits();
  const clock = options.clock ?? systemClock;
  const logs = new TaskLogs(port, clock);
  const optional = <F extends object>(group: string, functions: F): F =>
    optionalPromises(functions, (name, error) => neverThrow.report(`${group}${name}`, error));
  return {
    ...namedApi(port, neverThrow),
    ...optional('', publishApi(port)),
    tasks: optional('tasks.', tasksApi({ port, logs, neverThrow, waits, clock })),
    notifications: optional('notifications.', notificationsApi({ port, neverThrow, waits, clock })),
    users: optional('users.', usersApi(port)),
    rooms: optional('rooms.', roomsApi(port)),
    documents: optional('documents.', documentsApi(port)),
    ...connectionsApi(port, neverThrow),
    ...optional('', healthApi(port)),
    setNotificationUser(user) {
      try {
        enterNotificationUser(user);
        return true;
      } catch (thrown) {
        neverThrow.report('setNotificationUser', asTidingsError(thrown));
        return false;
      }
    },
    getNotificationUser,
    withNotificationUser,
    lastError: () => neverThrow.lastError,
    ...optional('', {
      async close() {
        waits.close();
        await logs.close();
        return port.close();
      },
    }),
  };
}
