import type { Authenticate } from '../identity/authenticator.ts';
import type { AuthorizeRoom } from '../rooms/application-rights.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { OldLimits, OldOptions } from './old-names.ts';

/** The options of `createTidings`. All have a default but `auth`, which says who may connect. */
export interface TidingsOptions extends OldOptions {
  /** `sqlite:` and a path, or `postgres://user:password@host/name`, which several processes may share. Default `sqlite:./tidings.db`. */
  database?: string;
  /**
   * The address by which servers on one PostgreSQL tell each other of commits, as `database`: the server itself, where `database` leads through
   * a pooler in transaction mode, which passes no notifications on. Default: `database`.
   */
  listenUrl?: string;
  auth?: AuthOptions;
  rooms?: RoomOptions;
  callbacks?: CallbackOptions;
  /**
   * Proxies before this server, as addresses and networks (`10.0.0.0/8`). Their X-Forwarded-For, -Proto, -Host and -Prefix are
   * believed. Default: none, so that all users behind one proxy count as one address.
   */
  trustedProxies?: readonly string[];
  /**
   * Development on loopback: users by `?user=alice&roles=admin&grants=project:12:rw`, any loopback origin, and sending from the test
   * page.
   */
  dev?: boolean;
  /** Receives the server's events. Default: they are dropped. */
  telemetry?: Telemetry;
  health?: HealthOptions;
  limits?: Partial<Limits> & OldLimits;
}

/** Options of the server's own health. */
export interface HealthOptions {
  /**
   * Sends a record through store, broker, hub and connections every 3 s, by which a break is noticed that no component sees. It renews one row.
   * Default true.
   */
  canary?: boolean;
  /** Sends the users with `auth.adminRole` a notification of each incident that lasts 30 s, which is updated when it ends. Default false. */
  alerts?: boolean;
}

/** Options of authentication: of users who connect and of back ends that send. */
export interface AuthOptions {
  /** Secret of the users' tokens (HS256, HS384, HS512), used as it is. It has at least 32 bytes. */
  jwtSecret?: string;
  /** The URL of the public keys of the users' tokens, in place of a secret. */
  jwksUrl?: string;
  /** The `iss` that tokens must have. Default: any. */
  issuer?: string;
  /** The `aud` that tokens must have. Default: any. */
  audience?: string;
  claims?: ClaimOptions;
  /** The most by which the clocks of the tokens' issuer and of this server may differ, seconds. Default 60. */
  clockToleranceSeconds?: number;
  /** Finds the user of a request that brings no token, by the application's own session. It has 5 s; null: it knows nobody. */
  authenticate?: Authenticate;
  /**
   * A URL that knows the application's sessions: called with the Cookie and Authorization headers. It may be of your own network, but lead to no
   * link-local address.
   */
  url?: string;
  /** The role that may read and control what belongs to others. Default `admin`. */
  adminRole?: string;
  /** Keys of back ends that send over HTTP. Default: none, so that only this process sends. */
  apiKeys?: readonly string[];
  /** Key that reads `/metrics` and nothing else. Default: none, so that only API keys read them. */
  metricsKey?: string;
  /** Origins whose pages may connect, besides the server's own. `*` for any, by a token only; not with `authenticate` or `url`. */
  allowedOrigins?: readonly string[];
}

/** Options of rooms. */
export interface RoomOptions {
  /**
   * Says whether a user may follow a room (`read`) or send to it (`write`), besides those whose token or membership gives the right. It has
   * 2 s; what it answers is used for 2 s, so that a right which ends, ends within 5 s. If it fails, nobody is let in by it. Default: nobody is asked.
   */
  authorize?: AuthorizeRoom;
  /**
   * The address at which an application in another process says the same, in place of `authorize`. It is posted
   * `{"user": {"id", "username", "roles"}, "action": "read", "room": {"kind", "id"}}`, and answers `{"allowed": true}` or `{"allowed": false}`.
   * Default: nobody is asked.
   */
  url?: string;
  /** Sent to `url` as the bearer of `Authorization`. Default: none. */
  key?: string;
  /** The most events that a room of a kind keeps, by kind, as `{ chat: 1000 }`. Default: `eventsPerRoom` of the limits. */
  eventsPerRoom?: Readonly<Record<string, number>>;
  /** Age at which an event of a room of a kind is retracted, by kind, ms. Default: `roomEventAgeMs` of the limits. */
  eventAgeMs?: Readonly<Record<string, number>>;
}

