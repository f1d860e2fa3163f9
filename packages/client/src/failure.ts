import { type ErrorCode, isErrorCode, TidingsError } from '@tidings/protocol';

/** Makes an error from its code; a code that the protocol does not have becomes `otherwise`. */
export function errorOf(
  { code, message, retryable }: { code: string; message: string; retryable?: boolean },
  otherwise: ErrorCode = 'unavailable',
): TidingsError {
  return new TidingsError(isErrorCode(code) ? code : otherwise, message, { retryable });
}
