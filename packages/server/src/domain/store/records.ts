import type { Receipt } from '@tidings/protocol';
import type { Change } from '../writes.ts';

/** A record with what the domain keeps of it. */
export interface StoredRecord extends Change {
  state: string | null;
  status: string | null;
  externalId: string | null;
  category: string;
  collapse: string | null;
  expired: boolean;
  dueAt: number | null;
  /** Epoch milliseconds. */
  at: number;
}

/** A change as one user is sent it on catching up. */
export interface PersonalChange extends Change {
  receipt: Receipt | null;
}

/** A record of which the frame is its body and its rev: all who follow its topic may see it, and the user did nothing with it. */
export interface PlainRecord {
  rev: number;
  /** Its body is a part of these bytes, UTF-8. */
  source: Buffer;
  begin: number;
  end: number;
  /** True if it is on the user's own topic. */
  isPersonal: boolean;
}

/** A page of records. It has fewer than were asked for where they are large, and one at least if there are any. */
export interface RecordPage {
  records: StoredRecord[];
  /** There may be more. */
  full: boolean;
}

/** Records as they are now. */
export interface RecordStore {
  record(id: string): Promise<StoredRecord | null>;
  /** The notifications that are linked to a task, in the order in which they last changed. */
  linkedTo(taskId: string): Promise<StoredRecord[]>;
  /** The number of these. */
  linkCount(taskId: string): Promise<number>;
}

/** The earlier use of an idempotency key. */
export interface UsedKey {
  hash: string;
  /** The record, and its rev when it was stored. */
  id: string;
  rev: number;
}

/** Idempotency keys. */
export interface KeyStore {
  /** The keys of these that were used. */
  usedKeys(keys: readonly string[]): Promise<ReadonlyMap<string, UsedKey>>;
}

export interface TaskQuery {
  owner: string | null;
  status: string | null;
  before: number | null;
  limit: number;
}

/** Lists tasks, the newest change first. */
export interface TaskStore {
  tasks(query: TaskQuery): Promise<RecordPage>;
}

/** Answers, which are records of their own and stay at the rev at which they were given. */
export interface AnswerStore {
  /** Answers past a rev, oldest first: a reader who goes on from the last one's rev misses none. */
  answersAfter(rev: number, limit: number): Promise<RecordPage>;
}
