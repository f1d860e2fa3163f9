import type { RecordPage } from './records.ts';

/** An event of a room that has become too old, or too much. */
export interface OldEvent {
  id: string;
  rev: number;
  topics: readonly string[];
}

/** Finds what is too old or too much, and forgets what nobody needs any more. Each call does a bounded part. */
export interface RetentionStore {
  /** Notifications, and answers, that were last changed in `after..upTo`, oldest first. */
  notificationsBetween(after: number, upTo: number, limit: number): Promise<RecordPage>;
  /** The rev that had been reached at a time, epoch milliseconds, to the minute; 0 if that is not known. */
  revAt(at: number): Promise<number>;
  /** Of the topic that comes after `topic` by name, what is not among its `newest` notifications; null if none comes. */
  exceedingNewest(topic: string, newest: number, limit: number): Promise<{ topic: string; ids: string[] } | null>;
  /** Events of rooms that were sent in the revs `after..upTo`, oldest first. */
  roomEventsBetween(after: number, upTo: number, limit: number): Promise<{ events: OldEvent[]; full: boolean }>;
  /**
   * Of the room that comes after the one of a topic by name, what is not among its newest events; null if none comes.
   *
   * @param newestOf how many events a room keeps, by its topic
   */
  exceedingEvents(
    topic: string,
    newestOf: (topic: string) => number,
    limit: number,
  ): Promise<{ topic: string; events: OldEvent[] } | null>;
  /** Forgets retractions from before a time, fewer where they are large, and raises the floor over them in the same transaction. @returns how many */
  forgetRetractions(before: number, limit: number): Promise<number>;
  /** Forgets idempotency keys from before a time. */
  forgetKeys(before: number, limit: number): Promise<void>;
}
