import type { LogEntry, LogRange } from './store/task-logs.ts';

/** The entry that stands for entries of a log that are removed. @param at when that is, epoch milliseconds */
export const droppedEntry = ({ bytes }: Pick<LogRange, 'bytes'>, reason: string, at: number): LogEntry => ({
  ...{ kind: 'dropped', level: 'warn', at },
  text: `${bytes} bytes of the log were removed here: ${reason}`,
});
