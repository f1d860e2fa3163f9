import { networkOf } from '../domain/network.ts';
import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { LogLimiter } from '../telemetry/log-limiter.ts';
import { Pace } from './pace.ts';

export interface RefusalParts {
  clock: Clock;
  telemetry: Telemetry;
}

/** The time between the refusals of one address, ms, and the number that it gets at once before. */
const interval = 500;
const burst = 30;
/** The longest that one waits, ms. */
const longest = 3_000;

/**
 * Refuses people, and slowly where it is again and again: some clients come back at once after each refusal, for ever. Who is
 * let in never waits for those of the same address who are not.
 */
export class Refusals {
  readonly #parts: RefusalParts;
  readonly #pace = new Pace(interval, burst * interval + longest);
  readonly #limiter = new LogLimiter();

  constructor(parts: RefusalParts) {
    this.#parts = parts;
  }

  /** Logs a refusal, and resolves when it may be sent. */
  async refuse(code: number | string, reason: string, address: string): Promise<void> {
    const now = this.#parts.clock.now();
    const network = networkOf(address);
    const more = this.#limiter.take(network, now);
    if (more) this.#parts.telemetry.emit({ type: 'connection_refused', code, reason, address, ...more });
    const wait = this.#pace.count(network, now) - burst * interval;
    if (wait > 0) await new Promise<void>((resolve) => this.#parts.clock.after(wait, resolve));
  }
}
