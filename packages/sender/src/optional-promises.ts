import { OptionalPromise, type TidingsError } from '@tidings/protocol';
import { asTidingsError } from './errors.ts';

/**
 * The same functions, whose promises need not be awaited.
 *
 * @param report is called with the function's name and the error, if nobody listens to its promise
 */
export function optionalPromises<F extends object>(
  functions: F,
  report: (name: string, error: TidingsError) => void,
): F {
  const wrapped = Object.entries(functions as Record<string, (...args: unknown[]) => unknown>).map(([name, run]) => {
    const call = (...args: unknown[]) => {
      const returned = run(...args);
      if (!(returned instanceof Promise)) return returned;
      return OptionalPromise.of(returned, (error) => report(name, asTidingsError(error)));
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as F;
}
