import { type NotificationType, reasonOf, TidingsError } from '@tidings/protocol';
import type { Data, Id } from './functions.ts';

/*
 * Converts the values of applications to those of the wire: text from numbers, dates, errors and objects that have a text of
 * their own (decimals, object ids, lazy translations), and numbers from text.
 */

type Given = Record<string, unknown>;

export const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for an object with a `toString` of its own. */
const hasText = (value: unknown): boolean =>
  isObject(value) && typeof value.toString === 'function' && value.toString !== Object.prototype.toString;

function refusal(name: string, expected: string, value: unknown): TidingsError {
  const got = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a value of type ${typeof value}`;
  return new TidingsError('bad_request', `${name} must be ${expected}; got ${got}`);
}

/** @throws TidingsError `bad_request` for what has no text of its own */
export function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (value instanceof Error) return reasonOf(value);
  if (['number', 'bigint', 'boolean'].includes(typeof value) || hasText(value)) return String(value);
  throw refusal(name, 'text', value);
}

/** The reason of a failure as text; of an object without a text of its own, its JSON. */
export function reasonTextOf(error: unknown): string {
  if (error instanceof Error || typeof error !== 'object' || error === null || hasText(error)) return reasonOf(error);
  const { message } = error as { message?: unknown };
  if (typeof message === 'string') return reasonOf(error);
  try {
    return JSON.stringify(error);
  } catch {
    return reasonOf(error);
  }
}

/** @throws TidingsError `bad_request` for what is no id. The server judges the rest. */
export function idOf(value: unknown, name: string): Id {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint' || hasText(value)) return String(value);
  throw refusal(name, 'an id, text or a whole number', value);
}

/** Reads a number from text, as `"3"`; returns anything else unchanged. */
export function numberOf(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'bigint' && !hasText(value)) return value;
  const text = String(value).trim();
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : value;
}

/** @throws TidingsError `bad_request` for what is no object */
export function dataOf(value: unknown): Data | undefined {
  if (value === undefined || value === null) return undefined;
  const given: unknown = isObject(value) && typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (isObject(given)) return given;
  throw new TidingsError('bad_request', `data must be an object, as { order: 7 }; got ${describe(value)}`);
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
  } catch {
    return typeof value;
  }
}

/** Colours of a toast, and the words that applications have for them. */
const colours: Record<string, NotificationType> = {
  success: 'success',
  error: 'error',
  info: 'info',
  warning: 'warning',
  warn: 'warning',
  danger: 'error',
  critical: 'error',
  fatal: 'error',
  debug: 'info',
};

/** The colour for an application's word; null for a word that names none. */
export function colourOf(word: unknown): NotificationType | null {
  const name = typeof word === 'string' ? word.toLowerCase() : '';
  return Object.hasOwn(colours, name) ? (colours[name] as NotificationType) : null;
}

/** A type that is no colour, as `task_assigned`, is a kind of the application's: blue, and in a category of that name. */
export function kindOf(word: unknown): { notification_type: NotificationType; category?: string } {
  const colour = colourOf(word);
  if (colour) return { notification_type: colour };
  const isName = typeof word === 'string' && word.length <= 64 && /^[A-Za-z][A-Za-z0-9_.:-]*$/.test(word);
  return isName ? { notification_type: 'info', category: word } : { notification_type: 'info' };
}
