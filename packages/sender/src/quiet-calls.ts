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
/** What a port gets of it, so that its own reason comes first. */
export const portTimeoutMs = 4_900;

/** The functions that do not throw: bounded in time, their reason told instead. */
export class QuietCalls {
  readonly #logger: SenderLogger;
  readonly #clock: Clock;
  #last: TidingsError | null = null;

  constructor({ logger = console, clock = systemClock }: SenderOverOptions) {
    this.#logger = logger;
    this.#clock = clock;
  }

  get last(): TidingsError | null {
    return this.#last;
  }

  tell(name: string, error: TidingsError): void {
    this.#last = error;
    try {
      const logged: unknown = this.#logger.warn(`tidings: ${name}: ${error.message} (${error.code})`);
      if (logged instanceof Promise) logged.catch(() => {});
    } catch {
      // A logger that fails must not turn "never throws" into a lie; lastError() still tells.
    }
  }

  /** What `action` resolves with, or the reason why it does not within 5 s. Never rejects. */
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
      this.tell(name, error);
      return { ok: false, error };
    } finally {
      cancel();
    }
  }
}
