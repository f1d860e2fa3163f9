export type { ClientReason, ClientState, ClientStatus, ClientUser, ReasonCode, TidingsClient } from './client.ts';
export { createTidingsClient } from './create-client.ts';
export type { CustomFrame } from './handlers.ts';
export type { Inbox, InboxFrame, InboxItem, InboxSnapshot } from './inbox.ts';
export type { ClientOptions, Clock, Logger, ReconnectOptions, TokenSource } from './options.ts';
export type { ActionRequest, Reply } from './requests.ts';
export { getTidingsClient, getWebSocketClient } from './shared-client.ts';
export type { TaskBoard, TaskFrame, TaskView } from './tasks.ts';
export { tidingsUrlFromEnv } from './url.ts';
