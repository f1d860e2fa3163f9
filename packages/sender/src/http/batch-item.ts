import type { NotifyInput, NotifyResult } from '@tidings/protocol';
import { type Failure, readRefusal } from './failure.ts';
import type { HttpClient } from './http-client.ts';
import { keysOfRecipients, type OrderingKeys } from './ordering-keys.ts';
import { PendingCall, type PendingCallOptions, untilSettled } from './pending-call.ts';

/** One notification, which shares a batch request with others, or an atomic group, which is a request of its own. */
export interface BatchItem {
  kind: 'single' | 'atomic';
  /** The JSON of its notifications, joined by commas; encoded once, for every attempt. */
  json: string;
  bytes: number;
  /** The number of its notifications. */
  count: number;
  keys: OrderingKeys;
  /** By the clock: not to be sent again before. */
  notBefore: number;
  /** Answered by one result for each notification. */
  pending: PendingCall<NotifyResult[]>;
}

export interface BatchItemOptions extends Omit<PendingCallOptions, 'key'> {
  newKey(): string;
}

/** Length in UTF-8 of a well-formed string, such as JSON. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes; other units above U+07FF are three bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** @param inputs one for a single, any number for an atomic group; each keeps its idempotency key or gets one here */
export function createBatchItem(
  kind: BatchItem['kind'],
  inputs: readonly NotifyInput[],
  { newKey, ...options }: BatchItemOptions,
): BatchItem {
  const keyed = inputs.map((input) => ({ ...input, idempotency_key: input.idempotency_key ?? newKey() }));
  const json = keyed.map((input) => JSON.stringify(input)).join(',');
  const key = keyed.map((input) => input.idempotency_key).join('", "');
  return {
    kind,
    json,
    bytes: utf8Length(json),
    count: inputs.length,
    keys: keysOfRecipients(inputs),
    notBefore: 0,
    pending: new PendingCall({ ...options, key }),
  };
}

/**
 * Makes one request of some singles, or of one atomic group. Items that are refused alone wait until `retryAt(attempts)`.
 *
 * @returns why the request failed; null if it was answered
 */
export async function sendBatch(
  items: readonly BatchItem[],
  client: HttpClient,
  retryAt: (attempts: number) => number,
): Promise<Failure | null> {
  for (const { pending } of items) pending.sent();
  const path = items[0]?.kind === 'atomic' ? '/notifications/batch' : '/notifications/batch?atomic=false';
  const body = `[${items.map(({ json }) => json).join(',')}]`;
  const count = items.reduce((sum, item) => sum + item.count, 0);
  const answer = await client.attempt(
    { method: 'POST', path, body },
    (json) => readResults(json, count),
    untilSettled(items.map(({ pending }) => pending)),
  );
  if (answer.ok) {
    answerItems(items, answer.value, retryAt);
    return null;
  }
  // Some proxy takes less than we thought; one big item must not fail its neighbours.
  const isTooLarge = answer.failure.error.code === 'payload_too_large' && items.length > 1;
  const failure = isTooLarge ? { ...answer.failure, again: true } : answer.failure;
  for (const { pending } of items) pending.attemptFailed(failure);
  return failure;
}

function answerItems(
  items: readonly BatchItem[],
  results: readonly (NotifyResult | Failure)[],
  retryAt: (attempts: number) => number,
): void {
  let next = 0;
  for (const item of items) {
    const own = results.slice(next, next + item.count);
    next += item.count;
    const failure = own.find(isFailure);
    if (failure) {
      item.pending.attemptFailed(failure);
      item.notBefore = retryAt(item.pending.attempts);
    } else item.pending.succeed(own.filter(isResult));
  }
}

const isFailure = (item: NotifyResult | Failure): item is Failure => 'error' in item;
const isResult = (item: NotifyResult | Failure): item is NotifyResult => !isFailure(item);

/** Reads `{"results": […]}` for `count` notifications; null if it is anything else. */
function readResults(body: unknown, count: number): (NotifyResult | Failure)[] | null {
  const results = typeof body === 'object' && body !== null && 'results' in body ? body.results : null;
  if (!Array.isArray(results) || results.length !== count) return null;
  const read = results.map(readResult);
  return read.every((result) => result !== null) ? read : null;
}

function readResult(value: unknown): NotifyResult | Failure | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, rev, error, ...marks } = value as Record<string, unknown>;
  if (error !== undefined) return readRefusal(error, 0, 0);
  if (typeof id !== 'string' || typeof rev !== 'number') return null;
  const result: NotifyResult = { id, rev };
  for (const mark of ['duplicate', 'scheduled', 'collapsed'] as const) if (marks[mark] === true) result[mark] = true;
  return result;
}
