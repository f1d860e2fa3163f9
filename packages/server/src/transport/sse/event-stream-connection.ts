import type { ServerResponse } from 'node:http';
import { CloseCode } from '@tidings/protocol';
import type { Connection, ConnectionTraits, Written } from '../../session/connection.ts';
import { closedEvent, eventStreamEncoding } from './event-stream-encoding.ts';

/** Age from which streams are ended, ms: proxies keep some alive whose clients are gone. */
const maxAgeMs = 600_000;
/** Time for which the end of a stream may wait for a peer that does not read, ms. */
const closeTimeout = 5_000;

/** One stream of events: the body of one response. */
export class EventStreamConnection implements Connection {
  readonly traits: ConnectionTraits;
  readonly #response: ServerResponse;
  #closed: { code: number; reason: string } | null = null;

  constructor(response: ServerResponse, pingIntervalMs: number) {
    this.#response = response;
    this.traits = {
      transport: 'sse',
      ...{ encoding: eventStreamEncoding, answersProbes: false, deliveredBy: 'cursor' },
      ...{ pingIntervalMs, maxAgeMs },
    };
  }

  /** The close of this side; that of a connection that was cut, without one. */
  get outcome(): { code: number; reason: string } {
    return this.#closed ?? { code: 1006, reason: '' };
  }

  write(parts: readonly Buffer[]): Written {
    const response = this.#response;
    if (!response.writable) return 'taken';
    let keepsUp = true;
    for (const part of parts) keepsUp = response.write(part);
    if (!keepsUp) return 'full';
    return response.writableLength === 0 ? 'taken' : 'kept';
  }

  /** A comment, without a blank line, which some clients would take for a message. A peer that is gone shows by it. */
  probe(): void {
    if (this.#response.writable && !this.#response.writableNeedDrain) this.#response.write(':\n');
  }

  close(code: number, reason: string, retryAfterMs?: number): void {
    if (this.#closed) return;
    this.#closed = { code, reason };
    this.#response.end(closedEvent(code, reason, retryAfterMs ?? retryAfter(code)));
    const timer = setTimeout(() => this.destroy(), closeTimeout);
    this.#response.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#response.destroy();
  }
}

/** Time after which a browser reconnects to a stream whose close does not tell it, ms. The time is spread, so that many do not come back at once. */
export const retryAfter = (code: number): number =>
  spread(code === CloseCode.overloaded || code === CloseCode.tooManyConnections ? 5_000 : 1_000);

/** A random time from so many ms to three times as many. */
export const spread = (ms: number): number => ms * (1 + 2 * Math.random());
