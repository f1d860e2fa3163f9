import { TidingsError } from '@tidings/protocol';
import { defaultLimits, type Limits } from './options.ts';

const day = 86_400_000;

/**
 * The limits that hold.
 *
 * @throws TidingsError `bad_request` for a spread of returns that clients could not wait for
 */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits, ...given };
  const { restartSpreadMs: spread } = limits;
  if (spread >= 0 && spread <= day) return limits;
  const message = `limits.restartSpreadMs must be a number from 0 to ${day}, a day: clients come back within it; got ${spread}`;
  throw new TidingsError('bad_request', message);
}
