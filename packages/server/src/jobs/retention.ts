import { retracted } from '../domain/inbox/lifecycle.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { RecordStore } from '../domain/store/records.ts';
import type { RetentionStore } from '../domain/store/retention.ts';
import type { PutWrite } from '../domain/writes.ts';
import { commitInParts } from './parts.ts';

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
 * Keeps the history within its limits, a bounded part at each step. A notification that is to go is retracted first, at a rev, so that
 * every client removes it. Old retractions are forgotten, and the floor is raised over them.
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
    await this.#forget(now - this.#limits.retractions);
  }

  async #tooOld(now: number): Promise<void> {
    const upTo = await this.#store.revAt(now - this.#limits.age);
    for (let n = 0; n < atOnce && this.#looked < upTo; ) {
      const { records, full } = await this.#store.notificationsBetween(this.#looked, upTo, atOnce - n);
      const old = records.filter(({ status }) => status !== 'scheduled');
      await commitInParts(
        this.#store,
        old.map((record) => retracted(record, now)),
      );
      this.#looked = full ? (records.at(-1)?.rev ?? upTo) : upTo;
      n += records.length;
    }
  }

  async #tooMany(now: number): Promise<void> {
    for (let n = 0; n < topicsAtOnce; n++) {
      const found = await this.#store.exceedingNewest(this.#topic, this.#limits.perTopic, atOnce);
      this.#topic = found?.topic ?? '';
      if (!found) return;
      const writes: PutWrite[] = [];
      // One after the other, since they may be large. A notification with other recipients stays for them.
      for (const id of found.ids) {
        const record = await this.#store.record(id);
        if (record?.kind === 'notification' && record.topics.length === 1) writes.push(retracted(record, now));
      }
      await commitInParts(this.#store, writes);
    }
  }

  async #forget(before: number): Promise<void> {
    for (let left = atOnce; left > 0; ) {
      const forgotten = await this.#store.forgetRetractions(before, left);
      if (forgotten === 0) return;
      left -= forgotten;
    }
  }
}
