/**
 * Every code by which Tidings says "no": close codes of sockets and codes of errors.
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
  /** The server has no room for this connection now, or cannot tell now who is there; try again later. */
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

/** The codes of errors, with the HTTP status each has there and whether the same call may succeed later. */
export const errorCodes = {
  bad_request: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  origin_not_allowed: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  idempotency_mismatch: { status: 409, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  upgrade_required: { status: 426, retryable: false },
  too_many: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  unavailable: { status: 503, retryable: true },
  storage_full: { status: 507, retryable: true },
  /** Client side only: no server answered at the address. */
  unreachable: { status: 0, retryable: true },
  /** Client side only: an answer did not come in time. */
  timeout: { status: 0, retryable: true },
  /** Client side only: the server, or a proxy before it, spoke something else than Tidings. */
  bad_response: { status: 0, retryable: true },
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** Where an error is explained. */
export function docsUrl(code: string): string {
  return `https://tidings.dev/errors/${code}`;
}
