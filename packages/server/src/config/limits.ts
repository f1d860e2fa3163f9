import Type, { type TNumber } from 'typebox';
import { defaultLimits, type Limits } from './options.ts';

const day = 86_400_000;
export const century = 36_525 * day;
const most = 2 ** 31 - 1;

/** A whole number from one to another. */
export const whole = (minimum: number, maximum = most): TNumber =>
  Type.Number({ minimum, maximum, multipleOf: 1, expected: `a whole number from ${minimum} to ${maximum}` });

/** So many a second. */
const rate = Type.Number({ exclusiveMinimum: 0, maximum: most, expected: `a number above 0, and up to ${most}` });

/** Every limit, and its bounds: none may be so small that it refuses everything, or so large that a timer cannot wait for it. */
const bounds: Record<keyof Limits, TNumber> = {
  maxConnections: whole(1),
  maxConnectionsPerUser: whole(1),
  maxConnectionsPerAddress: whole(1),
  maxTopics: whole(0),
  maxTopicsPerUser: whole(0),
  maxDataBytes: whole(0, 1_000_000),
  maxFrameBytes: whole(1),
  outboxBytes: whole(1),
  outboxBytesPerUser: whole(1),
  holdFrames: whole(1),
  pageSize: whole(1),
  catchUps: whole(1),
  openCatchUps: whole(1),
  openCatchUpsPerUser: whole(1),
  catchUpStallMs: whole(1, day),
  recent: whole(0),
  roleLookbackMs: whole(0, century),
  pingIntervalMs: whole(1, day),
  pongTimeoutMs: whole(1, day),
  actionBurst: whole(1),
  actionsPerSecond: rate,
  workBurst: whole(1),
  workPerSecond: rate,
  searchesPerUser: whole(1),
  searchesAtOnce: whole(1),
  searchTimeoutMs: whole(1, day),
  apiKeyWorkBurst: whole(1),
  apiKeyWorkPerSecond: rate,
  refusalBurst: whole(1),
  refusalsPerSecond: rate,
  restartSpreadMs: whole(0, day),
  taskConcurrency: whole(0),
  idempotencyWindowMs: whole(0, century),
  notificationAgeMs: whole(1, century),
  notificationsPerTopic: whole(1),
  roomEventAgeMs: whole(1, century),
  eventsPerRoom: whole(1),
  stateKeysPerRoom: whole(0, 100),
  presenceGraceMs: whole(0, 60_000),
  presenceStateBytes: whole(2, 65_536),
  presenceMembers: whole(1, 10_000),
  maxDocumentBytes: whole(1_024, 268_435_456),
  maxDocumentUpdateBytes: whole(1_024, 67_108_864),
  maxOpenDocuments: whole(1),
  versionsPerDocument: whole(0, 10_000),
  versionBytesPerDocument: whole(0),
  versionNameLength: whole(1, 200),
  maxAwarenessBytes: whole(64, 4_096),
  documentOutboxBytes: whole(1_024),
  documentMessageBurst: whole(1),
  documentMessagesPerSecond: rate,
  // A chunk of a handler has 16,384 characters at most.
  taskLogEntryBytes: whole(49_152, 262_144),
  taskLogBytes: whole(1_024),
  taskLogAgeMs: whole(1, century),
  retractionAgeMs: whole(0, century),
};

export const limitsSchema = Type.Partial(Type.Object(bounds), {
  additionalProperties: false,
  expected: 'an object of limits, as {"maxConnections": 1000}',
});

/** The limits that hold: one that is not given, or undefined, has its default. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(set) };
}
