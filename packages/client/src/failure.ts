import { CloseCode, type ErrorCode, errorCodes, TidingsError } from '@tidings/protocol';
import type { ClientReason, ReasonCode } from './state.ts';

/** Why an attempt or a connection ended, and when to try again; without `delayMs` after the usual back-off. */
export interface Failure {
  reason: ClientReason;
  delayMs?: number;
}

export function failure(code: ReasonCode, message: string, retryable: boolean): Failure {
  return { reason: { code, message, retryable } };
}

const closes: Record<number, [ReasonCode, string]> = {
  [CloseCode.unauthenticated]: ['unauthenticated', 'the token is missing, expired or not valid: sign in again'],
  [CloseCode.forbidden]: ['forbidden', 'the server withdrew the right to be connected'],
  [CloseCode.tooSlow]: ['too_slow', 'this client read too slowly; it resumes where it was'],
  [CloseCode.restarting]: ['restarting', 'the server restarts'],
  [CloseCode.overloaded]: ['unavailable', 'the server has no room for this connection now'],
  [CloseCode.tooManyConnections]: ['too_many', 'too many connections of this user or address: close some'],
  [CloseCode.tooManyActions]: ['too_many', 'too many actions in too short a time'],
  [CloseCode.badFrames]: ['bad_response', 'the server could not read this client: update both to one version'],
  [CloseCode.frameTooLarge]: ['bad_response', 'this client sent more at once than the server reads'],
};

/** What a close of an open connection means. */
export function failureOfClose(code: number, text: string): Failure {
  const [reason, message] = closes[code] ?? ['connection_lost', `the connection was lost (${code})`];
  const isRestart = code === CloseCode.restarting;
  const isForGood = code === CloseCode.unauthenticated || code === CloseCode.forbidden;
  const found = failure(reason, text && !isRestart ? `${message} (${text})` : message, !isForGood);
  if (code === CloseCode.tooSlow) found.delayMs = 0;
  if (isRestart) found.delayMs = retryAfter(text);
  return found;
}

/** The server spreads its clients by this; undefined where it said nothing that can be read. */
function retryAfter(text: string): number | undefined {
  try {
    const { retry_after_ms } = JSON.parse(text);
    return retry_after_ms >= 0 ? retry_after_ms : undefined;
  } catch {
    return undefined;
  }
}

/** What an error before the socket means: of the token function, or of an address that is none. */
export function failureOfError(error: unknown, code: ReasonCode): Failure {
  if (error instanceof TidingsError) return failure(error.code as ReasonCode, error.message, error.retryable);
  const text = error instanceof Error ? error.message : String(error);
  return code === 'unauthenticated'
    ? failure(code, `no token could be had: ${text}`, true)
    : failure(code, `no connection can be opened: ${text}`, false);
}

/** An error by its code; one that is not of the protocol's is told as `otherwise`. */
export function errorOf(
  { code, message, retryable }: { code: string; message: string; retryable?: boolean },
  otherwise: ErrorCode = 'unavailable',
): TidingsError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : otherwise;
  return new TidingsError(known, message, { retryable });
}
