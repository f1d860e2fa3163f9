import { type ErrorCode, errorCodes, isErrorCode, TidingsError } from '@tidings/protocol';

/** An attempt that brought no result. */
export interface Failure {
  error: TidingsError;
  /** True if the same request is worth another attempt. */
  again: boolean;
  /** Milliseconds the server asked to wait; 0 if it did not say. */
  retryAfterMs: number;
  /** True if the server may have carried it out all the same. */
  maybeDone: boolean;
}

/** Refusals that end by themselves. A 503 may come from a commit whose outcome is unknown. */
const passing: ReadonlySet<string> = new Set<ErrorCode>(['unavailable', 'too_many', 'storage_full']);
const gatewayStatus: ReadonlySet<number> = new Set([502, 503, 504]);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function codeOf(code: string, status: number): ErrorCode {
  if (isErrorCode(code)) return code;
  const same = Object.entries(errorCodes).find(([, meaning]) => meaning.status === status);
  return (same?.[0] as ErrorCode | undefined) ?? (status >= 500 ? 'internal' : 'bad_request');
}

/** Reads a refusal of Tidings: a problem document (RFC 9457), or the `error` of an item. Null for anything else. */
export function readRefusal(body: unknown, status: number, retryAfterMs: number): Failure | null {
  if (!isObject(body) || typeof body.code !== 'string' || typeof body.message !== 'string') return null;
  const code = codeOf(body.code, status);
  const index = typeof body.index === 'number' ? body.index : undefined;
  const again = passing.has(code);
  const error = new TidingsError(code, body.message, { index });
  return { error, again, retryAfterMs, maybeDone: code === 'unavailable' || code === 'internal' };
}

/** The failure of an attempt whose answer did not come in time. */
export function timedOut(url: string, ms: number): Failure {
  const error = new TidingsError('timeout', `${url} did not answer within ${ms / 1000} s: check its load and its disk`);
  return { error, again: true, retryAfterMs: 0, maybeDone: true };
}

/**
 * An answer that is not of Tidings. One of a gateway whose server is away is tried again, and that server may have carried
 * the call out; a page or a redirect means that it was not.
 */
export function badResponse(url: string, response: Response, retryAfterMs: number): Failure {
  const { status } = response;
  const gateway = gatewayStatus.has(status);
  const location = response.headers.get('location');
  const kind = response.headers.get('content-type')?.split(';')[0] ?? 'no content type';
  const isRedirect = location !== null && status >= 300 && status < 400;
  const what = isRedirect ? `a redirect to ${location}` : kind;
  const isPage = kind === 'text/html';
  const maybeDone = gateway || (status < 300 && !isPage);
  const advice = gateway
    ? 'the proxy before it does not reach the server'
    : 'check that TIDINGS_URL names a Tidings server, with its final address';
  const error = new TidingsError(
    status === 413 ? 'payload_too_large' : 'bad_response',
    `${url} answered ${status} (${what}), not as Tidings does: ${advice}`,
  );
  return { error, again: gateway || status === 429, retryAfterMs, maybeDone };
}
