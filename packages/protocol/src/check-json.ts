import { TidingsError } from './errors.ts';
import { reasonOf } from './thrown.ts';

const lost = [Map, Set, WeakMap, WeakSet, Promise, RegExp, Error];

/** Names what JSON would drop or change in a value, or fail on; null for a value that it carries unchanged. */
function flaw(value: unknown): string | null {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? null : `${value}; send a finite number or null`;
    case 'bigint':
      return 'a bigint; send it as a string';
    case 'function':
    case 'symbol':
      return `a ${typeof value}; leave it out`;
    case 'object': {
      if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date; send a valid one or null';
      const kind = lost.find((type) => value instanceof type);
      return kind ? `a ${kind.name}; send a plain object, array or string made of it` : null;
    }
    default:
      return null;
  }
}

const refuse = (place: string, what: string) =>
  new TidingsError('bad_request', `${place} cannot be sent as JSON: it is ${what}`);

function check(value: unknown, place: string, above: Set<object>): void {
  const wrong = flaw(value);
  if (wrong) throw refuse(place, wrong);
  if (typeof value !== 'object' || value === null) return;
  if (above.has(value)) throw refuse(place, 'a cycle (it holds itself); send a tree');
  above.add(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    check(value.toJSON(), place, above);
  } else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) {
      if (member === undefined) throw refuse(`${place}[${index}]`, 'undefined; send null');
      check(member, `${place}[${index}]`, above);
    }
  } else {
    for (const [name, member] of Object.entries(value)) check(member, place ? `${place}.${name}` : name, above);
  }
  above.delete(value);
}

/**
 * Refuses values that JSON cannot carry (NaN, cycles, bigints, functions, Maps, …), and names their path. Members that are `undefined` are
 * left out, as JSON does.
 *
 * @throws TidingsError `bad_request`
 */
export function checkJson(value: unknown, place = ''): void {
  try {
    check(value, place, new Set());
  } catch (error) {
    if (error instanceof TidingsError) throw error;
    if (error instanceof RangeError) throw refuse(place || 'the input', 'nested too deeply; flatten it');
    // A getter or toJSON of the caller's that throws.
    throw new TidingsError('bad_request', `${place || 'the input'} could not be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
