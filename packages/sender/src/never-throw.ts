import { TidingsError } from '@tidings/protocol';
import { type Clock, systemClock } from './clock.ts';
import { asTidingsError } from './errors.ts';

/** `console`, pino and winston are such loggers. */
export interface SenderLogger {
  warn(message: string): void;
}

export interface SenderOverOptions {
  /** Default: `console`. */
  logger?: SenderLogger;
  /** Default: the system's. */
  clock?: Clock;
}

/** Milliseconds within which a function that does not throw answers. */
const answerWithinMs = 5_000;
/** Milliseconds that a port gets of it, so that the port's own reason comes first. */
export const portTimeoutMs = 4_900;

/** Runs the functions that do not throw: within 5 s, with the reason of a failure logged and kept. */
export class NeverThrow {
  readonly #logger: SenderLogger;
  readonly #clock: Clock;
  #lastError: TidingsError | null = null;

  constructor({ logger = console, clock = systemClock }: SenderOverOptions) {
    this.#logger = logger;
    this.#clock = clock;
  }

  get lastError(): TidingsError | null {
    return this.#lastError;
  }

  /** Keeps and logs why a function failed. */
  report(name: string, error: TidingsError): void {
    this.#lastError = error;
    try {
      const logged: unknown = this.#logger.warn(`tidings: ${name}: ${error.message} (${error.code})`);
      if (logged instanceof Promise) logged.catch(() => {});
    } catch {
      // A logger that fails must not make a function throw that never throws; lastError() still has the reason.
    }
  }

  /** Resolves with the result of `action`, or with the reason why there is none within 5 s. Never rejects. */
  async run<T>(
    name: string,
    action: () => Promise<T>,
  ): Promise<{ ok: true; value: T } | { ok: false; error: TidingsError }> {
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const message = `no answer within ${answerWithinMs / 1000} s; its outcome is unknown: the server may have stored it`;
      cancel = this.#clock.after(answerWithinMs, () => reject(new TidingsError('timeout', message)));
    });
    try {
      return { ok: true, value: await Promise.race([action(), late]) };
    } catch (thrown) {
      const error = asTidingsError(thrown);
      this.report(name, error);
      return { ok: false, error };
    } finally {
      cancel();
    }
  }
}
