import { reasonOf, TidingsError } from '@tidings/protocol';

/** Checks the shape, since a server in the same process may have another copy of the class. */
function isTidingsError(error: unknown): error is TidingsError {
  try {
    return error instanceof Error && error.name === 'TidingsError' && 'code' in error && 'retryable' in error;
  } catch {
    // A value that throws when it is read.
    return false;
  }
}

/** Turns anything that was thrown into the one error of every Tidings package. */
export function asTidingsError(error: unknown): TidingsError {
  if (isTidingsError(error)) return error;
  return new TidingsError('internal', `the sender failed unexpectedly: ${reasonOf(error)}`, { cause: error });
}
