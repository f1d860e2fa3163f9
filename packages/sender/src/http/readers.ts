import type {
  AnswerPage,
  ConnectedUser,
  Disconnected,
  DocumentDeleted,
  DocumentPage,
  DocumentRestored,
  DocumentVersion,
  DocumentVersionPage,
  DocumentVersionRemoved,
  NotificationView,
  Revision,
  RoomEventPage,
  RoomMemberPage,
  RoomMembership,
  RoomPresence,
  RoomState,
  RoomStateRemoved,
  RoomStateSet,
  ScheduledPage,
  SentRoomEvent,
  SystemHealth,
  Task,
  TaskLogAdded,
  TaskLogPage,
  TaskPage,
  UserConnections,
  UserInbox,
  UserRoles,
} from '@tidings/protocol';

/* Each reader checks the members of one answer that a sender relies on, and returns null for anything else. */

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isRevised = (value: unknown): value is Fields =>
  isObject(value) && typeof value.id === 'string' && typeof value.rev === 'number';
const isView = (value: unknown): boolean => isRevised(value) && typeof value.status === 'string';

export function readTask(body: unknown): Task | null {
  return isObject(body) && typeof body.task_id === 'string' ? (body as unknown as Task) : null;
}

export function readTasks(body: unknown): TaskPage | null {
  if (!isObject(body) || !Array.isArray(body.items) || !body.items.every(readTask)) return null;
  const { next_before } = body;
  return next_before === null || typeof next_before === 'number' ? (body as unknown as TaskPage) : null;
}

export function readLogAdded(body: unknown): TaskLogAdded | null {
  return isObject(body) && typeof body.seq === 'number' ? (body as unknown as TaskLogAdded) : null;
}

export function readLogPage(body: unknown): TaskLogPage | null {
  const isPage = isObject(body) && Array.isArray(body.items) && typeof body.next_after === 'number';
  return isPage ? (body as unknown as TaskLogPage) : null;
}

export function readRevision(body: unknown): Revision | null {
  return isRevised(body) ? { id: body.id as string, rev: body.rev as number } : null;
}

export function readView(body: unknown): NotificationView | null {
  return isView(body) ? (body as unknown as NotificationView) : null;
}

export function readScheduled(body: unknown): ScheduledPage | null {
  if (!isObject(body) || !Array.isArray(body.items) || !body.items.every(isView)) return null;
  const { next_before } = body;
  return next_before === null || typeof next_before === 'string' ? (body as unknown as ScheduledPage) : null;
}

export function readAnswers(body: unknown): AnswerPage | null {
  if (!isObject(body) || !Array.isArray(body.items) || !body.items.every(isRevised)) return null;
  return typeof body.next_after === 'number' ? (body as unknown as AnswerPage) : null;
}

export function readUsers(body: unknown): ConnectedUser[] | null {
  if (!isObject(body) || !Array.isArray(body.users)) return null;
  return body.users.every((user) => isObject(user) && 'user_id' in user) ? (body.users as ConnectedUser[]) : null;
}

export function readConnections(body: unknown): UserConnections | null {
  if (!isObject(body) || typeof body.connected !== 'boolean' || !Array.isArray(body.connections)) return null;
  return body as unknown as UserConnections;
}

export function readHealth(body: unknown): SystemHealth | null {
  if (!isObject(body) || typeof body.status !== 'string' || !isObject(body.components)) return null;
  return Array.isArray(body.other_nodes) && Array.isArray(body.history) ? (body as unknown as SystemHealth) : null;
}

export function readInbox(body: unknown): UserInbox | null {
  if (!isObject(body) || typeof body.user_id !== 'string' || !Array.isArray(body.items)) return null;
  return body.items.every(isRevised) ? (body as unknown as UserInbox) : null;
}

export function readRoles(body: unknown): UserRoles | null {
  return isObject(body) && typeof body.user_id === 'string' && Array.isArray(body.roles)
    ? (body as unknown as UserRoles)
    : null;
}

export function readSentEvent(body: unknown): SentRoomEvent | null {
  return isRevised(body) || (isObject(body) && body.ephemeral === true) ? (body as SentRoomEvent) : null;
}

export function readRoomMembership(body: unknown): RoomMembership | null {
  return isObject(body) && typeof body.room === 'string' && typeof body.user_id === 'string'
    ? (body as unknown as RoomMembership)
    : null;
}

export function readRoomEvents(body: unknown): RoomEventPage | null {
  if (!isObject(body) || !Array.isArray(body.items) || !body.items.every(isRevised)) return null;
  const { next_before } = body;
  return next_before === null || typeof next_before === 'number' ? (body as unknown as RoomEventPage) : null;
}

export function readRoomMembers(body: unknown): RoomMemberPage | null {
  if (!isObject(body) || !Array.isArray(body.items)) return null;
  const { next_after } = body;
  return next_after === null || typeof next_after === 'string' ? (body as unknown as RoomMemberPage) : null;
}

export function readRoomPresence(body: unknown): RoomPresence | null {
  return isObject(body) && Array.isArray(body.items) ? (body as unknown as RoomPresence) : null;
}

export function readRoomState(body: unknown): RoomState | null {
  return isObject(body) && Array.isArray(body.items) ? (body as unknown as RoomState) : null;
}

export function readRoomStateSet(body: unknown): RoomStateSet | null {
  return isObject(body) && typeof body.rev === 'number' ? (body as unknown as RoomStateSet) : null;
}

export function readRoomStateRemoved(body: unknown): RoomStateRemoved | null {
  return isObject(body) && typeof body.removed === 'boolean' ? { removed: body.removed } : null;
}

export function readVersion(body: unknown): DocumentVersion | null {
  return isObject(body) && typeof body.id === 'string' && typeof body.name === 'string'
    ? (body as unknown as DocumentVersion)
    : null;
}

export function readDocuments(body: unknown): DocumentPage | null {
  if (!isObject(body) || !Array.isArray(body.items)) return null;
  const { next_after } = body;
  return next_after === null || typeof next_after === 'string' ? (body as unknown as DocumentPage) : null;
}

export function readVersions(body: unknown): DocumentVersionPage | null {
  if (!isObject(body) || !Array.isArray(body.items)) return null;
  const { next_before } = body;
  return next_before === null || typeof next_before === 'string' ? (body as unknown as DocumentVersionPage) : null;
}

export function readVersionRemoved(body: unknown): DocumentVersionRemoved | null {
  return isObject(body) && typeof body.removed === 'boolean' ? { removed: body.removed } : null;
}

export function readRestored(body: unknown): DocumentRestored | null {
  return isObject(body) && typeof body.changed === 'boolean' ? (body as unknown as DocumentRestored) : null;
}

export function readDocumentDeleted(body: unknown): DocumentDeleted | null {
  return isObject(body) && typeof body.deleted === 'boolean' ? { deleted: body.deleted } : null;
}

export function readDisconnected(body: unknown): Disconnected | null {
  return isObject(body) && typeof body.disconnected === 'number' ? { disconnected: body.disconnected } : null;
}
