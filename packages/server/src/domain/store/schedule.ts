import type { RecordPage, StoredRecord } from './records.ts';

/** Lists scheduled notifications, soonest first. */
export interface ScheduledQuery {
  /** Only what is due after this place. */
  after: { dueAt: number; id: string } | null;
  limit: number;
}

/** Notifications that wait for their time. */
export interface ScheduleStore {
  scheduled(query: ScheduledQuery): Promise<RecordPage>;
}

/** Everything that is due by the store's clock. */
export interface DueItems {
  /** The store's clock, epoch milliseconds. */
  now: number;
  records: StoredRecord[];
  snoozed: { userId: string; recordId: string }[];
  /** True if there may be more. */
  full: boolean;
}

/** Finds work by the store's clock, which all nodes share. */
export interface DueItemStore {
  /** Notifications to be released or expired, and snoozes that end, soonest first. Any node may be at the same. */
  dueItems(limit: number): Promise<DueItems>;
}
