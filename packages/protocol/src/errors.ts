import { docsUrl, type ErrorCode, isRetryable, statuses } from './codes.ts';

/** An error in an `error` frame and, beside the members of RFC 9457, in an HTTP answer. */
export interface WireError {
  code: string;
  /** Says what was expected, what came, and what to do. */
  message: string;
  docs_url: string;
}

/**
 * The one error of every Tidings package.
 * `retryable` says whether the same call, with the same idempotency key, may succeed later.
 */
export class TidingsError extends Error {
  declare readonly code: ErrorCode;
  declare readonly retryable: boolean;
  declare readonly docs_url: string;
  /** The item of a batch, counted from 0, where the error belongs to one. */
  declare readonly index: number | undefined;
  /** With `too_many` of an action: milliseconds after which the server accepts it, where it says. */
  declare readonly retry_after_ms: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; index?: number; retryable?: boolean; retry_after_ms?: number } = {},
  ) {
    super(message, options);
    this.name = 'TidingsError';
    this.code = code;
    this.retryable = options.retryable ?? isRetryable(code);
    this.docs_url = docsUrl(code);
    this.index = options.index;
    this.retry_after_ms = options.retry_after_ms;
  }

  /** The HTTP status that goes with the code; 0 if no answer came. */
  get status(): number {
    return statuses[this.code];
  }

  toJSON(): WireError {
    return { code: this.code, message: this.message, docs_url: this.docs_url };
  }
}
