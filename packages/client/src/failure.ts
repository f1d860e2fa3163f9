import { type ErrorCode, isErrorCode, TidingsError } from '@tidings/protocol';

interface Refusal {
  code: string;
  message: string;
  retryable?: boolean;
  retry_after_ms?: number;
}

/** Makes an error from its code; a code that the protocol does not have becomes `otherwise`. */
export function errorOf(refusal: Refusal, otherwise: ErrorCode = 'unavailable'): TidingsError {
  return new TidingsError(isErrorCode(refusal.code) ? refusal.code : otherwise, refusal.message, refusal);
}
