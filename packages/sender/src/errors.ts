import { reasonOf, TidingsError } from '@tidings/protocol';

/** By its shape: a server in the same process may bring another copy of the class. */
function isTidingsError(error: unknown): error is TidingsError {
  try {
    return error instanceof Error && error.name === 'TidingsError' && 'code' in error && 'retryable' in error;
  } catch {
    // Something that throws at whoever looks at it.
    return false;
  }
}

/** Whatever was thrown, as the one error of every Tidings package. */
export function asTidingsError(error: unknown): TidingsError {
  if (isTidingsError(error)) return error;
  return new TidingsError('internal', `the sender failed unexpectedly: ${reasonOf(error)}`, { cause: error });
}
