import { createTidingsClient, type TidingsClient } from '@tidings/client';
import {
  eventStreamTransport,
  fallbackTransport,
  longPollTransport,
  type Transport,
  webSocketTransport,
} from '@tidings/client/transports';
import type { Way } from './proxy.ts';

export const allWays: readonly Way[] = ['websocket', 'events', 'polls'];

/** A WebSocket that sends the origin of its address, as one of a page that is served there. */
class PageSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    const { origin } = new URL(`${address}`.replace(/^ws/, 'http'));
    super(address, { protocols, headers: { origin } } as never);
  }
}

/** A client, what it heard, and by which ways. */
export class Follower {
  readonly client: TidingsClient;
  readonly user: string;
  /** The messages, in the order in which they were given to the application. */
  readonly heard: string[] = [];
  /** The way of each connection that brought a frame. */
  readonly ways: Way[] = [];
  /** The number of polls on the newest connection. */
  polls = 0;

  readonly #transports: Record<Way, Transport> = {
    websocket: webSocketTransport({ WebSocket: PageSocket }),
    events: eventStreamTransport(),
    polls: longPollTransport({
      fetch: (input, init) => {
        if (!init?.method) this.polls++;
        return fetch(input, init);
      },
    }),
  };

  constructor(url: string, { user, token, ways = allWays }: { user: string; token: string; ways?: readonly Way[] }) {
    this.user = user;
    this.client = createTidingsClient({
      url,
      token,
      transport: fallbackTransport({ transports: ways.map((way) => this.#noted(way)) }),
      reconnect: { minDelayMs: 50, maxDelayMs: 500 },
      logger: { warn() {}, error: console.error },
    });
    this.client.on('user_message', ({ message }) => void this.heard.push(message as string));
  }

  #noted(way: Way): Transport {
    const transport = this.#transports[way];
    return {
      ...transport,
      connect: (address, { receive, closed }) => {
        let isNew = true;
        return transport.connect(address, {
          receive: (text) => {
            if (isNew) this.#begin(way);
            isNew = false;
            receive(text);
          },
          closed,
        });
      },
    };
  }

  #begin(way: Way): void {
    this.ways.push(way);
    this.polls = 0;
  }
}
