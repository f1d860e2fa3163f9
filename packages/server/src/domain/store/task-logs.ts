import type { TaskLogLevel } from '@tidings/protocol';
import type { StoredRecord } from './records.ts';

/** An entry of the log of a task. */
export interface LogEntry {
  /** `dropped` stands in place of entries that were removed. */
  kind: 'line' | 'chunk' | 'dropped';
  level: TaskLogLevel;
  /** Epoch milliseconds. */
  at: number;
  text: string;
}

/** Entries that were stored together. */
export interface LogBlock {
  /** The numbers of its first and its last entry. That of an entry is its place in the log, counted from 1, without gaps. */
  firstSeq: number;
  seq: number;
  /** The run of the task in which they were written. */
  attempt: number;
  /** One for each number; of entries that were removed one for all. */
  entries: LogEntry[];
}

export interface NewLogBlock {
  task: string;
  attempt: number;
  entries: readonly LogEntry[];
  /** The size for which it counts. */
  bytes: number;
  /** The idempotency key with its scope; null for none. */
  once: string | null;
}

/** Blocks of a log that are to go, whole ones. */
export interface LogRange {
  firstSeq: number;
  seq: number;
  /** The size for which they count together, and what was removed there before. */
  bytes: number;
}

/** The logs of tasks. They take no rev: a log is read by its own numbers. */
export interface TaskLogStore {
  /** The record of a task, and the size of its log as of the same moment. */
  taskLogSize(task: string, recordId: string): Promise<{ record: StoredRecord | null; bytes: number }>;
  /** Adds a block to a log, in an fsynced transaction. @returns the number of its last entry; with `isDuplicate` that of the earlier block with this key */
  addTaskLog(block: NewLogBlock): Promise<{ seq: number; isDuplicate: boolean }>;
  /** The blocks with entries past a number, in order: a page, one at least if there are any; and the record of the task as of the same moment. */
  taskLog(
    task: string,
    recordId: string,
    after: number,
  ): Promise<{ record: StoredRecord | null; blocks: LogBlock[]; full: boolean }>;
  /** The number of the newest entry of each of these logs that has one. */
  taskLogHeads(tasks: readonly string[]): Promise<Map<string, number>>;
  /** The blocks that are neither among the first `head` bytes of a log nor among the last `tail`; null for none. */
  middleOfTaskLog(task: string, sizes: { head: number; tail: number }): Promise<LogRange | null>;
  /** The blocks that were stored before a time; null for none. */
  oldOfTaskLog(task: string, before: number): Promise<LogRange | null>;
  /** Puts one entry in the place of blocks. Where others have removed more, does nothing. */
  dropFromTaskLog(task: string, range: LogRange, entry: LogEntry): Promise<void>;
  /** Tasks whose logs have entries from before a time. */
  oldTaskLogs(before: number, limit: number): Promise<string[]>;
}
