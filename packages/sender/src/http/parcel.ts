import type { NotifyInput, NotifyResult } from '@tidings/protocol';
import type { Clock } from '../clock.ts';
import { type Failure, readRefusal } from './failure.ts';
import { type Lanes, lanesOf } from './lanes.ts';
import { Pending } from './pending.ts';

/** What travels together or not at all: one notification, or an atomic group of them. Encoded once, for every attempt. */
export interface Parcel {
  kind: 'single' | 'atomic';
  /** The items' JSON, joined by commas. */
  json: string;
  bytes: number;
  /** How many notifications it holds. */
  items: number;
  lanes: Lanes;
  /** By the clock: not to be sent again before. */
  notBefore: number;
  /** One result for each item. */
  pending: Pending<NotifyResult[]>;
}

export interface ParcelOptions {
  clock: Clock;
  timeoutMs: number;
  newKey(): string;
  obstacle(): Failure | null;
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

/** @param items one for a single, any number for an atomic group; all keep the key they have or get one here */
export function createParcel(kind: Parcel['kind'], items: readonly NotifyInput[], options: ParcelOptions): Parcel {
  const keyed = items.map((item) => ({ ...item, idempotency_key: item.idempotency_key ?? options.newKey() }));
  const json = keyed.map((item) => JSON.stringify(item)).join(',');
  const each = items.map(lanesOf);
  const key = keyed.map((item) => item.idempotency_key).join('", "');
  return {
    kind,
    json,
    bytes: utf8Length(json),
    items: items.length,
    lanes: { names: [...new Set(each.flatMap((lanes) => lanes.names))], wide: each.some((lanes) => lanes.wide) },
    notBefore: 0,
    pending: new Pending(options.clock, options.timeoutMs, key, options.obstacle),
  };
}

function readItem(value: unknown): NotifyResult | Failure | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, rev, error, ...marks } = value as Record<string, unknown>;
  if (error !== undefined) return readRefusal(error, 0, 0);
  if (typeof id !== 'string' || typeof rev !== 'number') return null;
  const result: NotifyResult = { id, rev };
  for (const mark of ['duplicate', 'scheduled', 'collapsed'] as const) if (marks[mark] === true) result[mark] = true;
  return result;
}

export const isFailure = (item: NotifyResult | Failure): item is Failure => 'error' in item;
export const isResult = (item: NotifyResult | Failure): item is NotifyResult => !isFailure(item);

/** Reads `{"results": […]}` for `count` items; null where it is anything else. */
export function readResults(body: unknown, count: number): Array<NotifyResult | Failure> | null {
  const results = typeof body === 'object' && body !== null && 'results' in body ? body.results : null;
  if (!Array.isArray(results) || results.length !== count) return null;
  const items = results.map(readItem);
  return items.every((item) => item !== null) ? items : null;
}
