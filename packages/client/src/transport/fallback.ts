import { eventStreamTransport } from './event-stream.ts';
import { longPollTransport } from './long-poll.ts';
import type { Transport, TransportAddress, TransportClose, TransportConnection, TransportEvents } from './transport.ts';
import { webSocketTransport } from './websocket.ts';

/** Time for the first frame of a transport, before the next one is tried, and for which the one that worked is tried first, in milliseconds. */
const firstFrameMs = 3_000;
const rememberedMs = 300_000;

/**
 * Tries transports one after the other until one delivers a frame: by default WebSocket, Server-Sent Events, long polling. The one that worked
 * is tried first for five minutes, then the first of all again. A refusal of the server is no reason to try another.
 */
export function fallbackTransport(
  transports: readonly Transport[] = [webSocketTransport(), eventStreamTransport(), longPollTransport()],
): Transport {
  const memory: Memory = { first: 0, until: 0 };
  return {
    connect(address, events) {
      const first = Date.now() < memory.until ? memory.first : 0;
      const order = [...transports.keys()].map((n) => (first + n) % transports.length);
      return new FallbackConnection(order, transports, memory, { address, events });
    },
  };
}

interface Memory {
  first: number;
  /** Epoch milliseconds. */
  until: number;
}

class FallbackConnection implements TransportConnection {
  readonly #order: number[];
  readonly #transports: readonly Transport[];
  readonly #memory: Memory;
  readonly #request: { address: TransportAddress; events: TransportEvents };
  #current: TransportConnection | null = null;
  #isClosed = false;
  /** The first failure, which is reported if all fail. */
  #failure: TransportClose | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    order: number[],
    transports: readonly Transport[],
    memory: Memory,
    request: { address: TransportAddress; events: TransportEvents },
  ) {
    this.#order = order;
    this.#transports = transports;
    this.#memory = memory;
    this.#request = request;
    this.#tryNext();
  }

  get traits() {
    return (this.#current as TransportConnection).traits;
  }

  send(text: string): void {
    this.#current?.send(text);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#current?.close();
  }

  /** @throws if the last of them cannot be used with this address or token */
  #tryNext(): void {
    const index = this.#order.shift() as number;
    const { address, events } = this.#request;
    let hasFrame = false;
    const failed = (close: TransportClose) => {
      if (this.#isClosed) return;
      clearTimeout(this.#timer);
      this.#failure ??= close;
      if (!hasFrame && close.code === 1006 && this.#order.length > 0) this.#tryNext();
      else events.closed(hasFrame || close.code !== 1006 ? close : this.#failure);
    };
    if (this.#order.length > 0) {
      this.#timer = setTimeout(() => {
        this.#current?.close();
        failed({ code: 1006, reason: 'no frame came in time' });
      }, firstFrameMs);
    }
    try {
      this.#current = (this.#transports[index] as Transport).connect(address, {
        receive: (text) => {
          clearTimeout(this.#timer);
          if (!hasFrame) Object.assign(this.#memory, { first: index, until: Date.now() + rememberedMs });
          hasFrame = true;
          events.receive(text);
        },
        closed: failed,
      });
    } catch (error) {
      clearTimeout(this.#timer);
      if (this.#order.length === 0) throw error;
      this.#tryNext();
    }
  }
}
