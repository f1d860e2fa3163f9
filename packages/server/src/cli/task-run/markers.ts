import { TidingsError } from '@tidings/protocol';

/** A line of a program that says how far it is, or what came of it. Other lines are text. */
export type Marker =
  | { kind: 'progress'; progress: number; message?: string }
  | { kind: 'step'; step_number: number; total_steps?: number; step: string }
  | { kind: 'result'; result: unknown }
  | { kind: 'text'; text: string };

/**
 * Reads a line: `::progress 45 Reading`, `::step 2/5 Reading`, `::result {"rows": 3}`, or text. A marker begins in the first column;
 * `\::progress 45` is text, without the backslash. Throws `bad_request` for a marker that cannot be read.
 */
export function readMarker(line: string): Marker {
  if (line.startsWith('\\::')) return { kind: 'text', text: line.slice(1) };
  const [, name, rest = ''] = /^::(progress|step|result)(?:\s+(.*))?$/s.exec(line) ?? [];
  if (name === 'progress') return progressOf(rest.trim());
  if (name === 'step') return stepOf(rest.trim());
  if (name === 'result') return resultOf(rest);
  return { kind: 'text', text: line };
}

function progressOf(rest: string): Marker {
  const [, percent = '', message = ''] = /^(\d{1,3}(?:\.\d+)?)\s?%?(?:\s+(.*))?$/s.exec(rest) ?? [];
  const progress = Number(percent);
  if (percent === '' || progress > 100) {
    throw new TidingsError('bad_request', `"::progress" is followed by 0 to 100, as "::progress 45 Reading"`);
  }
  return { kind: 'progress', progress, ...(message === '' ? {} : { message }) };
}

function stepOf(rest: string): Marker {
  const [, number, total, step = ''] = /^(\d{1,6})(?:\s?\/\s?(\d{1,6}))?(?:\s+(.*))?$/s.exec(rest) ?? [];
  if (number === undefined || Number(number) < 1) {
    throw new TidingsError('bad_request', `"::step" is followed by its number, as "::step 2/5 Reading"`);
  }
  const total_steps = total === undefined ? {} : { total_steps: Number(total) };
  return { kind: 'step', step_number: Number(number), ...total_steps, step };
}

function resultOf(rest: string): Marker {
  try {
    return { kind: 'result', result: JSON.parse(rest) };
  } catch {
    throw new TidingsError('bad_request', `"::result" is followed by JSON on the same line, as ::result {"rows": 3}`);
  }
}