/** The claims of a token, or paths to them, as `realm_access.roles`. */
export interface ClaimOptions {
  /** The user's id. Default `sub`. */
  user?: string;
  /** The user's name. Default `username`. */
  username?: string;
  /** The user's roles: a list, or one text; the text of a claim `scope` or `scp` is a list separated by blanks. Default `roles`. */
  roles?: string;
}

/** Answers that are posted to the `callback_url` of a notification. */
export interface CallbackOptions {
  /** Signs them: a secret as Standard Webhooks writes them, `whsec_` and base64. Default: none, so that none is posted. */
  secret?: string;
  /**
   * The origins that they may be posted to. Default: none; in development, this machine. A public name (`https://app.example.com`) must lead to a
   * public address, or to one that is an origin of this list too (`http://10.0.0.5`); a name that no public DNS has (`http://erp:8080`,
   * `http://erp.internal`) may lead into your network.
   */
  origins?: readonly string[];
}

/** Bounds, each with its default. Times in ms, sizes in bytes. */
export interface Limits {
  /** Connections of this process: 100,000. */
  maxConnections: number;
  /** Connections of one user: 100. */
  maxConnectionsPerUser: number;
  /** Connections of one address, with those that have not said who is there: 20,000. */
  maxConnectionsPerAddress: number;
  /** Tasks one connection may follow: 1,000. */
  maxTopics: number;
  /** Bytes that `data` of a notification or a task, and a task's `result`, may have as JSON: 256 KiB. */
  maxDataBytes: number;
  /** Topics that the connections of one user may follow, all together: 10,000. */
  maxTopicsPerUser: number;
  /** The largest frame a client may send: 64 KiB. */
  maxFrameBytes: number;
  /** Bytes that may wait for a slow reader before it is closed with 4408: 1 MiB. */
  outboxBytes: number;
  /** Bytes that may wait for the slow connections of one user; then those are closed with 4408 for which most waits: 8 MiB. */
  outboxBytesPerUser: number;
  /** Live frames held while a page of a catch-up is read: 1,000. */
  holdFrames: number;
  /** Records of one page of a catch-up: 500, fewer where they are large. */
  pageSize: number;
  /** Pages of catch-ups read at a time: 64. */
  catchUps: number;
  /** Catch-ups open at a time, each with a page in memory until its client has read all of it: 256. Others wait for their turn. */
  openCatchUps: number;
  /** Catch-ups of one user open at a time: 8. Others wait for their turn. */
  openCatchUpsPerUser: number;
  /** Time for which a client may read nothing of its catch-up before it is closed with 4408: 30,000. */
  catchUpStallMs: number;
  /** Newest unread notifications that a client without a cursor is sent: 20. */
  recent: number;
  /** Age up to which a new member of a role is shown its earlier notifications: 30 days. */
  roleLookbackMs: number;
  /** From one ping of a connection to the next: 25,000. */
  pingIntervalMs: number;
  /** Time for which a ping may stay unanswered: 10,000. */
  pongTimeoutMs: number;
  /** Actions of one user at once, on sockets and over HTTP together: 200. */
  actionBurst: number;
  /** Actions of one user a second, in the long run: 50. */
  actionsPerSecond: number;
  /** Work for one user at once, in units (an action, a KiB of it, an id to mark, ten rows of a list; a search is 50): 2,000. */
  workBurst: number;
  /** Work for one user a second, in the long run: 250 units. */
  workPerSecond: number;
  /** Searches of one user at once: 4. A search is a list with a filter, or of what is archived or snoozed. */
  searchesPerUser: number;
  /** Searches of all users that the database runs at once: 2. Others wait for their turn. */
  searchesAtOnce: number;
  /** The longest time for which a search is waited for: 5,000. */
  searchTimeoutMs: number;
  /** Calls with one API key at once, where each KiB of a body counts as one more: 100,000. */
  apiKeyWorkBurst: number;
  /** Calls with one API key a second, in the long run: 20,000. */
  apiKeyWorkPerSecond: number;
  /** HTTP calls of one address at once that have no good token or API key: 1,000. */
  refusalBurst: number;
  /** Such calls of one address a second, in the long run: 20. */
  refusalsPerSecond: number;
  /** The time over which clients spread their return after a shutdown: 5,000. A day at most. */
  restartSpreadMs: number;
  /** Tasks this process runs at a time: 4. */
  taskConcurrency: number;
  /** Time for which an idempotency key is remembered: 24 hours. */
  idempotencyWindowMs: number;
  /** Age at which a notification is retracted: 365 days. */
  notificationAgeMs: number;
  /** The most notifications that one user, one role or everyone keeps: 100,000. */
  notificationsPerTopic: number;
  /** Age at which an event of a room is retracted: 90 days. */
  roomEventAgeMs: number;
  /** The most events that one room keeps: 10,000. */
  eventsPerRoom: number;
  /** The most keys that the state of one room has: 100, which is also the largest value. */
  stateKeysPerRoom: number;
  /** Time for which a user whose connection was cut off stays present in rooms: 5,000. A minute at most. */
  presenceGraceMs: number;
  /** Bytes that the state of a session in a room may have as JSON: 4,000. The states of one user there may have four times as much together. */
  presenceStateBytes: number;
  /** The most users that are shown in a room: 1,000, and 10,000 at most. Further ones are shown as others leave. */
  presenceMembers: number;
  /** The largest state of a shared document, with its history: 16 MiB. */
  maxDocumentBytes: number;
  /** The largest message of an editor of a shared document: 4 MiB. All that it changed while it was away comes as one. */
  maxDocumentUpdateBytes: number;
  /** Shared documents that are open at a time: 1,000. */
  maxOpenDocuments: number;
  /** The versions that a shared document may have: 200. One that the server makes before a restore drops the oldest of its kind for that. */
  versionsPerDocument: number;
  /** Bytes that the versions of a shared document may have together: 64 MiB. */
  versionBytesPerDocument: number;
  /** The most characters that the name of a version may have: 200, which is also the largest value. */
  versionNameLength: number;
  /** The largest state that one editor shows the others, such as its cursor and name: 4,096. */
  maxAwarenessBytes: number;
  /** Bytes that may wait for an editor that reads slowly before it is closed with 4508, and comes back: 4 MiB. */
  documentOutboxBytes: number;
  /** Messages of one user in shared documents at once, where each 16 KiB counts as one more: 2,000. */
  documentMessageBurst: number;
  /** Such messages of one user a second, in the long run: 200. Past it, its connection is closed with 4529, and comes back. */
  documentMessagesPerSecond: number;
  /** The largest entry of the log of a task: 64 KiB. */
  taskLogEntryBytes: number;
  /** Bytes that the log of a task keeps: 4 MiB, where each entry counts 100 more. Past it, its middle is removed, and an entry says so. */
  taskLogBytes: number;
  /** Time for which the log of a task is kept: 30 days. */
  taskLogAgeMs: number;
  /** Time for which a retraction is remembered: 30 days. A client that was away for longer starts from a snapshot. */
  retractionAgeMs: number;
}

