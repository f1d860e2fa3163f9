import type { Authenticate } from '../identity/authenticator.ts';
import type { Telemetry } from '../telemetry/events.ts';

/** What `createTidings` takes. Everything has a default but who may connect. */
export interface TidingsOptions {
  /** `sqlite:` and a path, or `postgres://user:password@host/name`, which several processes may share. Default `sqlite:./tidings.db`. */
  database?: string;
  /** Secret of the users' tokens (HS256, HS384, HS512), used as it is; at least 32 bytes are advised. */
  jwtSecret?: string;
  /** Where the public keys of users' tokens are published, in place of a secret. */
  jwksUrl?: string;
  /** What the tokens' `iss` must be. Default: anything. */
  jwtIssuer?: string;
  /** What the tokens' `aud` must be. Default: anything. */
  jwtAudience?: string;
  /** The claim that is the user's id, or the path to it. Default `sub`. */
  userClaim?: string;
  /** The claim that is the user's name, or the path to it. Default `username`. */
  usernameClaim?: string;
  /**
   * The claim that names the user's roles, or the path to it, as `realm_access.roles` or `cognito:groups`. Default `roles`.
   * It is a list, or one text; the text of a claim `scope` or `scp` is a list separated by blanks.
   */
  rolesClaim?: string;
  /** How far the clocks of the tokens' issuer and of this server may be apart, seconds. Default 60. */
  clockTolerance?: number;
  /** Keys of back ends that send over HTTP. Default: none, so that only this process sends. */
  apiKeys?: readonly string[];
  /** Origins whose pages may connect, besides the server's own. */
  allowedOrigins?: readonly string[];
  /**
   * Proxies before this server, as addresses and networks (`10.0.0.0/8`): what they say in X-Forwarded-For, -Proto, -Host and -Prefix
   * is believed. Default: none, so that everybody behind one is one address.
   */
  trustedProxies?: readonly string[];
  /** An application's own way to know its users, asked where no token came. It has 5 s; null says that it knows nobody. */
  authenticate?: Authenticate;
  /** An address that knows the application's sessions: asked with the Cookie and Authorization headers. */
  authUrl?: string;
  /** Where answers may be posted to (`callback_url` of a notification). Default: nowhere; in development, this machine. */
  callbackOrigins?: readonly string[];
  /** What signs posted answers: a secret as Standard Webhooks writes them, `whsec_` and base64. Default: none, so that none is posted. */
  callbackSecret?: string;
  /** The role that may read and steer what is others'. Default `admin`. */
  adminRole?: string;
  /** Development on loopback: users by `?user=alice&roles=admin`, any loopback origin, and sending from the test page. */
  dev?: boolean;
  /** Hears what the server does. Default: nobody. */
  telemetry?: Telemetry;
  limits?: Partial<Limits>;
}

/** Bounds, each with its default. Times in ms, sizes in bytes. */
export interface Limits {
  /** Connections of this process: 100,000. */
  maxConnections: number;
  /** Connections of one user: 100. */
  maxConnectionsPerUser: number;
  /** Connections of one address: 20,000. */
  maxConnectionsPerAddress: number;
  /** Tasks one connection may follow: 1,000. */
  maxTopics: number;
  /** Bytes that `data` of a notification or a task, and a task's `result`, may have as JSON: 256 KiB. */
  maxDataBytes: number;
  /** The largest frame a client may send: 64 KiB. */
  maxFrameBytes: number;
  /** What may wait for a slow reader before it is closed with 4408: 1 MiB. */
  outboxBytes: number;
  /** Live frames held while a page of a catch-up is read: 1,000. */
  holdFrames: number;
  /** Records of one page of a catch-up: 500. */
  pageSize: number;
  /** Pages of catch-ups read at a time: 64. */
  catchUps: number;
  /** Newest unread notifications that a client without a cursor is sent: 20. */
  recent: number;
  /** How far back a user is shown what was sent to a role before it was known to be theirs: 30 days. */
  roleLookback: number;
  /** How often a connection is pinged: 25,000. */
  pingInterval: number;
  /** How long a ping may stay unanswered: 10,000. */
  pongTimeout: number;
  /** Actions of a client at once: 200. */
  actionBurst: number;
  /** Actions of a client a second, in the long run: 50. */
  actionsPerSecond: number;
  /** Over how long clients are told to spread their return after a shutdown: 5,000. */
  restartSpread: number;
  /** Tasks this process runs at a time: 4. */
  taskConcurrency: number;
  /** How long an idempotency key is remembered: 24 hours. */
  idempotencyWindow: number;
  /** How old a notification may become before it is retracted: 365 days. */
  notificationAge: number;
  /** How many notifications one user, one role or everyone keeps: 100,000. */
  notificationsPerTopic: number;
  /** How long it is remembered that a notification was retracted: 30 days. A client that was away for longer begins anew. */
  retractionAge: number;
}

export const defaultLimits: Limits = {
  maxConnections: 100_000,
  maxConnectionsPerUser: 100,
  maxConnectionsPerAddress: 20_000,
  maxTopics: 1_000,
  maxDataBytes: 262_144,
  maxFrameBytes: 65_536,
  outboxBytes: 1_048_576,
  holdFrames: 1_000,
  pageSize: 500,
  catchUps: 64,
  recent: 20,
  roleLookback: 30 * 86_400_000,
  pingInterval: 25_000,
  pongTimeout: 10_000,
  actionBurst: 200,
  actionsPerSecond: 50,
  restartSpread: 5_000,
  taskConcurrency: 4,
  idempotencyWindow: 24 * 3_600_000,
  notificationAge: 365 * 86_400_000,
  notificationsPerTopic: 100_000,
  retractionAge: 30 * 86_400_000,
};
