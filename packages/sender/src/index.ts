export { type ErrorCode, TidingsError } from '@tidings/protocol';
export type { Clock } from './clock.ts';
export { createSender, type SenderOptions } from './create-sender.ts';
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
export { type OutboxStatement, toOutbox } from './outbox.ts';
export type {
  AnswerPage,
  ConnectedUser,
  Connection,
  Disconnected,
  Disconnection,
  InboxFilter,
  InboxItem,
  PublishOptions,
  PublishOutcome,
  Revision,
  Revocation,
  ScheduledPage,
  SenderPort,
  UserConnections,
  UserInbox,
  UserName,
  UserRoles,
  Wait,
} from './port.ts';
export type { SenderLogger, SenderOverOptions } from './quiet-calls.ts';
export type { ConnectionTest, Notifications, RevokeTarget, Sender, Tasks, Users } from './sender.ts';
export { createSenderOver } from './sender-over.ts';
export * from './shared.ts';
export type {
  Answer,
  AnswerEvent,
  Audience,
  NotificationAction,
  NotificationEdit,
  NotificationStatus,
  NotificationType,
  NotificationView,
  NotifyInput,
  NotifyResult,
  Task,
  TaskAnswer,
  TaskReport,
  TaskStart,
  TaskStatus,
} from './wire.ts';
