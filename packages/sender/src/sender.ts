import type { TidingsError } from '@tidings/protocol';
import type { Id, NamedFunctions } from './named/functions.ts';
import type { ConnectedUser, Connection, PublishOutcome } from './port.ts';
import type { NotifyInput, NotifyResult, Task, TaskReport, TaskStart } from './wire.ts';

/** What `testWebsocketConnection` found out. */
export interface ConnectionTest {
  username: string;
  user_id: string | null;
  connected: boolean;
  /** Whether a probe came back from at least one session. */
  answered: boolean;
  connections: Connection[];
  /** Why nothing could be found out; null where it could. */
  error: TidingsError | null;
}

export interface Tasks {
  /** Begins a task; without `task_id` the server makes one. @throws TidingsError */
  start(start: TaskStart): Promise<Task>;
  /** Reports on a task, and creates one that is not known yet. Reports on one task take effect in order. @throws TidingsError */
  report(taskId: Id, report: TaskReport): Promise<Task>;
  /** @throws TidingsError, `not_found` for one that is not known */
  get(taskId: Id): Promise<Task>;
  /** Asks a task to stop. @throws TidingsError */
  cancel(taskId: Id): Promise<Task>;
}

/** Sends notifications and task reports: over HTTP (`createSender`) or in the server's own process (`createTidings`). */
export interface Sender extends NamedFunctions {
  /**
   * Stores a notification and pushes it. Resolves once it is on the server's disk.
   *
   * @throws TidingsError whose `retryable` says whether the same call may succeed later; repeat it with the same
   * `idempotency_key`, and it is stored once
   */
  notify(input: NotifyInput): Promise<NotifyResult>;
  /**
   * Stores many, each answered by its own outcome, in order. With `atomic` (at most 1,000) all are stored or none: then every
   * outcome is the same error, whose `index` names the item.
   */
  notifyMany(inputs: readonly NotifyInput[], options?: { atomic?: boolean }): Promise<PublishOutcome[]>;
  tasks: Tasks;
  /** Who is connected now. Never throws: where it cannot be known the list is empty and `lastError()` says why. */
  getConnectedUsers(): Promise<ConnectedUser[]>;
  /** Whether a user is connected, on which devices, and whether a probe came back. Never throws. */
  testWebsocketConnection(username: Id): Promise<ConnectionTest>;
  /**
   * Sets for whom `sendWorkflowNotification` sends, for the rest of the current asynchronous context (the running task,
   * request or function call tree); null for nobody. False where the runtime cannot.
   */
  setNotificationUser(user: Id | null): boolean;
  /** The user of the current asynchronous context. */
  getNotificationUser(): string | undefined;
  /** Runs `action`, and all it calls and awaits, with this user. */
  withNotificationUser<R>(user: Id | null, action: () => R): R;
  /** Why the last call that does not throw brought nothing; null where none has failed. */
  lastError(): TidingsError | null;
  /** Sends what waits, and resolves when all is answered. Calls made afterwards are refused. */
  close(): Promise<void>;
}
