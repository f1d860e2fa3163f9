import { TidingsError } from '@tidings/protocol';
import { defaultLimits, type Limits } from './options.ts';

const day = 86_400_000;

/**
 * The limits that hold. One that is undefined has its default.
 *
 * @param nameOf what a limit is called in an error. Default: as an option, `limits.pageSize`
 * @throws TidingsError `bad_request` for a limit that is no number, and for a spread of returns that clients could not wait for
 */
export function limitsOf(given: Partial<Limits> = {}, nameOf = (name: string) => `limits.${name}`): Limits {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(set) };
  const { restartSpreadMs: spread } = limits;
  if (!(spread >= 0 && spread <= day)) {
    const message = `${nameOf('restartSpreadMs')} must be a number from 0 to ${day}, a day: clients come back within it; got ${spread}`;
    throw new TidingsError('bad_request', message);
  }
  for (const [name, value] of set) checkNumber(nameOf(name), value);
  return limits;
}

/** A limit of NaN, as of an environment variable that is not set, would refuse everything or nothing. */
function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  const got = typeof value === 'number' ? value : JSON.stringify(value);
  throw new TidingsError('bad_request', `${name} must be a number, 0 or more; got ${got}`);
}
