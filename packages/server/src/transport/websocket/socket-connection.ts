import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Connection, ConnectionTraits, Written } from '../../session/connection.ts';
import { binaryMessage, webSocketEncoding } from './websocket-encoding.ts';

/** Time limit of a probe, ms; later answers are dropped. */
const probeTimeout = 2_000;

const traits: ConnectionTraits = {
  transport: 'websocket',
  ...{ encoding: webSocketEncoding, encodeBinary: binaryMessage, answersProbes: true, deliveredBy: 'write' },
  ...{ pingIntervalMs: null, maxAgeMs: null },
};

/**
 * One WebSocket. Frames come ready made and go straight to the socket underneath, whole messages at a time, so that what
 * `ws` writes there itself (pongs, closes) never falls inside one of ours.
 */
export class SocketConnection implements Connection {
  readonly traits = traits;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
  }

  write(parts: readonly Buffer[]): Written {
    const socket = this.#socket;
    if (this.#ws.readyState !== this.#ws.OPEN || !socket.writable) return 'taken';
    const keepsUp = parts.length === 1 ? socket.write(parts[0] as Buffer) : writeAll(socket, parts);
    if (!keepsUp) return 'full';
    // The stream counts what it has not handed on yet: where that is nothing, it has no more use for the bytes.
    return socket.writableLength === 0 ? 'taken' : 'kept';
  }

  probe(answered?: (roundTrip: number) => void): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (answered) this.#measure(answered);
    else this.#ws.ping();
  }

  #measure(answered: (roundTrip: number) => void): void {
    const mark = randomBytes(8);
    const begun = performance.now();
    const receive = (data: Buffer): void => {
      if (!data.equals(mark)) return;
      this.#ws.off('pong', receive);
      clearTimeout(timer);
      answered(performance.now() - begun);
    };
    const timer = setTimeout(() => this.#ws.off('pong', receive), probeTimeout);
    this.#ws.on('pong', receive);
    this.#ws.ping(mark);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, cut(reason));
  }

  destroy(): void {
    this.#ws.terminate();
  }
}

function writeAll(socket: Duplex, parts: readonly Buffer[]): boolean {
  socket.cork();
  let keepsUp = true;
  for (const part of parts) keepsUp = socket.write(part);
  socket.uncork();
  return keepsUp;
}

/** A close reason has at most 123 bytes (RFC 6455 section 5.5). */
export function cut(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > 123) text = text.slice(0, -1);
  return text;
}
