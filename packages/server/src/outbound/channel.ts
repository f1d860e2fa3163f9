import type { Delivery, NewDelivery } from '../domain/deliveries.ts';
import type { RecordPage, StoredRecord } from '../domain/store/records.ts';

/** A way out of the server: which changes concern it, what is sent to whom for each, and how. */
export interface Channel {
  /** Also the name of its consumer. */
  readonly name: string;
  /** Changes past a rev, in rev order. */
  changesAfter(rev: number, limit: number): Promise<RecordPage>;
  /** The same for the same change: ids keep a delivery from being stored twice. */
  deliveriesOf(change: StoredRecord): NewDelivery[];
  /** Sends one, at least once. Never throws. */
  send(delivery: Delivery, signal: AbortSignal): Promise<Sent>;
  /** Tells in the log what became of an attempt that failed; knows what of a target may be shown there. */
  report(delivery: Delivery, failure: DeliveryFailure): void;
}

export type Sent = { outcome: 'arrived' } | FailedAttempt;

export interface FailedAttempt {
  outcome: 'failed' | 'gone';
  reason: string;
  /** Time that the receiver asks to wait, ms. */
  waitMs?: number;
}

export interface DeliveryFailure {
  reason: string;
  /** In how many ms it is tried again; null: it was given up. */
  againInMs: number | null;
}