export const defaultLimits: Limits = {
  maxConnections: 100_000,
  maxConnectionsPerUser: 100,
  maxConnectionsPerAddress: 20_000,
  maxTopics: 1_000,
  maxTopicsPerUser: 10_000,
  maxDataBytes: 262_144,
  maxFrameBytes: 65_536,
  outboxBytes: 1_048_576,
  outboxBytesPerUser: 8_388_608,
  holdFrames: 1_000,
  pageSize: 500,
  catchUps: 64,
  openCatchUps: 256,
  openCatchUpsPerUser: 8,
  catchUpStallMs: 30_000,
  recent: 20,
  roleLookbackMs: 30 * 86_400_000,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  actionBurst: 200,
  actionsPerSecond: 50,
  workBurst: 2_000,
  workPerSecond: 250,
  searchesPerUser: 4,
  searchesAtOnce: 2,
  searchTimeoutMs: 5_000,
  apiKeyWorkBurst: 100_000,
  apiKeyWorkPerSecond: 20_000,
  refusalBurst: 1_000,
  refusalsPerSecond: 20,
  restartSpreadMs: 5_000,
  taskConcurrency: 4,
  idempotencyWindowMs: 24 * 3_600_000,
  notificationAgeMs: 365 * 86_400_000,
  notificationsPerTopic: 100_000,
  roomEventAgeMs: 90 * 86_400_000,
  eventsPerRoom: 10_000,
  stateKeysPerRoom: 100,
  presenceGraceMs: 5_000,
  presenceStateBytes: 4_000,
  presenceMembers: 1_000,
  maxDocumentBytes: 16_777_216,
  maxDocumentUpdateBytes: 4_194_304,
  maxOpenDocuments: 1_000,
  versionsPerDocument: 200,
  versionBytesPerDocument: 67_108_864,
  versionNameLength: 200,
  maxAwarenessBytes: 4_096,
  documentOutboxBytes: 4_194_304,
  documentMessageBurst: 2_000,
  documentMessagesPerSecond: 200,
  taskLogEntryBytes: 65_536,
  taskLogBytes: 4_194_304,
  taskLogAgeMs: 30 * 86_400_000,
  retractionAgeMs: 30 * 86_400_000,
};
