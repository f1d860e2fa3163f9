import { retractedRecord } from '../domain/room-events.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { OldEvent, RetentionStore } from '../domain/store/retention.ts';
import { commitInParts } from './parts.ts';

/** Limits of what rooms keep. */
export interface EventLimits {
  /** Events that are older are retracted, ms. */
  age: number;
  /** Events that one room keeps; older ones are retracted. */
  perRoom: number;
}

const atOnce = 500;
const roomsAtOnce = 200;

type EventStore = Pick<RetentionStore, 'revAt' | 'roomEventsBetween' | 'exceedingEvents'> & CommitStore;

/**
 * Keeps the events of rooms within their limits, a bounded part at each step. As with notifications, an event that is to go is retracted
 * at a rev, so that every client removes it; `Retention` forgets the retraction later.
 */
export class EventRetention {
  readonly #store: EventStore;
  readonly #limits: EventLimits;
  /** Up to where everything was looked at for its age. */
  #looked = 0;
  /** The topic of the room that was last looked at for its number; empty before the first. */
  #room = '';

  constructor(store: EventStore, limits: EventLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** @param now epoch milliseconds */
  async step(now: number): Promise<void> {
    await this.#tooOld(now);
    await this.#tooMany(now);
  }

  async #tooOld(now: number): Promise<void> {
    const upTo = await this.#store.revAt(now - this.#limits.age);
    for (let n = 0; n < atOnce && this.#looked < upTo; ) {
      const { events, full } = await this.#store.roomEventsBetween(this.#looked, upTo, atOnce - n);
      await this.#retract(events, now);
      this.#looked = full ? (events.at(-1)?.rev ?? upTo) : upTo;
      n += events.length;
    }
  }

  async #tooMany(now: number): Promise<void> {
    for (let n = 0; n < roomsAtOnce; n++) {
      const found = await this.#store.exceedingEvents(this.#room, this.#limits.perRoom, atOnce);
      this.#room = found?.topic ?? '';
      if (!found) return;
      await this.#retract(found.events, now);
    }
  }

  #retract(events: readonly OldEvent[], now: number): Promise<void> {
    return commitInParts(
      this.#store,
      events.map((event) => retractedRecord(event, now)),
    );
  }
}
