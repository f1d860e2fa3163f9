import { checkJson, type NotificationType, type NotifyInput, TidingsError } from '@tidings/protocol';
import { host } from '../host/node.ts';
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
import { colourOf, dataOf, idOf, kindOf, numberOf, reasonTextOf, textOf } from './values.ts';

const titles: Record<NotificationType, string> = {
  success: 'Success',
  error: 'Error',
  info: 'Information',
  warning: 'Warning',
};

function withData(input: NotifyInput, given: Data | undefined): NotifyInput {
  const data = dataOf(given);
  return data ? { ...input, data } : input;
}

const toUsername = (username: Id) => ({ username: idOf(username, 'username') });
const toUserId = (userId: Id) => ({ user: idOf(userId, 'userId') });

export function userMessage({ username, message, data }: WsMessage): NotifyInput {
  const input = { to: toUsername(username), type: 'user_message', message: textOf(message, 'message') };
  return withData(input, data);
}

export function broadcastMessages({ message, usernames, data }: WsBroadcast): NotifyInput[] {
  if (typeof usernames === 'string' || typeof usernames?.[Symbol.iterator] !== 'function') {
    throw new TidingsError('bad_request', `usernames must be an array of names; got ${typeof usernames}`);
  }
  const names = Array.from(usernames, (name, index) => String(idOf(name, `usernames[${index}]`)));
  return [...new Set(names)].map((username) => userMessage({ username, message, data }));
}

export function userNotification({ username, message, type = 'info', title, data }: WsNotification): NotifyInput {
  const kind = kindOf(type);
  return withData(
    {
      to: toUsername(username),
      type: 'user_notification',
      ...kind,
      title: textOf(title ?? titles[kind.notification_type], 'title'),
      message: textOf(message, 'message'),
    },
    data,
  );
}

export function userFile({ username, fileUrl, fileName, message, fileSize, data }: WsFile): NotifyInput {
  const url = checkedFileUrl(textOf(fileUrl, 'fileUrl'));
  const name = textOf(fileName ?? '', 'fileName') || fileNameOf(url);
  return {
    to: toUsername(username),
    type: 'user_file',
    message: textOf(message ?? '', 'message') || 'File ready for download',
    data: { ...dataOf(data), file_url: url, file_name: name, file_size: numberOf(fileSize) ?? null },
  };
}

/** True for types that are sent often, or ask for nothing: they never count as unread. */
const isSilent = (type: string) => type === 'oracle_upload_started' || /(^|[_.:-])progress$/.test(type);

/** An event. Title, message and colour in its data are also given where inboxes read them. */
export function event({ userId, eventType, data: given }: EventNotification): NotifyInput {
  const data = dataOf(given) ?? {};
  const input: NotifyInput = { to: toUserId(userId), type: eventType };
  const colour = colourOf(data.notification_type);
  if (colour) input.notification_type = colour;
  if (typeof data.title === 'string' && data.title.length <= 500) input.title = data.title;
  if (typeof data.message === 'string' && data.message.length <= 10_000) input.message = data.message;
  input.data = data;
  if (isSilent(eventType)) input.silent = true;
  return input;
}

export function genericMessage({ userId, message, data }: GenericMessage): NotifyInput {
  const input = { to: toUserId(userId), type: 'generic_message', message: textOf(message, 'message') };
  return withData(input, data);
}

function upload(eventType: string, { userId, transactionId, data, message }: Upload, fields: Data): NotifyInput {
  const id = String(idOf(transactionId, 'transactionId'));
  const text = textOf(message ?? fields.message, 'message');
  return event({ userId, eventType, data: { ...dataOf(data), transaction_id: id, ...fields, message: text } });
}

export function uploadStarted(options: Upload): NotifyInput {
  return upload('oracle_upload_started', options, { message: 'Upload started' });
}

export function uploadProgress(options: UploadProgress): NotifyInput {
  const { stepName, currentStep, totalSteps, status } = options;
  const step = textOf(stepName ?? '', 'stepName');
  const [number, total] = [numberOf(currentStep) ?? 0, numberOf(totalSteps) ?? 0];
  return upload('oracle_upload_progress', options, {
    ...{ step, step_number: number, total_steps: total, status: status ?? 'processing' },
    message: positionOf(step, number, total),
  });
}

/** Describes the step it is at: `Step 2 of 5: Upload to UCM`, as far as that is known. */
function positionOf(step: string, number: unknown, total: unknown): string {
  const count = number ? `Step ${String(number)}${total ? ` of ${String(total)}` : ''}` : '';
  return [count, step].filter(Boolean).join(': ') || 'In progress';
}

