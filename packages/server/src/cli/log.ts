import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/log-levels.ts';
import { prettyLines } from '../telemetry/pretty-lines.ts';

/** A log of structured lines, or of readable ones where a person looks on. */
export function createLog(out: NodeJS.WriteStream, level: LogLevel, form: 'structured' | 'by terminal'): Logger {
  const target: DestinationStream = form === 'by terminal' && out.isTTY ? prettyLines(out) : out;
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
