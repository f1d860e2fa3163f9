import { retracted } from '../domain/inbox/lifecycle.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { RecordStore, StoredRecord } from '../domain/store/records.ts';
import type { RetentionStore } from '../domain/store/retention.ts';

/** Limits of what is kept. Times in ms. */
export interface RetentionLimits {
  /** Notifications that are older are retracted. */
  age: number;
  /** Notifications that one user, one role or everyone keeps; older ones are retracted. */
  perTopic: number;
  /** Time for which a retraction is remembered: a client that was away for longer starts from a snapshot. */
  retractions: number;
  /** Time for which idempotency keys are remembered. */
  keys: number;
}

const atOnce = 500;
const topicsAtOnce = 200;

/**
 * Keeps the past within bounds, a bounded part at each step. What goes is retracted first, at a rev, so that everybody hears of
 * it; what was retracted long ago is forgotten, and the floor rises over it.
 */
export class Retention {
  readonly #store: RetentionStore & RecordStore & CommitStore;
  readonly #limits: RetentionLimits;
  /** Up to where everything was looked at for its age. */
  #looked = 0;
  /** The topic that was last looked at for its number; empty before the first. */
  #topic = '';

  constructor(store: RetentionStore & RecordStore & CommitStore, limits: RetentionLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** @param now epoch milliseconds */
  async step(now: number): Promise<void> {
    await this.#store.forgetKeys(now - this.#limits.keys, 4 * atOnce);
    await this.#tooOld(now);
    await this.#tooMany(now);
    await this.#store.forgetRetractions(now - this.#limits.retractions, atOnce);
  }

  async #tooOld(now: number): Promise<void> {
    const upTo = await this.#store.revAt(now - this.#limits.age);
    if (upTo <= this.#looked) return;
    const old = await this.#store.notificationsBetween(this.#looked, upTo, atOnce);
    await this.#retract(
      old.filter((record) => record.status !== 'scheduled'),
      now,
    );
    this.#looked = old.length < atOnce ? upTo : (old.at(-1)?.rev ?? upTo);
  }

  async #tooMany(now: number): Promise<void> {
    for (let n = 0; n < topicsAtOnce; n++) {
      const found = await this.#store.exceedingNewest(this.#topic, this.#limits.perTopic, atOnce);
      this.#topic = found?.topic ?? '';
      if (!found) return;
      if (found.ids.length === 0) continue;
      const records = await Promise.all(found.ids.map((id) => this.#store.record(id)));
      const there = records.filter((record): record is StoredRecord => record?.kind === 'notification');
      // A notification with other recipients stays for them.
      await this.#retract(
        there.filter(({ topics }) => topics.length === 1),
        now,
      );
    }
  }

  async #retract(records: readonly StoredRecord[], now: number): Promise<void> {
    if (records.length > 0) await this.#store.commit(records.map((record) => retracted(record, now)));
  }
}