export function uploadCompleted(options: UploadCompleted): NotifyInput {
  const { resultPath } = options;
  const path = resultPath === undefined || resultPath === null ? null : textOf(resultPath, 'resultPath');
  return upload('oracle_upload_completed', options, { result_path: path, message: 'Upload completed' });
}

export function uploadFailed(options: UploadFailed): NotifyInput {
  const error = reasonTextOf(options.error ?? 'no reason given');
  return upload('oracle_upload_failed', options, { error, message: `Upload failed: ${error}` });
}

const workflowEvents: Record<string, (options: Workflow & { userId: Id }) => NotifyInput> = {
  started: uploadStarted,
  completed: uploadCompleted,
  failed: workflowFailed,
  error: workflowFailed,
};

function workflowProgress(options: Workflow & { userId: Id }): NotifyInput {
  const { step = '', stepNumber = 0, totalSteps = 0, ...rest } = options;
  return uploadProgress({ ...rest, stepName: step, currentStep: stepNumber, totalSteps });
}

function workflowFailed(options: Workflow & { userId: Id }): NotifyInput {
  return uploadFailed({ ...options, error: options.error ?? options.message });
}

/** A status that names no other event is progress; it is passed on unchanged. */
export function workflow(options: Workflow): NotifyInput {
  const userId = options.userId ?? getNotificationUser();
  if (userId === undefined) {
    throw new TidingsError(
      'bad_request',
      'sendWorkflowNotification does not know for whom: call setNotificationUser(user) in this task, run it in withNotificationUser(user, …), or pass userId',
    );
  }
  const { step, stepNumber, totalSteps } = options;
  const status = textOf(options.status ?? 'processing', 'status');
  const event = status.trim().toLowerCase();
  const build = Object.hasOwn(workflowEvents, event) ? workflowEvents[event] : undefined;
  const position = { step, step_number: numberOf(stepNumber), total_steps: numberOf(totalSteps), status };
  const given = Object.entries(position).filter(([, value]) => value !== undefined && value !== null);
  const data = { ...dataOf(options.data), ...Object.fromEntries(given) };
  return (build ?? workflowProgress)({ ...options, status, userId, data });
}

/** An application's notification: its eight fields and its other members are the frame's `data`. */
function application(notification: AppNotification, recipient: Recipient): NotifyInput {
  const { created_at, ...rest } = notification;
  const id = String(idOf(notification.id ?? host.randomId(), 'id'));
  checkJson(created_at, 'created_at');
  const created = created_at instanceof Date ? created_at.toISOString() : (created_at ?? new Date().toISOString());
  const title = textOf(notification.title, 'title');
  const message = textOf(notification.message ?? '', 'message');
  const type = textOf(notification.notification_type ?? 'info', 'notification_type');
  return {
    to: recipient.to,
    type: 'notification',
    ...kindOf(type),
    title,
    message,
    external_id: id,
    data: {
      ...rest,
      id,
      title,
      message,
      notification_type: type,
      recipient_id: recipient.id,
      recipient_type: recipient.type,
      created_at: created,
      is_read: notification.is_read ?? false,
    },
  };
}

interface Recipient {
  to: NotifyInput['to'];
  id: string | null;
  type: AddressedNotification['recipient_type'];
}

export function toUser({ userId, ...notification }: AppNotification & { userId: Id }): NotifyInput {
  const to = toUserId(userId);
  return application(notification as AppNotification, { to, id: String(to.user), type: 'user' });
}

export function toRole({ role, ...notification }: AppNotification & { role: string }): NotifyInput {
  const name = String(idOf(role, 'role'));
  return application(notification as AppNotification, { to: { role: name }, id: name, type: 'role' });
}

export function toAll(notification: AppNotification): NotifyInput {
  return application(notification, { to: { everyone: true }, id: null, type: 'all' });
}

export function addressed(notification: AddressedNotification): NotifyInput {
  const { recipient_id: id } = notification;
  const given = notification.recipient_type;
  const type = typeof given === 'string' ? given.toLowerCase() : given;
  if (type === 'all') return toAll(notification);
  if (type !== 'user' && type !== 'role') {
    throw new TidingsError(
      'bad_request',
      `recipient_type must be one of user, role, all; got "${textOf(given, 'recipient_type')}"`,
    );
  }
  if (id === undefined || id === null || id === '') {
    throw new TidingsError('bad_request', `a notification with recipient_type "${type}" needs a recipient_id`);
  }
  return type === 'user'
    ? toUser({ ...notification, userId: id })
    : toRole({ ...notification, role: String(idOf(id, 'recipient_id')) });
}
