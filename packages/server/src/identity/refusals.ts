import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { LogLimiter } from '../telemetry/log-limiter.ts';

export interface RefusalParts {
  clock: Clock;
  telemetry: Telemetry;
}

/** The number of refusals that one address gets at once, and the time between those after them, ms. */
const burst = 30;
const interval = 500;
/** The longest that one waits, ms. */
const longest = 3_000;
const remembered = 10_000;

/**
 * Refuses people, and slowly where it is again and again: some clients come back at once after each refusal, for ever. Who is
 * let in never waits for those of the same address who are not.
 */
export class Refusals {
  readonly #parts: RefusalParts;
  /** When the next refusal of an address may be sent without a wait. */
  readonly #free = new Map<string, number>();
  readonly #limiter = new LogLimiter();

  constructor(parts: RefusalParts) {
    this.#parts = parts;
  }

  /** Logs a refusal, and resolves when it may be sent. */
  async refuse(code: number | string, reason: string, address: string): Promise<void> {
    const now = this.#parts.clock.now();
    const more = this.#limiter.take(address, now);
    if (more) this.#parts.telemetry.emit({ type: 'connection_refused', code, reason, address, ...more });
    // A clock that was set back makes nobody wait longer than that.
    const free = Math.min(Math.max(this.#free.get(address) ?? 0, now - burst * interval), now + longest);
    this.#setFree(address, free + interval);
    if (free > now) await new Promise<void>((resolve) => this.#parts.clock.after(free - now, resolve));
  }

  #setFree(address: string, free: number): void {
    // The one that was quiet for longest is the first.
    this.#free.delete(address);
    this.#free.set(address, free);
    if (this.#free.size > remembered) this.#free.delete(this.#free.keys().next().value as string);
  }
}
