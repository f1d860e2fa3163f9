import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CanaryHealth } from '@tidings/protocol';
import { WebSocket } from 'ws';
import type { Transport } from '../../telemetry/counters.ts';
import { canaryHeader } from './canary-admission.ts';

/** Not imported: an import of `node:http` reads all that it exports, and so loads Node's client of WebSockets. */
const http = process.getBuiltinModule('node:http');

/** The way to the transports that this process serves. */
export interface Loopback {
  /** Over the network to the port that is listened on, or inside the process. */
  way: Exclude<CanaryHealth['connects'], 'none'>;
  /** A new connection. It may fail later, by its event `error`. */
  connect(): Duplex;
}

/** A client of this process's own server. */
interface Client {
  close(): void;
}

interface ClientEvents {
  text(text: string): void;
  failed(reason: string): void;
}

/** Text by which the server shows that a connection is live. */
const opening = '"connection_established"';

/** One connection of the canary, by one transport. */
export class LoopbackClient {
  readonly transport: Transport;
  readonly #client: Client;
  #text = '';
  #isOpen = false;
  #failure: string | null = null;
  #wake: () => void = () => {};

  constructor(transport: Transport, loopback: Loopback, secret: string) {
    this.transport = transport;
    this.#client = clients[transport](loopback, secret, {
      text: (text) => {
        this.#text += text;
        this.#wake();
      },
      failed: (reason) => {
        this.#failure ??= reason;
        this.#wake();
      },
    });
  }

  /** Why it cannot bring anything any more; null where it may. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Resolves true when it is live; false if it fails or `late` comes first. What came before is forgotten. */
  async opened(late: Promise<unknown>): Promise<boolean> {
    this.#isOpen ||= await this.received(opening, late);
    this.#text = '';
    return this.#isOpen;
  }

  /** Resolves true when this text came; false if the connection fails or `late` comes first. */
  async received(mark: string, late: Promise<unknown>): Promise<boolean> {
    const seen = new Promise<void>((resolve) => {
      this.#wake = () => {
        if (this.#text.includes(mark) || this.#failure !== null) resolve();
      };
      this.#wake();
    });
    await Promise.race([seen, late]);
    return this.#text.includes(mark);
  }

  close(): void {
    this.#wake = () => {};
    this.#client.close();
  }
}

const clients: Record<Transport, (loopback: Loopback, secret: string, events: ClientEvents) => Client> = {
  websocket(loopback, secret, events) {
    const socket = new WebSocket('ws://localhost/ws/', {
      headers: { [canaryHeader]: secret },
      createConnection: () => loopback.connect() as never,
      perMessageDeflate: false,
    });
    socket.on('message', (data) => events.text(String(data)));
    socket.on('error', (error) => events.failed(error.message));
    socket.on('close', (code, reason) => events.failed(`it was closed with ${code} ${reason}`.trim()));
    return { close: () => socket.terminate() };
  },
  sse: (loopback, secret, events) => responseOf('/api/v1/events', { loopback, secret }, events),
  long_poll: (loopback, secret, events) => responseOf('/api/v1/sync?wait=10', { loopback, secret }, events),
};

/** Reads the one response of a connection as it comes. */
function responseOf(path: string, { loopback, secret }: { loopback: Loopback; secret: string }, events: ClientEvents) {
  const request: ClientRequest = http.get({
    ...{ path, host: 'localhost', headers: { [canaryHeader]: secret } },
    createConnection: () => loopback.connect(),
  });
  request.on('response', (response: IncomingMessage) => {
    if (response.statusCode !== 200) events.failed(`it was answered ${response.statusCode}`);
    response.setEncoding('utf8').on('data', (text: string) => events.text(text));
    response.on('end', () => events.failed('it was ended'));
    response.on('error', (error) => events.failed(error.message));
  });
  request.on('error', (error) => events.failed(error.message));
  return { close: () => void request.destroy() };
}
