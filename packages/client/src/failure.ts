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

const closes: Record<number, [ReasonCode, string, retryable: boolean]> = {
  [CloseCode.unauthenticated]: ['unauthenticated', 'the token is missing, expired or not valid: sign in again', false],
  [CloseCode.forbidden]: ['forbidden', 'the server withdrew the right to be connected', false],
  [CloseCode.tooSlow]: ['too_slow', 'this client read too slowly; it resumes where it was', true],
  [CloseCode.restarting]: ['restarting', 'the server restarts', true],
  [CloseCode.overloaded]: ['unavailable', 'the server has no room for this connection now', true],
  [CloseCode.tooManyConnections]: ['too_many', 'too many connections of this user or address: close some', true],
  [CloseCode.tooManyActions]: ['too_many', 'this client asked too much in too short a time', true],
  [CloseCode.badFrames]: ['bad_response', 'the server could not read this client: update both to one version', true],
  [CloseCode.frameTooLarge]: ['bad_response', 'this client sent more at once than the server reads', true],
};

/** What a close of an open connection means. */
export function failureOfClose(code: number, text: string): Failure {
  const [reasonCode, message, retryable] = closes[code] ?? [
    'connection_lost',
    `the connection was lost (${code})`,
    true,
  ];
  const found = failure(
    reasonCode,
    code !== CloseCode.restarting && text ? `${message} (${text})` : message,
    retryable,
  );
  if (code === CloseCode.tooSlow) found.delayMs = 0;
  if (code === CloseCode.restarting) found.delayMs = retryAfter(text);
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

/** A reason as the error that promises are rejected with. */
export function errorOf({ code, message, retryable }: ClientReason): TidingsError {
  return new TidingsError(Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'unavailable', message, {
    retryable,
  });
}
