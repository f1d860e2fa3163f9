import type { TaskLogLevel, TaskReport, TaskStart } from '@tidings/protocol';

/** Reads what an application hands over as strictly as what comes over HTTP; each throws TidingsError. */
export interface InputReaders {
  /** Reads the start of a task. */
  start(start: unknown): TaskStart;
  /** Reads a report of a handler. */
  progress(report: unknown): TaskReport;
  /** Reads what a handler adds to the log of its task. */
  log(text: unknown, options: unknown): { text: string; level: TaskLogLevel };
  /** The same of a chunk, which may end in the middle of a character. */
  chunk(text: unknown, options: unknown): { text: string; level: TaskLogLevel };
  /** Reads any JSON. @param what names it in errors */
  json(value: unknown, what: string): unknown;
}
