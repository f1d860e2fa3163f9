import type { ErrorCode } from '@tidings/protocol';
import type { Head } from '../../domain/store/history.ts';
import type { Applied, Attempt, WriteGroup } from '../engine.ts';
import type { AnyRow, ReadStep, Step } from '../steps.ts';
import type { PackedRows } from './packed-rows.ts';
import type { SqliteStatements } from './statements.ts';

/** The data that each thread gets at its start. */
export interface ThreadData {
  path: string;
  statements: SqliteStatements;
}

/** Requests of the store to its threads, and their answers. Each request is answered once, under its `id`. Requests, and the writer's answers, are sent as JSON. */
export type WriterRequest =
  | { id: number; do: 'apply'; groups: readonly WriteGroup[] }
  | { id: number; do: 'delivered'; marks: readonly [string, number][] }
  | { id: number; do: 'write'; steps: readonly Step[] }
  | { id: number; do: 'forgetRetractions'; before: number; limit: number }
  | { id: number; do: 'rehearse'; attempt: Attempt }
  | { id: number; do: 'probe' }
  | { id: number; do: 'head' }
  | { id: number; do: 'close' };

/** Messages to the reader: a list of requests as JSON, or that its last answers, which were large, were taken. */
export type ReaderMessage = `[${string}]` | 'taken' | 'close';

export interface ReaderRequest {
  id: number;
  steps: readonly ReadStep[];
}

/** An error that crosses from a thread, in words of ours. */
export interface ThreadError {
  code: ErrorCode;
  message: string;
  /** The words of the database, or of a fault of ours, for the log. */
  cause?: string;
  /** The code by which the database refused a transaction, and whether it would refuse others. */
  refusal?: { reason: string; isGeneral: boolean };
}

export type Answer<T> = { id: number; ok: T } | { id: number; error: ThreadError };

/** The first message of the writer: the database is open, or why it is not. */
export type Opened = { opened: Head } | { failed: ThreadError };

export type WriterAnswer = Answer<Applied | AnyRow[][] | Head | number | null>;
export type ReaderAnswer = Answer<PackedRows[]>;

/** Answers of the reader. It goes on when a message says that large ones were taken. */
export interface ReaderAnswers {
  answers: ReaderAnswer[];
  isLarge: boolean;
}
