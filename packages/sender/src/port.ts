import type {
  AnswerPage,
  ConnectedUser,
  Disconnected,
  Disconnection,
  DocumentDeleted,
  DocumentPage,
  DocumentRestored,
  DocumentVersion,
  DocumentVersionContent,
  DocumentVersionPage,
  DocumentVersionRemoved,
  InboxFilter,
  NotificationEdit,
  NotificationView,
  NotifyInput,
  NotifyResult,
  Revision,
  RoomAccess,
  RoomEventInput,
  RoomEventPage,
  RoomMemberPage,
  RoomMembership,
  RoomPresence,
  RoomState,
  RoomStateInput,
  RoomStateRemovalInput,
  RoomStateRemoved,
  RoomStateSet,
  ScheduledPage,
  SentRoomEvent,
  SystemHealth,
  Task,
  TaskFilter,
  TaskLogAdded,
  TaskLogInput,
  TaskLogLevel,
  TaskLogPage,
  TaskPage,
  TaskReport,
  TaskStart,
  TidingsError,
  UserConnections,
  UserInbox,
  UserRoles,
} from '@tidings/protocol';

/** The outcome of one notification. */
export type PublishOutcome = { ok: true; result: NotifyResult } | { ok: false; error: TidingsError };

export interface PublishOptions {
  /** Store all or none. */
  atomic: boolean;
  /** Milliseconds after which every item is answered, stored or not. Default: the port's own. */
  timeoutMs?: number;
}

/** A user, by id or by name. */
export type UserName = { id: string } | { username: string };

/** A read that may wait for its answer. */
export interface Wait {
  /** Milliseconds to wait for news; 0 answers at once. */
  waitMs: number;
  /** Aborts when nobody waits any more. */
  signal?: AbortSignal;
}

/** The tokens to refuse: all of a user so far, one by its `jti`, or the one of a session. */
export type Revocation = { user: string } | { token_id: string } | { session_id: string };

/**
 * Carries out a Sender's calls: over HTTP (`httpPort`) or by a server in the same process (`createTidings`).
 *
 * Items may hold anything that JSON.stringify turns into JSON (Dates, members that are undefined). Callers may change them
 * after the call, so an implementation encodes them before it first awaits.
 *
 * `publish` takes 1 to 1,000 items. An item is `ok` once it is committed and fsynced, and never before. It answers each item,
 * in the order given, and rejects for none of them; calls for one recipient take effect in the order they were made. The other
 * methods reject with TidingsError; changes of one task, notification, user or room take effect in the order they were made.
 */
export interface SenderPort {
  publish(items: readonly NotifyInput[], options: PublishOptions): Promise<PublishOutcome[]>;
  startTask(start: TaskStart): Promise<Task>;
  reportTask(taskId: string, report: TaskReport): Promise<Task>;
  /** With a wait: once its rev is another than `after`, or it has ended; without `after` once it has ended. */
  getTask(taskId: string, wait: Wait & { after: number | null }): Promise<Task>;
  listTasks(filter: TaskFilter): Promise<TaskPage>;
  cancelTask(taskId: string): Promise<Task>;
  /** Again, it changes nothing while the task is under way. */
  retryTask(taskId: string): Promise<Task>;
  addToTaskLog(taskId: string, input: TaskLogInput): Promise<TaskLogAdded>;
  /** Oldest first; `limit` is 1 to 1,000, default 100. */
  taskLog(taskId: string, query: { after?: number; limit?: number; level?: TaskLogLevel }): Promise<TaskLogPage>;
  editNotification(id: string, change: NotificationEdit): Promise<Revision>;
  /** Withdraws it; again, it answers the same. */
  retractNotification(id: string): Promise<Revision>;
  /** Cancels one that is scheduled; `conflict` if it was delivered meanwhile. */
  cancelNotification(id: string): Promise<Revision>;
  /** Waits until it is answered, or cannot be answered any more. */
  getNotification(id: string, wait: Wait): Promise<NotificationView>;
  scheduledNotifications(query: { before?: string; limit?: number }): Promise<ScheduledPage>;
  /** `after` null: from now on. A page may be empty if none came in time. */
  answers(query: { after: number | null; limit: number } & Wait): Promise<AnswerPage>;
  connectedUsers(options: { timeoutMs: number }): Promise<ConnectedUser[]>;
  /** With `probe`, each session is sent a ping and its answer awaited for a short while. */
  connectionsOf(user: UserName, options: { probe: boolean; timeoutMs?: number }): Promise<UserConnections>;
  /** The health of all nodes of the server. */
  systemHealth(options?: { timeoutMs?: number }): Promise<SystemHealth>;
  inboxOf(user: UserName, filter: InboxFilter): Promise<UserInbox>;
  setRoles(userId: string, roles: readonly string[]): Promise<UserRoles>;
  disconnect(userId: string, which: Disconnection): Promise<Disconnected>;
  revoke(whose: Revocation): Promise<Disconnected>;
  /** `room` is a name with a kind and an id, as `project:12`. */
  sendRoomEvent(room: string, event: RoomEventInput): Promise<SentRoomEvent>;
  setRoomMember(room: string, userId: string, access: RoomAccess): Promise<RoomMembership>;
  /** Again, it answers the same. */
  removeRoomMember(room: string, userId: string): Promise<RoomMembership>;
  /** The newest first; `limit` is 1 to 100, default 20. */
  roomEvents(room: string, page: { before?: number; limit?: number }): Promise<RoomEventPage>;
  /** In the order of their ids; `limit` is 1 to 100, default 20. */
  roomMembers(room: string, page: { after?: string; limit?: number }): Promise<RoomMemberPage>;
  roomPresence(room: string): Promise<RoomPresence>;
  roomState(room: string): Promise<RoomState>;
  setRoomState(room: string, key: string, input: RoomStateInput): Promise<RoomStateSet>;
  removeRoomState(room: string, key: string, input: RoomStateRemovalInput): Promise<RoomStateRemoved>;
  documents(page: { after?: string; limit?: number }): Promise<DocumentPage>;
  /** A version of the shared document of a room, as `collaboration:notes-12`. */
  saveDocumentVersion(room: string, input: { name: string; idempotency_key?: string }): Promise<DocumentVersion>;
  /** The newest first; `limit` is 1 to 100, default 20. */
  documentVersions(room: string, page: { before?: string; limit?: number }): Promise<DocumentVersionPage>;
  documentVersion(room: string, id: string, as: 'json' | 'update'): Promise<DocumentVersionContent>;
  renameDocumentVersion(room: string, id: string, name: string): Promise<DocumentVersion>;
  removeDocumentVersion(room: string, id: string): Promise<DocumentVersionRemoved>;
  /** Again, it changes nothing. */
  restoreDocumentVersion(room: string, id: string): Promise<DocumentRestored>;
  deleteDocument(room: string): Promise<DocumentDeleted>;
  /** Resolves when what was accepted for sending is answered; calls made afterwards are refused. */
  close(): Promise<void>;
}
