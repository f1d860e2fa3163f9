import { type NotifyInput, TidingsError } from '@tidings/protocol';
import * as bodies from './bodies.ts';
import type { NamedFunctions } from './functions.ts';
import { dataOf, isObject } from './values.ts';

/** One named function: the notification it sends, and the order of its arguments. */
export interface NamedFunction {
  /** The type of the frame that arrives; null if the arguments decide. */
  frame: string | null;
  /** The members of the object form in positional order. Where `spread` is set, the last is itself such an object. */
  parameters: readonly string[];
  spread?: true;
  /** Members that only the object form has. */
  more?: readonly string[];
  required: readonly string[];
  /** `stored`: it answers true or false; `count`: how many were stored. */
  answer: 'stored' | 'count';
  /** @throws TidingsError `bad_request` */
  build(options: never): NotifyInput | NotifyInput[];
}

const message = {
  frame: 'user_message',
  parameters: ['username', 'message', 'data'],
  required: ['username', 'message'],
  answer: 'stored',
  build: bodies.userMessage,
} satisfies NamedFunction;

const addressing = { frame: 'notification', spread: true, answer: 'stored' } as const;
const text = ['title'];

export const namedFunctions: Record<keyof NamedFunctions, NamedFunction> = {
  wsSendMessage: message,
  wsConnect: message,
  wsSendNotification: {
    frame: 'user_notification',
    parameters: ['username', 'message', 'type', 'title', 'data'],
    required: ['username', 'message'],
    answer: 'stored',
    build: bodies.userNotification,
  },
  wsSendFile: {
    frame: 'user_file',
    parameters: ['username', 'fileUrl', 'fileName', 'message', 'fileSize', 'data'],
    required: ['username', 'fileUrl'],
    answer: 'stored',
    build: bodies.userFile,
  },
  wsBroadcastMessage: {
    frame: 'user_message',
    parameters: ['message', 'usernames', 'data'],
    required: ['message', 'usernames'],
    answer: 'count',
    build: bodies.broadcastMessages,
  },
  sendNotification: {
    frame: null,
    parameters: ['userId', 'eventType', 'data'],
    required: ['userId', 'eventType'],
    answer: 'stored',
    build: bodies.event,
  },
  sendGenericMessage: {
    frame: 'generic_message',
    parameters: ['userId', 'message', 'data'],
    required: ['userId', 'message'],
    answer: 'stored',
    build: bodies.genericMessage,
  },
  sendUploadStarted: {
    frame: 'oracle_upload_started',
    parameters: ['userId', 'transactionId', 'message', 'data'],
    required: ['userId', 'transactionId'],
    answer: 'stored',
    build: bodies.uploadStarted,
  },
  sendProgressNotification: {
    frame: 'oracle_upload_progress',
    parameters: ['userId', 'stepName', 'currentStep', 'totalSteps', 'transactionId', 'message', 'data'],
    more: ['status'],
    required: ['userId', 'stepName', 'transactionId'],
    answer: 'stored',
    build: bodies.uploadProgress,
  },
  sendUploadCompleted: {
    frame: 'oracle_upload_completed',
    parameters: ['userId', 'transactionId', 'resultPath', 'message', 'data'],
    required: ['userId', 'transactionId'],
    answer: 'stored',
    build: bodies.uploadCompleted,
  },
  sendUploadFailed: {
    frame: 'oracle_upload_failed',
    parameters: ['userId', 'transactionId', 'error', 'message', 'data'],
    required: ['userId', 'transactionId'],
    answer: 'stored',
    build: bodies.uploadFailed,
  },
  sendWorkflowNotification: {
    frame: null,
    parameters: ['transactionId', 'step', 'stepNumber', 'totalSteps', 'message', 'status'],
    more: ['userId', 'resultPath', 'error', 'data'],
    required: ['transactionId'],
    answer: 'stored',
    build: bodies.workflow,
  },
  sendNotificationToUser: {
    ...addressing,
    parameters: ['userId', 'notification'],
    required: ['userId', ...text],
    build: bodies.toUser,
  },
  sendNotificationToRole: {
    ...addressing,
    parameters: ['role', 'notification'],
    required: ['role', ...text],
    build: bodies.toRole,
  },
  sendNotificationToAll: { ...addressing, parameters: ['notification'], required: text, build: bodies.toAll },
  broadcastNotification: {
    ...addressing,
    parameters: ['notification'],
    required: ['recipient_type', ...text],
    build: bodies.addressed,
  },
};

type Options = Record<string, unknown>;

const isGiven = ([, value]: [string, unknown]): boolean => value !== undefined && value !== null;

/** The object form of a call, from either form, without what is undefined or null. */
function optionsOf({ parameters, more = [], spread }: NamedFunction, args: readonly unknown[]): Options {
  if (args.length === 1 && isObject(args[0])) return spread ? args[0] : withRest(args[0], [...parameters, ...more]);
  const inOrder = Object.fromEntries(parameters.map((name, index) => [name, args[index]]));
  const last = parameters.at(-1);
  if (!spread || last === undefined) return Object.fromEntries(Object.entries(inOrder).filter(isGiven));
  const { [last]: inner, ...outer } = inOrder;
  return isObject(inner) ? { ...inner, ...outer } : outer;
}

/** Moves members that a function does not know into `data`, as the application's own. */
function withRest(given: Options, known: readonly string[]): Options {
  const own = Object.entries(given).filter(isGiven);
  const rest = own.filter(([name]) => !known.includes(name));
  const options = Object.fromEntries(own.filter(([name]) => known.includes(name)));
  return rest.length === 0 ? options : { ...options, data: { ...Object.fromEntries(rest), ...dataOf(options.data) } };
}

/**
 * Builds the notifications that a call of a named function publishes.
 *
 * @throws TidingsError `bad_request` if its arguments cannot be sent
 */
export function itemsOf(name: keyof NamedFunctions, args: readonly unknown[]): NotifyInput[] {
  const named = namedFunctions[name];
  const options = optionsOf(named, args);
  const missing = named.required.filter((member) => options[member] === undefined || options[member] === null);
  if (missing.length > 0) {
    const form = named.spread ? 'an object with' : 'in order or as an object,';
    throw new TidingsError(
      'bad_request',
      `${name} needs ${form} ${named.required.join(', ')}; ${missing.join(', ')} missing`,
    );
  }
  const built = named.build(options as never);
  return Array.isArray(built) ? built : [built];
}
