import { eventStreamTransport } from './event-stream.ts';
import { longPollTransport } from './long-poll.ts';
import type {
  Transport,
  TransportAddress,
  TransportClose,
  TransportConnection,
  TransportEvents,
  TransportOptions,
} from './transport.ts';
import { webSocketTransport } from './websocket.ts';

/** Time for the first frame of a transport, before the next one is tried, in milliseconds. */
const firstFrameMs = 3_000;
/** Time for which the transport that worked is tried first, and between two probes of the first of all, in milliseconds. */
const rememberedMs = 300_000;
/**
 * A connection that is cut sooner after its first frame is brief; so many in a row, and the next transport is tried first. One that lives
 * longer has been silent for as long as a WebSocket is, 25 s, and was not cut for that.
 */
const briefMs = 30_000;
const briefCuts = 3;
/** The close code of a connection that was cut. */
const cutCode = 1006;

export interface FallbackOptions extends TransportOptions {
  /** The transports in the order in which they are tried. Default: WebSocket, Server-Sent Events, long polling, with these options. */
  transports?: readonly Transport[];
}

/**
 * Tries transports one after the other until one delivers a frame. The one that worked is tried first for five minutes, then the first of
 * all again. A refusal of the server is no reason to try another.
 * Some proxies accept a WebSocket and end it a moment later, or when it is silent: one that is cut three times in a row, each time within
 * half a minute, has not worked.
 * Beside a connection by another transport the first of all is tried each five minutes, and takes over as soon as it delivers a frame.
 * Its name is that of the transport that delivered frames last.
 */
export function fallbackTransport(options: FallbackOptions = {}): Transport {
  const { transports = [webSocketTransport, eventStreamTransport, longPollTransport].map((make) => make(options)) } =
    options;
  const memory: Memory = { used: 0, first: 0, until: 0, briefCuts: 0, isLeft: false };
  return {
    get name() {
      return (transports[memory.used] as Transport).name;
    },
    connect(address, events) {
      const first = Date.now() < memory.until ? memory.first : 0;
      const order = [...transports.keys()].map((n) => (first + n) % transports.length);
      return new FallbackConnection(order, transports, memory, { address, events });
    },
  };
}

interface Memory {
  /** The transport that delivered frames last. */
  used: number;
  first: number;
  /** Epoch milliseconds. */
  until: number;
  /** The number of brief connections in a row. */
  briefCuts: number;
  /** True if a transport was left because its connections were brief: it delivers frames, so that a probe would prove nothing. */
  isLeft: boolean;
}

/** The codes that our server closes with; any other is that of a proxy, or of none. */
const isOurs = (code: number): boolean => code >= 4400 || [1009, 1012, 1013].includes(code);

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
  /** The first transport, tried beside the one that works. */
  #probe: TransportConnection | null = null;

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
    this.#probe?.close();
    this.#current?.close();
  }

  /** @throws if none of them can be used with this address or token */
  #tryNext(): void {
    const index = this.#order.shift() as number;
    const { address, events } = this.#request;
    let hasFrame = false;
    let since = 0;
    const failed = (close: TransportClose) => {
      if (this.#isClosed) return;
      clearTimeout(this.#timer);
      this.#probe?.close();
      this.#failure ??= close;
      if (hasFrame) this.#noteEnd(index, !isOurs(close.code) && Date.now() < since + briefMs);
      if (!hasFrame && !isOurs(close.code) && this.#order.length > 0) this.#tryNext();
      else events.closed(hasFrame || isOurs(close.code) ? close : this.#failure);
    };
    if (this.#order.length > 0) {
      this.#timer = setTimeout(() => {
        this.#current?.close();
        failed({ code: cutCode, reason: 'no frame came in time' });
      }, firstFrameMs);
    }
    try {
      this.#current = (this.#transports[index] as Transport).connect(address, {
        receive: (text) => {
          if (!hasFrame) {
            clearTimeout(this.#timer);
            since = Date.now();
            Object.assign(this.#memory, { used: index, first: index, until: since + rememberedMs });
            if (index > 0 && !this.#memory.isLeft) this.#probeSoon();
          }
          hasFrame = true;
          events.receive(text);
        },
        closed: failed,
      });
    } catch (error) {
      clearTimeout(this.#timer);
      if (this.#order.length > 0) this.#tryNext();
      else if (this.#failure) events.closed(this.#failure);
      else throw error;
    }
  }

  #noteEnd(index: number, isBrief: boolean): void {
    const memory = this.#memory;
    memory.briefCuts = isBrief ? memory.briefCuts + 1 : 0;
    if (!isBrief) memory.isLeft = false;
    if (memory.briefCuts < briefCuts) return;
    Object.assign(memory, {
      first: (index + 1) % this.#transports.length,
      until: Date.now() + rememberedMs,
      briefCuts: 0,
      isLeft: true,
    });
  }

  /** Probes the first transport after a while. Once that works this connection is cut, so that its client comes back by it, at once. */
  #probeSoon(): void {
    const { address, events } = this.#request;
    const again = () => {
      clearTimeout(this.#timer);
      this.#probe?.close();
      this.#probeSoon();
    };
    const found = () => {
      this.close();
      this.#memory.first = 0;
      events.closed({ code: cutCode, reason: '{"retry_after_ms":0}' });
    };
    this.#timer = setTimeout(() => {
      try {
        this.#probe = (this.#transports[0] as Transport).connect(address, { receive: found, closed: again });
        this.#timer = setTimeout(again, firstFrameMs);
      } catch {
        // It is not to be had here, as a WebSocket in a runtime without one.
      }
    }, rememberedMs);
  }
}
