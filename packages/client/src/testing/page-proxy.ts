import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyFaults {
  /** The fate of an upgrade. */
  upgrades: 'passed' | 'refused' | 'silent';
  /** True if it keeps streams back, as proxies do that gather an answer before they pass it on. */
  holdsStreams?: boolean;
  /** The requests that it answers itself, as proxies do that do not reach their server. */
  refuses?: RegExp;
}

/** A proxy between a browser and a server, which serves some files of its own, and does as it is told with what passes. */
export class PageProxy {
  readonly #server: Server;
  readonly #files: ReadonlyMap<string, string>;
  readonly #sockets = new Set<Socket>();
  /** The server's. */
  port: number;
  faults: ProxyFaults;
  /** The paths that were asked for, upgrades included. */
  readonly paths: string[] = [];

  private constructor(port: number, files: ReadonlyMap<string, string>, faults: ProxyFaults) {
    this.port = port;
    this.#files = files;
    this.faults = faults;
    this.#server = createServer((incoming, outgoing) => {
      const { method, url = '/', headers } = incoming;
      this.#note(url);
      const file = this.#files.get(url);
      const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
      if (file !== undefined) return void outgoing.writeHead(200, { 'content-type': type }).end(file);
      const { holdsStreams = false, refuses } = this.faults;
      if (refuses?.test(url)) return void outgoing.writeHead(502).end();
      const passed = request({ host: '127.0.0.1', port: this.port, method, path: url, headers }, (answer) => {
        if (holdsStreams && url.startsWith('/api/v1/events')) return;
        outgoing.writeHead(answer.statusCode as number, answer.headers);
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      });
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    this.#server.on('upgrade', (incoming, socket: Socket, head: Buffer) => this.#upgrade(incoming, socket, head));
  }

  /** @param files by their paths */
  static async to(port: number, files: ReadonlyMap<string, string>, faults: ProxyFaults): Promise<PageProxy> {
    const proxy = new PageProxy(port, files, faults);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts all that passes. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #note(url: string): void {
    this.paths.push(url.split('?', 1)[0] as string);
  }

  #upgrade({ url = '/', headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#note(url);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const { upgrades } = this.faults;
    if (upgrades === 'refused') socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n');
    if (upgrades !== 'passed') return;
    const onward = connect(this.port, '127.0.0.1');
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    onward.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  }
}
