import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TidingsError } from '@tidings/protocol';

/** Not imported: an import of `node:http` reads all that it exports, and so loads Node's client of WebSockets. */
const { createServer } = process.getBuiltinModule('node:http');
const { connect } = process.getBuiltinModule('node:net');
const { duplexPair } = process.getBuiltinModule('node:stream');

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
  /** Listens nowhere, and serves connections inside the process. */
  #inner: Server | null = null;

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

  /** A new connection of this process to the first address that it listens on. */
  connectByNetwork(): Duplex {
    const [server] = this.#servers as [Server];
    const { port, address: host } = server.address() as AddressInfo;
    // One that stands for all addresses of the machine cannot be connected to on every system.
    if (host === '0.0.0.0') return connect({ host: '127.0.0.1', port });
    return connect({ host: host === '::' ? '::1' : host, port });
  }

  /** A new connection inside the process, which is served as one of the network is. */
  connectInside(): Duplex {
    this.#inner ??= this.#create();
    const [ours, theirs] = duplexPair();
    // A side that is destroyed only ends the other, which would wait for its own end.
    ours.once('close', () => theirs.destroy());
    this.#inner.emit('connection', theirs);
    return ours;
  }

  /** Takes no more connections; requests under way go on. */
  stop(): void {
    for (const server of this.#servers) server.close();
  }

  /** Ends what is still under way. */
  close(): void {
    for (const server of [...this.#servers, this.#inner]) server?.closeAllConnections();
  }

  #create(): Server {
    const { onConnection, onRequest, onUpgrade, isUpgrade } = this.#handlers;
    const server = createServer({ ...timeouts, shouldUpgradeCallback: isUpgrade }, onRequest);
    server.on('connection', onConnection);
    server.on('upgrade', onUpgrade);
    return server;
  }

  #open(host: string, port: number, mayBeMissing: boolean): Promise<Server | null> {
    const server = this.#create();
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
