import { TidingsError } from '@tidings/protocol';

/** More was asked for than a limit allows: `too_many`, with the time after which the same is accepted. */
export class LimitExceeded extends TidingsError {
  /** Milliseconds to wait. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super('too_many', message);
    this.retryAfterMs = retryAfterMs;
  }
}
