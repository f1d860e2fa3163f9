import { checkJson, TidingsError } from '@tidings/protocol';

/**
 * Refuses what is no object, and what JSON cannot carry.
 *
 * @throws TidingsError `bad_request`
 */
export function checkInput(input: unknown, name: string): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new TidingsError('bad_request', `${name} needs an object; got ${input === null ? 'null' : typeof input}`);
  }
  checkJson(input);
}
