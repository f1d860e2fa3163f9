export {
  type Answer,
  type AnswerEvent,
  type AnswerPage,
  type Audience,
  type ComponentHealth,
  type ConnectedUser,
  type Connection,
  type Disconnected,
  type Disconnection,
  type DocumentDeleted,
  type DocumentPage,
  type DocumentRestored,
  type DocumentVersion,
  type DocumentVersionContent,
  type DocumentVersionPage,
  type DocumentVersionRemoved,
  type ErrorCode,
  type HealthState,
  type InboxFilter,
  type InboxItem,
  type Incident,
  type IncidentEnd,
  type ListedDocument,
  type NodeHealth,
  type NodeIncident,
  type NotificationAction,
  type NotificationEdit,
  type NotificationStatus,
  type NotificationType,
  type NotificationView,
  type NotifyInput,
  type NotifyResult,
  type PresenceMember,
  type Revision,
  type RoomAccess,
  type RoomEvent,
  type RoomEventInput,
  type RoomEventPage,
  type RoomMember,
  type RoomMemberPage,
  type RoomMembership,
  type RoomPresence,
  type RoomState,
  type RoomStateEntry,
  type RoomStateRemoved,
  type RoomStateSet,
  type ScheduledPage,
  type SentRoomEvent,
  type SystemHealth,
  type Task,
  type TaskAnswer,
  type TaskFilter,
  type TaskLogEntry,
  type TaskLogLevel,
  type TaskLogPage,
  type TaskPage,
  type TaskReport,
  type TaskStart,
  type TaskStatus,
  TidingsError,
  type UserConnections,
  type UserInbox,
  type UserRoles,
} from '@tidings/protocol';
export type { Clock } from './clock.ts';
export type { ConnectionFunctions, ConnectionTest } from './connections-api.ts';
export { createSender, type SenderOptions } from './create-sender.ts';
export type { Documents } from './documents-api.ts';
export type { HealthFunctions } from './health-api.ts';
export type { HttpOptions } from './http/http-port.ts';
export type {
  AddressedNotification,
  AppNotification,
  Data,
  EventNotification,
  GenericMessage,
  Id,
  NamedFunctions,
  NotificationKind,
  Upload,
  UploadCompleted,
  UploadFailed,
  UploadProgress,
  Workflow,
  WorkflowStatus,
  WsBroadcast,
  WsFile,
  WsMessage,
  WsNotification,
} from './named/functions.ts';
export { type NamedFunction, namedFunctions } from './named/table.ts';
export type { SenderLogger, SenderOverOptions } from './never-throw.ts';
export type { Notifications } from './notifications-api.ts';
export { type OutboxStatement, toOutbox } from './outbox.ts';
export type { PublishOptions, PublishOutcome, Revocation, SenderPort, UserName, Wait } from './port.ts';
export type { PublishFunctions } from './publish-api.ts';
export type { RoomEventOptions, RoomStateOptions, Rooms } from './rooms-api.ts';
export type { Sender } from './sender.ts';
export { createSenderOver } from './sender-api.ts';
export * from './shared.ts';
export type { TaskLogOptions } from './task-logs.ts';
export type { Tasks } from './tasks-api.ts';
export type { RevokeTarget, Users } from './users-api.ts';
