import { TidingsError } from '@tidings/protocol';

/** By its shape: a server in the same process may bring another copy of the class. */
function isTidingsError(error: unknown): error is TidingsError {
  return error instanceof Error && error.name === 'TidingsError' && 'code' in error && 'retryable' in error;
}

/** Whatever was thrown, as the one error of every Tidings package. */
export function asTidingsError(error: unknown): TidingsError {
  if (isTidingsError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new TidingsError('internal', `the sender failed unexpectedly: ${reason}`, { cause: error });
}
