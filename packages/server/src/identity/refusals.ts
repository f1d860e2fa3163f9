import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';

export interface RefusalParts {
  clock: Clock;
  telemetry: Telemetry;
}

/** The number of refusals that one address gets at once, and the time between those after them, ms. */
const burst = 30;
const interval = 500;
/** The longest that one waits, ms. */
const longest = 3_000;
/** Time between two log lines of one address, ms. */
const logged = 1_000;
const remembered = 10_000;

interface Address {
  /** When the next refusal may be sent without a wait. */
  free: number;
  loggedAt: number;
  /** Refusals since then. */
  unsaid: number;
}

/**
 * Refuses people, and slowly where it is again and again: some clients come back at once after each refusal, for ever. Who is
 * let in never waits for those of the same address who are not.
 */
export class Refusals {
  readonly #parts: RefusalParts;
  readonly #addresses = new Map<string, Address>();

  constructor(parts: RefusalParts) {
    this.#parts = parts;
  }

  /** Logs a refusal, and resolves when it may be sent. */
  async refuse(code: number | string, reason: string, address: string): Promise<void> {
    const now = this.#parts.clock.now();
    const known = this.#knownOf(address, now);
    this.#log(known, { code, reason, address }, now);
    // A clock that was set back makes nobody wait longer than that.
    const free = Math.min(Math.max(known.free, now - burst * interval), now + longest);
    known.free = free + interval;
    if (free > now) await new Promise<void>((resolve) => this.#parts.clock.after(free - now, resolve));
  }

  #knownOf(address: string, now: number): Address {
    const known = this.#addresses.get(address) ?? { free: 0, loggedAt: now - logged, unsaid: 0 };
    // The one that was quiet for longest is the first.
    this.#addresses.delete(address);
    this.#addresses.set(address, known);
    if (this.#addresses.size > remembered) this.#addresses.delete(this.#addresses.keys().next().value as string);
    return known;
  }

  #log(known: Address, refusal: { code: number | string; reason: string; address: string }, now: number): void {
    if (Math.abs(now - known.loggedAt) < logged) {
      known.unsaid++;
      return;
    }
    const repeated = known.unsaid > 0 ? { repeated: known.unsaid } : {};
    known.loggedAt = now;
    known.unsaid = 0;
    this.#parts.telemetry.emit({ type: 'connection_refused', ...refusal, ...repeated });
  }
}
