import type { TidingsError } from '@tidings/protocol';
import { quote } from '@tidings/protocol/schemas';
import type { Telemetry } from '../telemetry/events.ts';

/** Time for which a repeated failure is logged only once, ms. */
const quiet = 1_000;
/** Claims whose fault is remembered as said. */
const remembered = 100;

/** Says in the log what is wrong with where identities come from: an outage once a second, a claim that cannot be read once. */
export class IdentityNotices {
  readonly #telemetry: Telemetry;
  readonly #claims = new Set<string>();
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** A claim is there, and is neither a name nor a list of names. */
  unreadable = (what: string, value: unknown): void => {
    if (this.#claims.has(what) || this.#claims.size >= remembered) return;
    this.#claims.add(what);
    this.#telemetry.emit({ type: 'claim_unreadable', claim: what, got: quote(value) });
  };

  /** A token has no roles in the claim that is read, and has a claim that issuers use for them. */
  rolesElsewhere = (read: string, found: string): void => {
    if (this.#claims.has(found)) return;
    this.#claims.add(found);
    const todo = `to read roles from there, set auth.claims.roles (--roles-claim, TIDINGS_ROLES_CLAIM) to ${found}`;
    this.#telemetry.emit({ type: 'roles_elsewhere', read, found, todo });
  };

  unavailable({ message, cause }: TidingsError, now: number): void {
    if (Math.abs(now - this.#saidAt) < quiet) return;
    this.#saidAt = now;
    const error = cause instanceof Error ? cause : null;
    this.#telemetry.emit({
      type: 'identity_unavailable',
      reason: message,
      ...(error ? { cause: causeOf(error) } : {}),
    });
  }
}

/** The innermost words, as an application's `fetch` says only that it failed; the code where several addresses failed. */
const causeOf = (error: Error & { code?: string }): string =>
  error.cause instanceof Error ? causeOf(error.cause) : error.message || String(error.code);
