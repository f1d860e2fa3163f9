import { reasonOf, TidingsError } from '@tidings/protocol';
import { explain, unstorable } from '@tidings/protocol/schemas';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

/** Makes a parser of bodies: returns what fits the schema, throws `bad_request` that says what was expected. */
export function parser<T>(schema: TSchema, what: string): (value: unknown, index?: number) => T {
  let validator: Validator | undefined;
  return (value, index) => {
    validator ??= Compile(schema);
    const place = index === undefined ? '' : `item ${index}: `;
    if (!validator.Check(value)) {
      throw new TidingsError('bad_request', place + explain(validator.Errors(value), value, what), { index });
    }
    checkText(value, { place, index });
    return value as T;
  };
}

/** Refuses text that not every database and peer keeps, wherever it stands in a value whose schema leaves room for it. */
export function checkText(
  value: unknown,
  { place = '', index }: { place?: string; index?: number | undefined } = {},
): void {
  const found = unstorable(value);
  if (!found) return;
  const got = JSON.stringify(found.text.slice(0, 60));
  const message = `${place}${found.place} must be text without NUL and without halves of surrogate pairs; got ${got}`;
  throw new TidingsError('bad_request', message, { index });
}

/** True if nothing can be stored since the disk is full. */
export const isStorageFull = (error: unknown): boolean =>
  error instanceof TidingsError && error.code === 'storage_full';

/** Any failure as the one error: what is not one of ours is the server's own. */
export const asTidingsError = (error: unknown): TidingsError =>
  error instanceof TidingsError
    ? error
    : new TidingsError('internal', `the server failed: ${reasonOf(error)}`, { cause: error });

/** The answer to what does not exist and to what is somebody else's: the same, so that a caller cannot distinguish them. */
export const notFound = (what: string, id: string): TidingsError =>
  new TidingsError('not_found', `there is no ${what} ${JSON.stringify(id.slice(0, 256))}, or it is not yours`);
