import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy to a port of this machine that can be made to fail as networks and poolers do. */
export class FaultyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSilent = false;
  #delay = 0;
  #isAt: { left: number; act: () => unknown } | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server);
    server.on('connection', (near) => proxy.#join(near, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing passes, and nothing is closed. Connections that are there stay so for good. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.unpipe().resume();
  }

  /** New connections pass again. */
  speak(): void {
    this.#isSilent = false;
  }

  /** From now on what a server sends on new connections comes so much later, ms, in order. */
  delay(ms: number): void {
    this.#delay = ms;
  }

  /** Closes every connection that is there. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Does something when so many messages have come from clients, before the last of them is passed on. */
  at(count: number, act: () => unknown): void {
    this.#isAt = { left: count, act };
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #pass(data: Buffer, to: Socket): Promise<void> {
    if (this.#isSilent) return;
    const at = this.#isAt;
    if (at && --at.left === 0) {
      this.#isAt = null;
      await at.act();
    }
    if (!to.destroyed) to.write(data);
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      if (this.#isSilent) from.resume();
      else if (from === far && this.#delay === 0) from.pipe(to);
      else if (from === far) from.on('data', (data: Buffer) => setTimeout(() => to.write(data), this.#delay));
      else from.on('data', (data: Buffer) => void this.#pass(data, to));
    }
  }
}
