import { TidingsError } from '@tidings/protocol';
import { explain } from '@tidings/protocol/schemas';
import Type, { type TNumberOptions, type TObject, type TSchema, type TStringOptions } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Body } from './endpoint.ts';

/** Reads one part of a request, or says what is wrong with it: a validator in Fastify's terms. */
export type Reader = (raw: unknown) => { value: unknown } | { error: TidingsError };

/** Reads a body as its schema has it. */
export function bodyReader({ schema, isOptional }: Body): Reader {
  const check = checker(schema, 'the body');
  return reader((raw) => check(isOptional ? (raw ?? {}) : raw));
}

/**
 * Reads the values of a path or a query string: whole numbers and booleans from their text, as the schema has them. An empty
 * value counts as absent. Names that neither the schema nor `others` has are refused; with null they are ignored.
 */
export function textReader({ properties }: TObject, others: readonly string[] | null = []): Reader {
  const readers = Object.entries(properties).map(([name, schema]) => ({
    name,
    isOptional: Type.IsOptional(schema),
    read: readerOf(name, schema),
  }));
  const expected = readers.length === 0 ? 'it takes none' : `it takes ${Object.keys(properties).join(', ')}`;
  return reader((raw) => {
    const texts = raw as Record<string, string | string[] | undefined>;
    const values: Record<string, unknown> = {};
    const stray =
      others && Object.keys(texts).find((name) => !Object.hasOwn(properties, name) && !others.includes(name));
    if (stray) throw wrong(`there is no ${quote(stray)} in the query of this call; ${expected}`);
    for (const { name, isOptional, read } of readers) {
      const text = texts[name];
      if (Array.isArray(text)) throw wrong(`"${name}" is there ${text.length} times; give it once`);
      if (text) values[name] = read(text);
      else if (!isOptional) throw wrong(`"${name}" is needed`);
    }
    return values;
  });
}

const reader =
  (read: (raw: unknown) => unknown): Reader =>
  (raw) => {
    try {
      return { value: read(raw) };
    } catch (error) {
      return { error: error as TidingsError };
    }
  };

/** Reads one text. Throws TidingsError. */
type ReadText = (text: string) => unknown;

function readerOf(name: string, schema: TSchema): ReadText {
  const literals = literalsOf(schema);
  if (literals) return (text) => oneOf(name, literals, text);
  const bounds = schema as TNumberOptions & TStringOptions;
  if (Type.IsInteger(schema)) return (text) => wholeNumber(name, bounds, text);
  if (Type.IsBoolean(schema)) return (text) => oneOf(name, ['true', 'false'], text) === 'true';
  if (Type.IsString(schema)) {
    const check = checker(schema, `"${name}"`);
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = bounds;
    return (text) => {
      if (text.length >= minLength && text.length <= maxLength) return check(text);
      throw wrong(`"${name}" must have ${minLength} to ${maxLength} characters; got ${text.length}`);
    };
  }
  throw new Error(`a query or path cannot carry "${name}" as its schema has it`);
}

function literalsOf(schema: TSchema): string[] | null {
  if (!Type.IsUnion(schema) || !schema.anyOf.every(Type.IsLiteral)) return null;
  return schema.anyOf.map((literal) => String((literal as { const: unknown }).const));
}

function oneOf(name: string, allowed: readonly string[], text: string): string {
  if (allowed.includes(text)) return text;
  const last = allowed.at(-1) as string;
  const named = allowed.length > 1 ? `${allowed.slice(0, -1).join(', ')} or ${last}` : last;
  throw wrong(`"${name}" must be ${named}; got ${quote(text)}`);
}

function wholeNumber(
  name: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: TNumberOptions,
  text: string,
): number {
  if (!/^\d{1,16}$/.test(text)) throw wrong(`"${name}" must be a whole number; got ${quote(text)}`);
  const value = Number(text);
  if (value >= Number(minimum) && value <= Number(maximum)) return value;
  throw wrong(`"${name}" must be ${minimum} to ${maximum}; got ${text}`);
}

/** Holds a value to a schema, which is compiled when it is first needed. Throws `bad_request`. */
export function checker(schema: TSchema, what: string): (value: unknown) => unknown {
  let validator: Validator | undefined;
  return (value) => {
    validator ??= Compile(schema);
    if (validator.Check(value)) return value;
    throw wrong(explain(validator.Errors(value), value, what));
  };
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 60));
const wrong = (message: string): TidingsError => new TidingsError('bad_request', message);

/** Refuses a body if none is read, but for the `{}` that some clients send with every call. */
export const noBody = bodyReader({
  schema: Type.Object({}, { additionalProperties: false }),
  ...{ checkedBy: 'route', isOptional: true, examples: {} },
});
