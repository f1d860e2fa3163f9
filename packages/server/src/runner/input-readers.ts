import type { TaskReport, TaskStart } from '@tidings/protocol';

/** Reads what an application hands over as strictly as what comes over HTTP; each throws TidingsError. */
export interface InputReaders {
  /** Reads the start of a task. */
  start(start: unknown): TaskStart;
  /** Reads a report of a handler. */
  progress(report: unknown): TaskReport;
  /** Reads any JSON. @param what names it in errors */
  json(value: unknown, what: string): unknown;
}
