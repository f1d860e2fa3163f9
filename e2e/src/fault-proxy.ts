import { connect, createServer, type Server, type Socket } from 'node:net';

/** Faults of the network. Times in ms. */
export interface Faults {
  /** Each piece waits this long at most; pieces stay in order. */
  jitter: number;
  /** Pieces are cut to this many bytes at most. */
  slice: number;
}

interface Line {
  client: Socket;
  server: Socket;
  /** Nothing gets through either way, and nobody is told. */
  isDead: boolean;
}

/** A TCP proxy before a server, which slices, delays, resets and lets connections die unnoticed. */
export class FaultProxy {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #faults: Faults;
  /** True if new connections are dead from the start. */
  #isDark = false;

  private constructor(server: Server, faults: Faults) {
    this.#server = server;
    this.#faults = faults;
  }

  static async before(port: number, faults: Faults): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, faults);
    server.on('connection', (client) => proxy.#accept(client, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  get lines(): number {
    return this.#lines.size;
  }

  /** Resets one of the connections, whichever: both ends hear of it, and lose what is on its way. */
  reset(which: number): void {
    const line = [...this.#lines].at(which % Math.max(1, this.#lines.size));
    if (line) this.#cut(line);
  }

  /** Lets one of the connections die unnoticed. Returns what brings the network back, which then resets it. */
  halfOpen(which: number): () => void {
    const line = [...this.#lines].at(which % Math.max(1, this.#lines.size));
    if (!line) return () => {};
    line.isDead = true;
    return () => this.#cut(line);
  }

  /** Lets all connections die unnoticed, and those that come. Returns what brings the network back, which then resets them. */
  goDark(): () => void {
    this.#isDark = true;
    for (const line of this.#lines) line.isDead = true;
    return () => {
      this.#isDark = false;
      this.resetAll();
    };
  }

  /** Resets every connection. */
  resetAll(): void {
    for (const line of this.#lines) this.#cut(line);
  }

  async stop(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket, port: number): void {
    const line: Line = { client, server: connect(port, '127.0.0.1'), isDead: this.#isDark };
    this.#lines.add(line);
    this.#carry(line, client, line.server);
    this.#carry(line, line.server, client);
  }

  #carry(line: Line, from: Socket, to: Socket): void {
    let before = Promise.resolve();
    const next = (act: () => void) => {
      before = before
        .then(() => pause(Math.random() * this.#faults.jitter))
        .then(() => {
          if (!line.isDead) act();
        });
    };
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('data', (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + Math.floor(Math.random() * this.#faults.slice);
        const piece = bytes.subarray(at, at + length);
        next(() => to.writable && to.write(piece));
        at += length;
      }
    });
    from.on('close', () => next(() => this.#cut(line)));
  }

  #cut(line: Line): void {
    this.#lines.delete(line);
    line.client.resetAndDestroy();
    line.server.resetAndDestroy();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
