import {
  checkJson,
  type TaskLogLevel as LogLevel,
  type TaskReport,
  type TaskStart,
  TidingsError,
  withoutOuterHalves,
} from '@tidings/protocol';
import {
  jsonFault,
  TaskReport as ReportSchema,
  TaskStart as StartSchema,
  TaskLogLevel,
} from '@tidings/protocol/schemas';
import Type from 'typebox';
import { checkText, parser } from '../../commands/refuse.ts';

/** The most bytes of an input, the same as of a body over HTTP. */
const mostBytes = 1_048_576;

/**
 * A copy of what code in the server's own process hands over, as JSON has it, within the bounds of a body over HTTP.
 *
 * @param what names it in errors
 * @throws TidingsError `bad_request`, `payload_too_large`
 */
export function copyOf(value: unknown, what: string): unknown {
  const text = encoded(value, what);
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) {
    const message = `${what} has ${bytes} bytes as JSON, more than 1 MiB; keep what is large elsewhere, and send its address`;
    throw new TidingsError('payload_too_large', message);
  }
  const copy: unknown = JSON.parse(text);
  const fault = jsonFault(text, copy, what);
  if (fault) throw new TidingsError('bad_request', fault.message);
  return copy;
}

/** The same of any value, after a check that JSON carries it as it is, and every database its text. */
export function readJson(value: unknown, what: string): unknown {
  const given = value ?? null;
  checkJson(given, what);
  const copy = copyOf(given, what);
  checkText({ [what]: copy });
  return copy;
}

/** JSON of a value that was checked already, which may fail when it is read again. */
function encoded(value: unknown, what: string): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (cause) {
    throw new TidingsError('bad_request', `${what} could not be written as JSON`, { cause });
  }
}

const { message, progress, step, step_number, total_steps, data } = ReportSchema.properties;
const ProgressSchema = Type.Object(
  { message, progress, step, step_number, total_steps, data },
  { additionalProperties: false },
);
const parseProgress = parser<TaskReport>(ProgressSchema, 'a report of progress');
const parseStart = parser<TaskStart>(StartSchema, 'a task');

/** Reads a report of a handler on its task: how far it is, and nothing that ends it. Throws TidingsError. */
export const readProgress = (report: unknown): TaskReport => parseProgress(readJson(report, 'progress'));

const LogOptions = Type.Object({ level: Type.Optional(TaskLogLevel) }, { additionalProperties: false });
const parseLogOptions = parser<{ level?: LogLevel }>(LogOptions, 'the options of log() and stream()');

/** Reads what a handler adds to the log of its task. Throws TidingsError. */
export function readLog(text: unknown, options: unknown = {}): { text: string; level: LogLevel } {
  const read = readChunk(text, options);
  checkText({ text: read.text });
  return read;
}

/** The same of a chunk, which may begin or end with half of a character. */
export function readChunk(text: unknown, options: unknown = {}): { text: string; level: LogLevel } {
  if (typeof text !== 'string') {
    throw new TidingsError(
      'bad_request',
      `log() and stream() need a text; got ${text === null ? 'null' : typeof text}`,
    );
  }
  const { level = 'info' } = parseLogOptions(options);
  checkText({ text: withoutOuterHalves(text) });
  return { text, level };
}

/** Reads the start of a task by this process. Throws TidingsError. */
export const readStart = (start: unknown): TaskStart => parseStart(readJson(start, 'task'));
