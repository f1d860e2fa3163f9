import type { SenderOptions } from './create-sender.ts';
import { httpPort } from './http/http-port.ts';
import type { Sender } from './sender.ts';
import { createSenderOver } from './sender-api.ts';

/** The sender behind the functions that are imported by themselves: the one shared instance there is. */
let shared: Sender | null = null;

function sharedSender(): Sender {
  // Not createSender, which throws if nothing is configured: the named functions must not.
  shared ??= createSenderOver(httpPort());
  return shared;
}

/**
 * Replaces the sender that the functions imported by themselves use. Calls of the former one go on, but its `onAnswer` and
 * `waitForAnswer` end. Resolves when those calls are answered.
 */
export async function configure(options: SenderOptions): Promise<void> {
  const former = shared;
  shared = createSenderOver(httpPort(options), { logger: options.logger });
  await former?.close();
}

type Functions = { [N in keyof Sender as Sender[N] extends (...args: never[]) => unknown ? N : never]: Sender[N] };

/** A function of the shared sender, which is made by its first call. */
function late<N extends keyof Functions>(name: N): Sender[N] {
  const call = (...args: unknown[]) => (sharedSender()[name] as (...given: unknown[]) => unknown)(...args);
  return call as Sender[N];
}

export const notify = /* @__PURE__ */ late('notify');
export const notifyMany = /* @__PURE__ */ late('notifyMany');
export const tasks: Sender['tasks'] = {
  start: (start) => sharedSender().tasks.start(start),
  report: (taskId, report) => sharedSender().tasks.report(taskId, report),
  get: (taskId) => sharedSender().tasks.get(taskId),
  list: (filter) => sharedSender().tasks.list(filter),
  watch: (taskId, onChange, options) => sharedSender().tasks.watch(taskId, onChange, options),
  cancel: (taskId) => sharedSender().tasks.cancel(taskId),
  retry: (taskId) => sharedSender().tasks.retry(taskId),
  log: (...call) => sharedSender().tasks.log(...call),
  stream: (...call) => sharedSender().tasks.stream(...call),
  readLog: (taskId, query) => sharedSender().tasks.readLog(taskId, query),
};
export const notifications: Sender['notifications'] = {
  edit: (id, change) => sharedSender().notifications.edit(id, change),
  retract: (id) => sharedSender().notifications.retract(id),
  get: (id) => sharedSender().notifications.get(id),
  scheduled: (page) => sharedSender().notifications.scheduled(page),
  cancel: (id) => sharedSender().notifications.cancel(id),
  waitForAnswer: (id, options) => sharedSender().notifications.waitForAnswer(id, options),
  onAnswer: (handler, options) => sharedSender().notifications.onAnswer(handler, options),
};
export const users: Sender['users'] = {
  setRoles: (userId, roles) => sharedSender().users.setRoles(userId, roles),
  disconnect: (userId, which) => sharedSender().users.disconnect(userId, which),
  connections: (userId) => sharedSender().users.connections(userId),
  inbox: (user, filter) => sharedSender().users.inbox(user, filter),
  revoke: (target) => sharedSender().users.revoke(target),
};
export const rooms: Sender['rooms'] = {
  send: (...call) => sharedSender().rooms.send(...call),
  setMember: (room, userId, access) => sharedSender().rooms.setMember(room, userId, access),
  removeMember: (room, userId) => sharedSender().rooms.removeMember(room, userId),
  events: (room, page) => sharedSender().rooms.events(room, page),
  members: (room, page) => sharedSender().rooms.members(room, page),
  presence: (room) => sharedSender().rooms.presence(room),
  state: (room) => sharedSender().rooms.state(room),
  setState: (room, key, value, options) => sharedSender().rooms.setState(room, key, value, options),
  removeState: (room, key, options) => sharedSender().rooms.removeState(room, key, options),
};
export const documents: Sender['documents'] = {
  list: (page) => sharedSender().documents.list(page),
  saveVersion: (room, name, options) => sharedSender().documents.saveVersion(room, name, options),
  versions: (room, page) => sharedSender().documents.versions(room, page),
  version: (room, id) => sharedSender().documents.version(room, id),
  versionUpdate: (room, id) => sharedSender().documents.versionUpdate(room, id),
  renameVersion: (room, id, name) => sharedSender().documents.renameVersion(room, id, name),
  removeVersion: (room, id) => sharedSender().documents.removeVersion(room, id),
  restoreVersion: (room, id) => sharedSender().documents.restoreVersion(room, id),
  delete: (room) => sharedSender().documents.delete(room),
};
export const getConnectedUsers = /* @__PURE__ */ late('getConnectedUsers');
export const testWebsocketConnection = /* @__PURE__ */ late('testWebsocketConnection');
export const systemHealth = /* @__PURE__ */ late('systemHealth');
export const setNotificationUser = /* @__PURE__ */ late('setNotificationUser');
export const getNotificationUser = /* @__PURE__ */ late('getNotificationUser');
export const withNotificationUser: Sender['withNotificationUser'] = (user, action) =>
  sharedSender().withNotificationUser(user, action);
export const lastError = /* @__PURE__ */ late('lastError');
export const close = /* @__PURE__ */ late('close');
export const wsSendMessage = /* @__PURE__ */ late('wsSendMessage');
export const wsConnect = /* @__PURE__ */ late('wsConnect');
export const wsSendNotification = /* @__PURE__ */ late('wsSendNotification');
export const wsSendFile = /* @__PURE__ */ late('wsSendFile');
export const wsBroadcastMessage = /* @__PURE__ */ late('wsBroadcastMessage');
export const sendNotification = /* @__PURE__ */ late('sendNotification');
export const sendGenericMessage = /* @__PURE__ */ late('sendGenericMessage');
export const sendUploadStarted = /* @__PURE__ */ late('sendUploadStarted');
export const sendProgressNotification = /* @__PURE__ */ late('sendProgressNotification');
export const sendUploadCompleted = /* @__PURE__ */ late('sendUploadCompleted');
export const sendUploadFailed = /* @__PURE__ */ late('sendUploadFailed');
export const sendWorkflowNotification = /* @__PURE__ */ late('sendWorkflowNotification');
export const sendNotificationToUser = /* @__PURE__ */ late('sendNotificationToUser');
export const sendNotificationToRole = /* @__PURE__ */ late('sendNotificationToRole');
export const sendNotificationToAll = /* @__PURE__ */ late('sendNotificationToAll');
export const broadcastNotification = /* @__PURE__ */ late('broadcastNotification');
