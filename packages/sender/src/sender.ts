import type {
  Answer,
  AnswerEvent,
  ConnectedUser,
  Connection,
  Disconnected,
  InboxFilter,
  NotificationEdit,
  NotificationView,
  NotifyInput,
  NotifyResult,
  Revision,
  ScheduledPage,
  Task,
  TaskReport,
  TaskStart,
  TidingsError,
  UserConnections,
  UserInbox,
  UserRoles,
} from '@tidings/protocol';
import type { Id, NamedFunctions } from './named/functions.ts';
import type { PublishOutcome } from './port.ts';

/** The result of `testWebsocketConnection`. */
export interface ConnectionTest {
  username: string;
  user_id: string | null;
  connected: boolean;
  /** True where a probe came back from at least one session. */
  answered: boolean;
  connections: Connection[];
  /** The reason why the test failed; null where it did not. */
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

/** Notifications that were sent or are scheduled, by the ids that `notify` returned. */
export interface Notifications {
  /**
   * Changes it in place, on every screen that shows it, without a new alert. An expired one comes back by a new
   * `expires_at`. Changes of one notification take effect in order.
   *
   * @throws TidingsError, `not_found` for one that is not known, `conflict` for one that is retracted
   */
  edit(id: string, change: NotificationEdit): Promise<Revision>;
  /** Takes it back from every inbox; again, it answers the same. @throws TidingsError */
  retract(id: string): Promise<Revision>;
  /** @throws TidingsError, `not_found` for one that is not known */
  get(id: string): Promise<NotificationView>;
  /**
   * Lists the scheduled ones, soonest first: a page of `limit` (1 to 100, default 20). Its `next_before` is the `before` of
   * the next page.
   *
   * @throws TidingsError
   */
  scheduled(page?: { before?: string; limit?: number }): Promise<ScheduledPage>;
  /** Cancels one that is scheduled. @throws TidingsError, `conflict` where it is not scheduled any more */
  cancel(id: string): Promise<Revision>;
  /**
   * Resolves with its answer, when there is one. Failures that end by themselves are logged, and the wait goes on.
   *
   * @param options `timeoutMs`: default, as long as it takes
   * @throws TidingsError, `timeout` where nobody answered in time, `conflict` where nobody can: it has no actions, has
   * expired or was retracted
   */
  waitForAnswer(id: string, options?: { timeoutMs?: number }): Promise<Answer>;
  /**
   * Calls the handler with every answer to every notification, in order, until the function it returns is called or the sender
   * is closed. The handler is awaited before it gets the next one; if it fails it gets the same one again, so that each
   * answer comes at least once. Failures are logged, and tried again with growing pauses of at most 30 s.
   *
   * @param options `after`: the `rev` of the last answer that was handled, to continue after it; default, from now on
   * @throws TidingsError `unavailable` once the sender is closed
   */
  onAnswer(handler: (answer: AnswerEvent) => unknown, options?: { after?: number }): () => void;
}

/** Exactly one: all tokens of a user that were issued until now, one by its `jti`, or the one a session was opened with. */
export type RevokeTarget = { user: Id } | { tokenId: string } | { sessionId: string };

/** People, by their ids: roles, sessions and tokens. */
export interface Users {
  /** Sets a user's roles, until a token that is issued later says otherwise; [] for none. @throws TidingsError */
  setRoles(userId: Id, roles: readonly string[]): Promise<UserRoles>;
  /** Ends a user's sessions, or one of them; they do not come back by themselves. @throws TidingsError */
  disconnect(userId: Id, which?: { sessionId?: string; reason?: string }): Promise<Disconnected>;
  /** The sessions a user has now. @throws TidingsError */
  connections(userId: Id): Promise<UserConnections>;
  /** Reads a user's inbox, by id or by name, and marks nothing. @throws TidingsError `not_found` for one who was never seen */
  inbox(user: Id | { username: Id }, filter?: InboxFilter): Promise<UserInbox>;
  /** Refuses tokens from now on, and ends the sessions that were opened with them. @throws TidingsError */
  revoke(target: RevokeTarget): Promise<Disconnected>;
}

/**
 * Sends notifications and task reports: over HTTP (`createSender`) or in the server's own process (`createTidings`). No
 * promise needs to be awaited: a failure that nobody listens to goes to the logger.
 */
export interface Sender extends NamedFunctions {
  /**
   * Stores a notification and pushes it. Resolves once it is on the server's disk.
   *
   * @throws TidingsError whose `retryable` says whether the same call may succeed later; repeat it with the same
   * `idempotency_key`, and it is stored once
   */
  notify(input: NotifyInput): Promise<NotifyResult>;
  /**
   * Stores many, each answered by its own outcome, in order; the `index` of an error names the item. With `atomic` (at most
   * 1,000) all are stored or none: then every outcome is the same error.
   */
  notifyMany(inputs: readonly NotifyInput[], options?: { atomic?: boolean }): Promise<PublishOutcome[]>;
  tasks: Tasks;
  notifications: Notifications;
  users: Users;
  /** Lists the users who are connected now. Never throws: on failure the list is empty and `lastError()` has the reason. */
  getConnectedUsers(): Promise<ConnectedUser[]>;
  /** Tests whether a user is connected, on which devices, and whether a probe comes back. Never throws. */
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
  /** The newest failure of the calls that do not throw; null where none has failed. */
  lastError(): TidingsError | null;
  /** Ends `onAnswer` and `waitForAnswer`, sends what waits, and resolves when all is answered. Calls made afterwards are refused. */
  close(): Promise<void>;
}
