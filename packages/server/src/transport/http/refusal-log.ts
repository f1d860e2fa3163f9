import type { TidingsError } from '@tidings/protocol';
import type { FastifyRequest } from 'fastify';
import { networkOf } from '../../domain/network.ts';
import type { Clock } from '../../domain/ports.ts';
import type { TrustedProxies } from '../../identity/trusted-proxies.ts';
import type { Telemetry } from '../../telemetry/events.ts';
import { LogLimiter } from '../../telemetry/log-limiter.ts';

export interface RefusalLogParts {
  proxies: Pick<TrustedProxies, 'placeOf'>;
  clock: Pick<Clock, 'now'>;
  telemetry: Telemetry;
}

const refusals = [401, 403, 429];

/** Logs calls of HTTP that were refused: of each address and reason once a second, with a count. */
export class RefusalLog {
  readonly #parts: RefusalLogParts;
  readonly #limiter = new LogLimiter();

  constructor(parts: RefusalLogParts) {
    this.#parts = parts;
  }

  /** Notes an answer, if it is a refusal. */
  note({ code, status, message }: TidingsError, { raw, method, url }: FastifyRequest): void {
    if (!refusals.includes(status)) return;
    const { proxies, clock, telemetry } = this.#parts;
    const { address } = proxies.placeOf(raw);
    const more = this.#limiter.take(`${networkOf(address)} ${code}`, clock.now());
    // The query may hold a token.
    const call = `${method} ${url.split('?', 1)[0]}`.slice(0, 200);
    if (more) telemetry.emit({ type: 'request_refused', code, reason: message, call, address, ...more });
  }
}
