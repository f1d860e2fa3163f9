import type { NotificationType } from '@tidings/protocol';

/** An id or a name of the application's; a number is a string on the wire. */
export type Id = string | number;
/** Any JSON object. */
export type Data = Record<string, unknown>;
/** A colour, or a kind of the application's own, as `task_assigned`: shown blue, and a category of that name. */
export type NotificationKind = NotificationType | (string & {});

export interface WsMessage {
  username: Id;
  message: string;
  data?: Data;
}

export interface WsNotification extends WsMessage {
  /** Default: `info`. */
  type?: NotificationKind;
  /** Default: Success, Error, Information or Warning, by `type`. */
  title?: string;
}

export interface WsFile {
  username: Id;
  /** `http:`, `https:` or relative. */
  fileUrl: string;
  /** Default: the last part of the URL's path, decoded. */
  fileName?: string;
  /** Default: "File ready for download". */
  message?: string;
  /** Bytes. */
  fileSize?: number;
  data?: Data;
}

export interface WsBroadcast {
  message: string;
  usernames: Iterable<Id>;
  data?: Data;
}

export interface EventNotification {
  userId: Id;
  /** Any event type: letters, digits, `_ . : -`, beginning with a letter. */
  eventType: string;
  data?: Data;
}

export interface GenericMessage {
  userId: Id;
  message: string;
  data?: Data;
}

export interface Upload {
  userId: Id;
  transactionId: Id;
  /** Default: says what happened. */
  message?: string;
  data?: Data;
}

export interface UploadProgress extends Upload {
  stepName: string;
  /** From 1. Default: unknown. */
  currentStep?: number;
  /** Default: unknown. */
  totalSteps?: number;
  /** Any word. Default: `processing`. */
  status?: string;
}

export interface UploadCompleted extends Upload {
  /** The path of the result. */
  resultPath?: string;
}

export interface UploadFailed extends Upload {
  /** The reason. Default: "no reason given". */
  error?: string | Error;
}

/** `started`, `completed`, `failed` and `error`, in capitals too; any other word is progress, and is passed on. */
export type WorkflowStatus = 'started' | 'processing' | 'completed' | 'failed' | 'error' | (string & {});

export interface Workflow {
  transactionId: Id;
  step?: string;
  /** From 1. */
  stepNumber?: number;
  totalSteps?: number;
  message?: string;
  /** Default: `processing`. */
  status?: WorkflowStatus;
  /** Default: the user of `setNotificationUser`. */
  userId?: Id;
  resultPath?: string;
  /** Default: the message. */
  error?: string | Error;
  data?: Data;
}

/** A notification of the application's own making. Other members travel in its `data`. */
export interface AppNotification {
  /** The application's id, by which `mark_read` finds it too. Default: a random one. */
  id?: Id;
  title: string;
  /** Default: none. */
  message?: string;
  /** Default: `info`. */
  notification_type?: NotificationKind;
  /** Default: now. */
  created_at?: string | Date;
  /** Default: false. */
  is_read?: boolean;
  [member: string]: unknown;
}

export interface AddressedNotification extends AppNotification {
  /** A user's id or a role; not needed for `all`. */
  recipient_id?: Id | null;
  recipient_type: 'user' | 'role' | 'all';
}

/**
 * The named functions. Each takes its arguments in order or as one object, whose further members travel in its `data`. An
 * argument that is null is left out; text may be given as a number, date, error or anything with a text of its own, and
 * numbers as text. None throws: each answers within 5 seconds
 * whether the notification is stored; if not, `lastError()` and the logger have the reason. `ws…` functions take
 * usernames, the others ids; one who is not known yet finds what was sent on the first visit.
 */
export interface NamedFunctions {
  /** A message to a user (`user_message`). */
  wsSendMessage(username: Id, message: string, data?: Data): Promise<boolean>;
  wsSendMessage(options: WsMessage): Promise<boolean>;
  /** The same as `wsSendMessage`. */
  wsConnect(options: WsMessage): Promise<boolean>;
  /** A coloured toast (`user_notification`). */
  wsSendNotification(
    username: Id,
    message: string,
    type?: NotificationKind,
    title?: string,
    data?: Data,
  ): Promise<boolean>;
  wsSendNotification(options: WsNotification): Promise<boolean>;
  /** A file to download (`user_file`). */
  wsSendFile(
    username: Id,
    fileUrl: string,
    fileName?: string,
    message?: string,
    fileSize?: number,
    data?: Data,
  ): Promise<boolean>;
  wsSendFile(options: WsFile): Promise<boolean>;
  /** A message to each of several users (`user_message`), once however often a name is listed. Answers how many were stored. */
  wsBroadcastMessage(message: string, usernames: Iterable<Id>, data?: Data): Promise<number>;
  wsBroadcastMessage(options: WsBroadcast): Promise<number>;
  /** An event of any type; progress and `oracle_upload_started` never count as unread. */
  sendNotification(userId: Id, eventType: string, data?: Data): Promise<boolean>;
  sendNotification(options: EventNotification): Promise<boolean>;
  /** A plain message (`generic_message`). */
  sendGenericMessage(userId: Id, message: string, data?: Data): Promise<boolean>;
  sendGenericMessage(options: GenericMessage): Promise<boolean>;
  /** `oracle_upload_started`; never counts as unread. */
  sendUploadStarted(userId: Id, transactionId: Id, message?: string, data?: Data): Promise<boolean>;
  sendUploadStarted(options: Upload): Promise<boolean>;
  /** `oracle_upload_progress`; never counts as unread. */
  sendProgressNotification(
    userId: Id,
    stepName: string,
    currentStep: number | undefined,
    totalSteps: number | undefined,
    transactionId: Id,
    message?: string,
    data?: Data,
  ): Promise<boolean>;
  sendProgressNotification(options: UploadProgress): Promise<boolean>;
  /** `oracle_upload_completed`. */
  sendUploadCompleted(
    userId: Id,
    transactionId: Id,
    resultPath?: string,
    message?: string,
    data?: Data,
  ): Promise<boolean>;
  sendUploadCompleted(options: UploadCompleted): Promise<boolean>;
  /** `oracle_upload_failed`. */
  sendUploadFailed(
    userId: Id,
    transactionId: Id,
    error?: string | Error,
    message?: string,
    data?: Data,
  ): Promise<boolean>;
  sendUploadFailed(options: UploadFailed): Promise<boolean>;
  /**
   * A step of a workflow to the user of `setNotificationUser`: `oracle_upload_started` for status `started`, `_completed` for
   * `completed`, `_failed` for `failed` or `error`, and `_progress` for any other.
   */
  sendWorkflowNotification(
    transactionId: Id,
    step?: string,
    stepNumber?: number,
    totalSteps?: number,
    message?: string,
    status?: WorkflowStatus,
  ): Promise<boolean>;
  sendWorkflowNotification(options: Workflow): Promise<boolean>;
  /** An application's notification to a user (`notification`). */
  sendNotificationToUser(userId: Id, notification: AppNotification): Promise<boolean>;
  sendNotificationToUser(options: AppNotification & { userId: Id }): Promise<boolean>;
  /** An application's notification to all who have a role, stored once (`notification`). */
  sendNotificationToRole(role: string, notification: AppNotification): Promise<boolean>;
  sendNotificationToRole(options: AppNotification & { role: string }): Promise<boolean>;
  /** An application's notification to everyone, stored once (`notification`). */
  sendNotificationToAll(notification: AppNotification): Promise<boolean>;
  /** The three above, picked by `recipient_type` and `recipient_id`. */
  broadcastNotification(notification: AddressedNotification): Promise<boolean>;
}
