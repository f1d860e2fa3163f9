import type { TidingsError } from '@tidings/protocol';
import type { ConnectionFunctions } from './connections-api.ts';
import type { Documents } from './documents-api.ts';
import type { HealthFunctions } from './health-api.ts';
import type { Id, NamedFunctions } from './named/functions.ts';
import type { Notifications } from './notifications-api.ts';
import type { PublishFunctions } from './publish-api.ts';
import type { Rooms } from './rooms-api.ts';
import type { Tasks } from './tasks-api.ts';
import type { Users } from './users-api.ts';

/**
 * Sends notifications and task reports: over HTTP (`createSender`) or in the server's own process (`createTidings`). No
 * promise needs to be awaited: a failure that nobody listens to goes to the logger.
 */
export interface Sender extends NamedFunctions, PublishFunctions, ConnectionFunctions, HealthFunctions {
  tasks: Tasks;
  notifications: Notifications;
  users: Users;
  rooms: Rooms;
  documents: Documents;
  /**
   * Sets for whom `sendWorkflowNotification` sends, for the rest of the current asynchronous context (the running task,
   * request or function call tree); null for nobody. False if the runtime cannot.
   */
  setNotificationUser(user: Id | null): boolean;
  /** The user of the current asynchronous context. */
  getNotificationUser(): string | undefined;
  /** Runs `action`, and all it calls and awaits, with this user. */
  withNotificationUser<R>(user: Id | null, action: () => R): R;
  /** The newest failure of the calls that do not throw; null if none has failed. */
  lastError(): TidingsError | null;
  /** Ends `onAnswer` and `waitForAnswer`, sends what waits, and resolves when all is answered. Calls made afterwards are refused. */
  close(): Promise<void>;
}
