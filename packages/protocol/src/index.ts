export { after } from './after.ts';
export { checkJson } from './check-json.ts';
export { CloseCode, docsUrl, documentReadOnly, type ErrorCode, errorCodes, isErrorCode } from './codes.ts';
export { type Cursor, cursorTagLength, formatCursor, parseCursor, revOfCursor } from './cursor.ts';
export { type DocumentEvents, isDocumentEvent } from './document-events.ts';
export { TidingsError, type WireError } from './errors.ts';
export {
  type DurableFields,
  type FrameMap,
  type FrameType,
  isDurable,
  parseFrame,
  type RoomEventArguments,
  type RoomEventData,
  type ServerFrame,
  type TidingsEvents,
  type TidingsRoomEvents,
  type UnknownFrame,
} from './frames.ts';
export { LogGatherer, type LogGathererParts, withoutOuterHalves } from './log-gatherer.ts';
export { hasEnded, isProgress, mergeIntoEnd, mergeReports } from './merge-reports.ts';
export { OptionalPromise } from './optional-promise.ts';
export { retryAfterMs } from './retry-after.ts';
export type { ActionName, ClientAction, ClientActionOf } from './schemas/actions.ts';
export type { FrameName, FrameOf } from './schemas/frames.ts';
export { reasonOf } from './thrown.ts';
export type {
  DocumentDeleted,
  DocumentPage,
  DocumentRestored,
  DocumentVersion,
  DocumentVersionContent,
  DocumentVersionPage,
  DocumentVersionRemoved,
  ListedDocument,
} from './wire/documents.ts';
export type {
  CanaryHealth,
  ComponentHealth,
  ComponentName,
  HealthState,
  Incident,
  IncidentEnd,
  NodeHealth,
  NodeIncident,
  SystemHealth,
} from './wire/health.ts';
export type { InboxFilter, InboxItem, InboxPage, MarkResult, Receipt, UnreadCount, UserInbox } from './wire/inbox.ts';
export type {
  Answer,
  AnswerEvent,
  AnswerPage,
  AnswerResult,
  Audience,
  NotificationAction,
  NotificationEdit,
  NotificationStatus,
  NotificationType,
  NotificationView,
  NotifyInput,
  NotifyResult,
  Revision,
  ScheduledPage,
} from './wire/notifications.ts';
export type {
  PresenceMember,
  RoomAccess,
  RoomEvent,
  RoomEventInput,
  RoomEventPage,
  RoomMember,
  RoomMemberPage,
  RoomMembership,
  RoomPresence,
  RoomState,
  RoomStateEntry,
  RoomStateInput,
  RoomStateRemovalInput,
  RoomStateRemoved,
  RoomStateSet,
  SentRoomEvent,
} from './wire/rooms.ts';
export type {
  LinkedTask,
  Task,
  TaskAnswer,
  TaskFilter,
  TaskLogAdded,
  TaskLogEntry,
  TaskLogInput,
  TaskLogLevel,
  TaskLogLine,
  TaskLogPage,
  TaskPage,
  TaskReport,
  TaskStart,
  TaskStatus,
} from './wire/tasks.ts';
export type {
  ConnectedUser,
  Connection,
  Disconnected,
  Disconnection,
  UserConnections,
  UserRoles,
  WhoAmI,
} from './wire/users.ts';
