import { TidingsError } from '@tidings/protocol';

/** More was asked for than a limit allows: `too_many`, with the time after which the same is accepted. */
export class LimitExceeded extends TidingsError {
  declare readonly retry_after_ms: number;

  constructor(message: string, retry_after_ms: number) {
    super('too_many', message, { retry_after_ms });
  }
}
