import type { Call } from './exchange.ts';

/** A call that changes something, and how its answer is read. */
export interface Change<T> {
  call: Call;
  /** Its idempotency key; empty for what may be repeated anyhow. */
  key: string;
  read(body: unknown): T | null;
  /**
   * This change with what an earlier one asks for, to be sent in place of both; null where each must be sent.
   *
   * @param before the change of the same thing that was sent ahead of both; null where there was none, or it is not known
   */
  mergedWith?(earlier: Change<T>, before: Change<T> | null): Change<T> | null;
}
