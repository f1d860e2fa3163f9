/**
 * Every code of a refusal: close codes of sockets and codes of errors.
 * Errors (`code`, `message`, `retryable`) and closes (`code`, `reason`) are the only two kinds of failure on the wire.
 */

/** WebSocket close codes (RFC 6455 section 7.4; 4000-4999 are the application's own). */
export const CloseCode = {
  /** The server or the client ended the session on purpose. */
  normal: 1000,
  /** The frame was larger than the server reads. */
  frameTooLarge: 1009,
  /** The server restarts; the reason is JSON with `retry_after_ms`. */
  restarting: 1012,
  /** The server has no room for this connection now, or cannot tell now who the user is; try again later. */
  overloaded: 1013,
  /** Frames could not be read, repeatedly. */
  badFrames: 4400,
  /** Not, or no longer, authenticated. */
  unauthenticated: 4401,
  /** The right to be here was withdrawn. */
  forbidden: 4403,
  /** The client reads too slowly; reconnect with the cursor to resume. */
  tooSlow: 4408,
  /** The user, address or process has too many connections. */
  tooManyConnections: 4409,
  /** The client sends too many actions. */
  tooManyActions: 4429,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** The reason by which an editor of a shared document learns that its user may only read it (y-protocols: auth, permission denied). */
export const documentReadOnly = 'you may read this document, and not change it';

/** The HTTP status of each code of an error; 0 for the client's own, where no answer came. */
export const statuses = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  origin_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  idempotency_mismatch: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  upgrade_required: 426,
  too_many: 429,
  internal: 500,
  unavailable: 503,
  storage_full: 507,
  /** Client side only: no server answered at the address. */
  unreachable: 0,
  /** Client side only: an answer did not come in time. */
  timeout: 0,
  /** Client side only: the server, or a proxy before it, spoke something else than Tidings. */
  bad_response: 0,
};
export type ErrorCode = keyof typeof statuses;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(statuses, code);
/** True if the same call may succeed later. */
export const isRetryable = (code: ErrorCode): boolean => !/^4(?!29)/.test(`${statuses[code]}`);

/** The codes of errors, each with its HTTP status and whether the same call may succeed later. */
export const errorCodes = /*#__PURE__*/ Object.fromEntries(
  /*#__PURE__*/ Object.entries(statuses).map(([code, status]) => [
    code,
    { status, retryable: isRetryable(code as ErrorCode) },
  ]),
) as Record<ErrorCode, { status: number; retryable: boolean }>;

/** The address of an error's explanation. */
export function docsUrl(code: string): string {
  return `https://tidings.dev/errors/${code}`;
}
