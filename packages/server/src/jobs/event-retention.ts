import { retractedRecord } from '../domain/room-events.ts';
import { parseRoom, roomOfTopic } from '../domain/rooms.ts';
import type { CommitStore } from '../domain/store/commits.ts';
import type { OldEvent, RetentionStore } from '../domain/store/retention.ts';
import { commitInParts } from './parts.ts';

/** Limits of what rooms keep. */
export interface EventLimits {
  /** Events that are older are retracted, ms. */
  age: number;
  /** Events that one room keeps; older ones are retracted. */
  perRoom: number;
  /** In place of `age`, for rooms of some kinds, by kind. */
  ageOfKind?: Readonly<Record<string, number>> | undefined;
  /** In place of `perRoom`, for rooms of some kinds, by kind. */
  perRoomOfKind?: Readonly<Record<string, number>> | undefined;
}

const atOnce = 500;
const roomsAtOnce = 200;

/** The number that a table has for the kind of a room, by the topic of the room. */
function ofKind(table: Readonly<Record<string, number>> = {}, topic: string): number | undefined {
  const kind = parseRoom(roomOfTopic(topic))?.kind ?? '';
  return Object.hasOwn(table, kind) ? table[kind] : undefined;
}

type EventStore = Pick<RetentionStore, 'revAt' | 'roomEventsBetween' | 'exceedingEvents'> & CommitStore;

/**
 * Keeps the events of rooms within their limits, a bounded part at each step. As with notifications, an event that is to go is retracted
 * at a rev, so that every client removes it; `Retention` forgets the retraction later.
 */
export class EventRetention {
  readonly #store: EventStore;
  readonly #limits: EventLimits;
  /** By age limit, the rev up to which all events were checked for it. */
  readonly #checked = new Map<number, number>();
  /** The topic of the room whose events were last counted; empty before the first. */
  #room = '';

  constructor(store: EventStore, limits: EventLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** @param now epoch milliseconds */
  async step(now: number): Promise<void> {
    const ages = new Set([this.#limits.age, ...Object.values(this.#limits.ageOfKind ?? {})]);
    for (const age of ages) await this.#tooOld(age, now);
    await this.#tooMany(now);
  }

  /** Retracts events that are older than an age, in rooms of the kinds that have this limit. */
  async #tooOld(age: number, now: number): Promise<void> {
    const upTo = await this.#store.revAt(now - age);
    for (let n = 0; n < atOnce; ) {
      const checked = this.#checked.get(age) ?? 0;
      if (checked >= upTo) return;
      const { events, full } = await this.#store.roomEventsBetween(checked, upTo, atOnce - n);
      await this.#retract(
        events.filter(({ topics }) => this.#ageOf(topics[0] as string) === age),
        now,
      );
      this.#checked.set(age, full ? (events.at(-1)?.rev ?? upTo) : upTo);
      n += events.length;
    }
  }

  #ageOf = (topic: string): number => ofKind(this.#limits.ageOfKind, topic) ?? this.#limits.age;
  #mostOf = (topic: string): number => ofKind(this.#limits.perRoomOfKind, topic) ?? this.#limits.perRoom;

  async #tooMany(now: number): Promise<void> {
    for (let n = 0; n < roomsAtOnce; n++) {
      const found = await this.#store.exceedingEvents(this.#room, this.#mostOf, atOnce);
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
