/** Levels to which JSON may be nested; beyond them, writing it again could exhaust the stack. */
const deepest = 100;

/** Something in a JSON text that JSON.parse accepts and changes silently. */
export interface JsonFault {
  /** A whole sentence, with the place. */
  message: string;
  /** The item that has it, counted from 0, where the text is an array. */
  index?: number;
}

/**
 * Finds the first thing in a JSON text that its value has lost or changed: a second member of one name, a number that a double does
 * not hold (RFC 8259 leaves both open), the name `__proto__`, and nesting past 100 levels. Null if there is nothing. `value`
 * is what JSON.parse made of the text, and `what` names it in the message.
 */
export function jsonFault(text: string, value: unknown, what: string): JsonFault | null {
  const members = quickCount(text);
  return members !== null && members === countMembers(value) ? null : findFault(text, what);
}

const [quote, colon, comma, backslash] = [0x22, 0x3a, 0x2c, 0x5c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const [minus, dot, zero, nine, exponent, largeExponent] = [0x2d, 0x2e, 0x30, 0x39, 0x65, 0x45];

/** Characters of a number without exponent that a double always holds exactly. */
const surelyHeld = 15;

/** Counts the members of a text; null if it needs the slow search. Most texts cost no more than this. */
function quickCount(text: string): number | null {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === quote) i = endOfString(text, i);
    else if (char === colon) members++;
    else if (char === openObject || char === openArray) {
      if (++depth > deepest) return null;
    } else if (char === closeObject || char === closeArray) depth--;
    else if (isDigit(char) || char === minus) {
      const end = endOfDigits(text, i);
      if (end - i > surelyHeld || isExponent(text.charCodeAt(end))) return null;
      i = end - 1;
    }
  }
  return members;
}

/** Counts all members of a value; -1 if it needs the slow search. The value is no deeper than `deepest`. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  // Object.entries would make a name for each of perhaps 100,000 items.
  if (Array.isArray(value)) for (const item of value) count += countMembers(item);
  else {
    for (const name in value) {
      if (name === '__proto__') return -1;
      count += 1 + countMembers((value as Record<string, unknown>)[name]);
    }
  }
  return count;
}

/** One open array or object. */
interface Level {
  /** The names of an object so far; null for an array. */
  names: Set<string> | null;
  /** The member or item that is read now. */
  at: string | number;
}

/** The slow search: reads the text once more, with the places. */
function findFault(text: string, what: string): JsonFault | null {
  const fault = (message: string) => faultAt(levels, message, what);
  const levels: Level[] = [];
  let isName = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    const level = levels.at(-1);
    if (char === quote) {
      const end = endOfString(text, i);
      if (level?.names && isName) {
        level.at = JSON.parse(text.slice(i, end + 1)) as string;
        if (level.at === '__proto__') return fault('is a name that is refused; choose another');
        if (level.names.has(level.at)) return fault('is there twice; give it once');
        level.names.add(level.at);
        isName = false;
      }
      i = end;
    } else if (char === openObject || char === openArray) {
      if (levels.length === deepest) {
        return { message: `${what} may be nested ${deepest} levels deep; this one is deeper` };
      }
      isName = char === openObject;
      levels.push({ names: isName ? new Set() : null, at: 0 });
    } else if (char === closeObject || char === closeArray) levels.pop();
    else if (char === comma && level) {
      isName = level.names !== null;
      if (!isName) level.at = Number(level.at) + 1;
    } else if (isDigit(char) || char === minus) {
      const literal = numberAt(text, i);
      if (!isHeld(literal)) return fault(`${notHeld}; got ${literal.slice(0, 60)}`);
      i += literal.length - 1;
    }
  }
  return null;
}

const notHeld = 'must be a number that a double (IEEE 754) holds as it is, or text';

function faultAt(levels: readonly Level[], message: string, what: string): JsonFault {
  const path = levels.map(({ at }) => at);
  const [first] = path;
  const isItem = typeof first === 'number' && path.length > 1;
  const place = (isItem ? path.slice(1) : path).join('.') || what;
  return isItem ? { message: `item ${first}: ${place} ${message}`, index: first } : { message: `${place} ${message}` };
}

/** True if a double keeps a number: written in the fewest digits, or in as many as were given, it is the same. */
function isHeld(literal: string): boolean {
  const digits = significant(literal);
  if (digits === '') return true;
  const value = Number(literal);
  // The longest double in full has 309 digits before its point.
  if (!Number.isFinite(value) || literal.length > 400) return false;
  if (withoutZeros(significant(String(value))) === withoutZeros(digits)) return true;
  const isWhole = /^-?\d+$/.test(literal);
  return !isWhole && digits.length <= 100 && significant(value.toPrecision(digits.length)) === digits;
}

function numberAt(text: string, start: number): string {
  const pattern = /[-+.\deE]+/y;
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0] as string;
}

/** The digits of a number from the first that is not zero, without point and exponent. */
const significant = (literal: string): string => literal.replace(/e.*$/i, '').replace(/[-.]/g, '').replace(/^0+/, '');

const withoutZeros = (digits: string): string => digits.replace(/0+$/, '');

const isDigit = (char: number): boolean => char >= zero && char <= nine;
const isExponent = (char: number): boolean => char === exponent || char === largeExponent;

/** The place after the digits that begin at a place, with their sign and point. */
function endOfDigits(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const char = text.charCodeAt(i);
    if (!isDigit(char) && char !== dot) return i;
  }
}

/** The quotation mark that ends the string which begins at a place. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
}
