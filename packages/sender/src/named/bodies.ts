import { checkJson, TidingsError } from '@tidings/protocol';
import { host } from '../host/node.ts';
import type { NotificationType, NotifyInput } from '../wire.ts';
import { checkedFileUrl, fileNameOf } from './file-url.ts';
import type {
  AddressedNotification,
  AppNotification,
  Data,
  EventNotification,
  GenericMessage,
  Id,
  Upload,
  UploadCompleted,
  UploadFailed,
  UploadProgress,
  Workflow,
  WsBroadcast,
  WsFile,
  WsMessage,
  WsNotification,
} from './functions.ts';
import { getNotificationUser } from './notification-user.ts';

const titles: Record<NotificationType, string> = {
  success: 'Success',
  error: 'Error',
  info: 'Information',
  warning: 'Warning',
};

const withData = (input: NotifyInput, data: Data | undefined): NotifyInput => (data ? { ...input, data } : input);

export function userMessage({ username, message, data }: WsMessage): NotifyInput {
  return withData({ to: { username }, type: 'user_message', message }, data);
}

export function broadcastMessages({ message, usernames, data }: WsBroadcast): NotifyInput[] {
  if (!Array.isArray(usernames)) {
    throw new TidingsError('bad_request', `usernames must be an array of names; got ${typeof usernames}`);
  }
  return [...new Set(usernames.map(String))].map((username) => userMessage({ username, message, data }));
}

export function userNotification({ username, message, type = 'info', title, data }: WsNotification): NotifyInput {
  return withData(
    {
      to: { username },
      type: 'user_notification',
      notification_type: type,
      title: title ?? titles[type] ?? titles.info,
      message,
    },
    data,
  );
}

export function userFile({ username, fileUrl, fileName, message, fileSize, data }: WsFile): NotifyInput {
  const url = checkedFileUrl(String(fileUrl));
  return {
    to: { username },
    type: 'user_file',
    message: message || 'File ready for download',
    data: { ...data, file_url: url, file_name: fileName || fileNameOf(url), file_size: fileSize ?? null },
  };
}

/** Sent again and again, or with nothing to do about it: they never count as unread. */
const isSilent = (type: string) => type === 'oracle_upload_started' || /(^|[_.:-])progress$/.test(type);

const isNotificationType = (value: unknown): value is NotificationType =>
  typeof value === 'string' && Object.hasOwn(titles, value);

/** An event; what its data says of text and colour is also said where every inbox looks for it. */
export function event({ userId, eventType, data: given }: EventNotification): NotifyInput {
  const data = given ?? {};
  const input: NotifyInput = { to: { user: userId }, type: eventType };
  if (isNotificationType(data.notification_type)) input.notification_type = data.notification_type;
  if (typeof data.title === 'string' && data.title.length <= 500) input.title = data.title;
  if (typeof data.message === 'string' && data.message.length <= 10_000) input.message = data.message;
  input.data = data;
  if (isSilent(eventType)) input.silent = true;
  return input;
}

export function genericMessage({ userId, message, data }: GenericMessage): NotifyInput {
  return withData({ to: { user: userId }, type: 'generic_message', message }, data);
}

const textOf = (error: string | Error): string => (error instanceof Error ? error.message : String(error));

function upload(eventType: string, { userId, transactionId, data }: Upload, fields: Data): NotifyInput {
  return event({ userId, eventType, data: { ...data, transaction_id: String(transactionId), ...fields } });
}

export function uploadStarted(options: Upload): NotifyInput {
  return upload('oracle_upload_started', options, { message: options.message ?? 'Upload started' });
}

export function uploadProgress(options: UploadProgress): NotifyInput {
  const { stepName, currentStep, totalSteps, message, status = 'in_progress' } = options;
  return upload('oracle_upload_progress', options, {
    step: stepName,
    step_number: currentStep,
    total_steps: totalSteps,
    status,
    message: message ?? `Step ${currentStep} of ${totalSteps}: ${stepName}`,
  });
}

