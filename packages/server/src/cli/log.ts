import type { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/log-levels.ts';
import { prettyLines } from '../telemetry/pretty-lines.ts';

/** The most that waits for the reader of a log, bytes. */
const mostWaiting = 1_048_576;

/** A log of structured lines, or of readable ones where a person looks on. */
export function createLog(out: NodeJS.WriteStream, level: LogLevel, form: 'structured' | 'by terminal'): Logger {
  const target: DestinationStream = form === 'by terminal' && out.isTTY ? prettyLines(out) : patientLines(out);
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
}

/** Leaves lines out while they cannot be written, since the reader stands still or the disk is full; then says how many. */
function patientLines(out: Writable): DestinationStream {
  let leftOut = 0;
  const put = (text: string, lines: number): void => {
    out.write(text, (error) => {
      if (error) leftOut += lines;
    });
  };
  return {
    write(line) {
      if (out.writableLength > mostWaiting) {
        leftOut++;
        return;
      }
      const before = leftOut;
      leftOut = 0;
      // A full disk may have taken a part of the last line.
      if (before > 0) put(`\n${noteOf(before)}\n`, before);
      put(line, 1);
    },
  };
}

const noteOf = (lines: number): string =>
  JSON.stringify({
    level: 'warn',
    time: new Date().toISOString(),
    lines,
    msg: 'lines of this log were left out: they could not be written',
  });
