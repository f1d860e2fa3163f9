import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TidingsError } from '@tidings/protocol';

/** Not imported: an import of `node:http` reads all that it exports, and so loads Node's client of WebSockets. */
const { createServer } = process.getBuiltinModule('node:http');

/** The longest time for a head and for a body, and how often it is checked, ms: slow requests end within 10 s. */
const timeouts = { headersTimeout: 8_000, requestTimeout: 8_000, connectionsCheckingInterval: 1_000 };

/** The receivers of connections, requests and upgrades. */
export interface Handlers {
  onConnection(socket: Socket): void;
  onRequest: RequestListener;
  onUpgrade(request: IncomingMessage, socket: Duplex, first: Buffer): void;
  /** True if a request that offers an upgrade is one; any other is answered as a request. */
  isUpgrade(request: IncomingMessage): boolean;
}

/** The HTTP servers of our own, one for each address that is listened on. */
export class Listeners {
  readonly #handlers: Handlers;
  readonly #servers: Server[] = [];

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  /**
   * Listens on one port of every host, or on none. A host of an address family that the machine does not have is left out
   * where another is there. Resolves with the port, which the system chooses for 0. Throws TidingsError: `conflict` for a port
   * that is taken.
   */
  async listen(hosts: readonly string[], port: number): Promise<number> {
    const opened: Server[] = [];
    let actual = port;
    try {
      for (const host of hosts) {
        const server = await this.#open(host, actual, opened.length > 0);
        if (!server) continue;
        opened.push(server);
        actual = (server.address() as { port: number }).port;
      }
    } catch (error) {
      for (const server of opened) server.close();
      throw error;
    }
    this.#servers.push(...opened);
    return actual;
  }

  /** Takes no more connections; requests under way go on. */
  stop(): void {
    for (const server of this.#servers) server.close();
  }

  /** Ends what is still under way. */
  close(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }

  #open(host: string, port: number, mayBeMissing: boolean): Promise<Server | null> {
    const { onConnection, onRequest, onUpgrade, isUpgrade } = this.#handlers;
    const server = createServer({ ...timeouts, shouldUpgradeCallback: isUpgrade }, onRequest);
    server.on('connection', onConnection);
    server.on('upgrade', onUpgrade);
    return new Promise((resolve, reject) => {
      server.once('error', (error: Error & { code?: string }) => {
        if (mayBeMissing && missingFamily.has(error.code ?? '')) resolve(null);
        else reject(explain(error, host, port));
      });
      server.listen(port, host, () => {
        server.removeAllListeners('error');
        resolve(server);
      });
    });
  }
}

const missingFamily = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

function explain(error: Error & { code?: string }, host: string, port: number): TidingsError {
  const cannot = `cannot listen on port ${port} of ${host}`;
  const options = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new TidingsError(
        'conflict',
        `port ${port} of ${host} is taken by another program; stop that one, or choose another port`,
        options,
      );
    case 'EACCES':
      return new TidingsError('unavailable', `${cannot}: this user may not; choose one from 1024 upwards`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new TidingsError(
        'unavailable',
        `${cannot}: this machine has no such address; choose another host, as 127.0.0.1 or 0.0.0.0`,
        options,
      );
    default:
      return new TidingsError('unavailable', `${cannot}: ${error.message}`, options);
  }
}