export function uploadCompleted(options: UploadCompleted): NotifyInput {
  const { resultPath = null, message = 'Upload completed' } = options;
  return upload('oracle_upload_completed', options, { result_path: resultPath, message });
}

export function uploadFailed(options: UploadFailed): NotifyInput {
  const error = textOf(options.error);
  return upload('oracle_upload_failed', options, { error, message: options.message ?? `Upload failed: ${error}` });
}

const workflowEvents: Record<string, (options: Workflow & { userId: Id }) => NotifyInput> = {
  started: uploadStarted,
  progress: workflowProgress,
  in_progress: workflowProgress,
  completed: uploadCompleted,
  failed: workflowFailed,
  error: workflowFailed,
};

function workflowProgress(options: Workflow & { userId: Id }): NotifyInput {
  const { step = '', stepNumber = 0, totalSteps = 0, ...rest } = options;
  return uploadProgress({ ...rest, stepName: step, currentStep: stepNumber, totalSteps });
}

function workflowFailed(options: Workflow & { userId: Id }): NotifyInput {
  return uploadFailed({ ...options, error: options.error ?? options.message ?? 'no reason given' });
}

export function workflow(options: Workflow): NotifyInput {
  const userId = options.userId ?? getNotificationUser();
  if (userId === undefined) {
    throw new TidingsError(
      'bad_request',
      'sendWorkflowNotification does not know for whom: call setNotificationUser(user) in this task, run it in withNotificationUser(user, …), or pass userId',
    );
  }
  const { status = 'in_progress', step, stepNumber, totalSteps } = options;
  const build = Object.hasOwn(workflowEvents, status) ? workflowEvents[status] : undefined;
  if (!build) {
    const known = Object.keys(workflowEvents).join(', ');
    throw new TidingsError('bad_request', `status must be one of ${known}; got "${status}"`);
  }
  const place = { step, step_number: stepNumber, total_steps: totalSteps, status };
  const given = Object.entries(place).filter(([, value]) => value !== undefined);
  return build({ ...options, status, userId, data: { ...options.data, ...Object.fromEntries(given) } });
}

/** An application's notification: its eight fields, and what else it has, are the frame's `data`. */
function application(notification: AppNotification, recipient: Recipient): NotifyInput {
  const { title, message, notification_type = 'info', created_at, is_read = false, ...rest } = notification;
  const id = String(notification.id ?? host.randomId());
  checkJson(created_at, 'created_at');
  const created = created_at instanceof Date ? created_at.toISOString() : (created_at ?? new Date().toISOString());
  return {
    to: recipient.to,
    type: 'notification',
    notification_type,
    title,
    message,
    external_id: id,
    data: {
      ...rest,
      id,
      title,
      message,
      notification_type,
      recipient_id: recipient.id,
      recipient_type: recipient.type,
      created_at: created,
      is_read,
    },
  };
}

interface Recipient {
  to: NotifyInput['to'];
  id: string | null;
  type: AddressedNotification['recipient_type'];
}

export function toUser({ userId, ...notification }: AppNotification & { userId: Id }): NotifyInput {
  return application(notification, { to: { user: userId }, id: String(userId), type: 'user' });
}

export function toRole({ role, ...notification }: AppNotification & { role: string }): NotifyInput {
  return application(notification, { to: { role }, id: role, type: 'role' });
}

export function toAll(notification: AppNotification): NotifyInput {
  return application(notification, { to: { everyone: true }, id: null, type: 'all' });
}

export function addressed(notification: AddressedNotification): NotifyInput {
  const { recipient_type: type, recipient_id: id } = notification;
  if (type === 'all') return toAll(notification);
  if (type !== 'user' && type !== 'role') {
    throw new TidingsError('bad_request', `recipient_type must be one of user, role, all; got "${String(type)}"`);
  }
  if (id === undefined || id === null || id === '') {
    throw new TidingsError('bad_request', `a notification with recipient_type "${type}" needs a recipient_id`);
  }
  return type === 'user' ? toUser({ ...notification, userId: id }) : toRole({ ...notification, role: String(id) });
}
