import { type ErrorCode, isErrorCode, TidingsError } from '@tidings/protocol';

/** An error by its code; one that is not of the protocol's is told as `otherwise`. */
export function errorOf(
  { code, message, retryable }: { code: string; message: string; retryable?: boolean },
  otherwise: ErrorCode = 'unavailable',
): TidingsError {
  return new TidingsError(isErrorCode(code) ? code : otherwise, message, { retryable });
}
