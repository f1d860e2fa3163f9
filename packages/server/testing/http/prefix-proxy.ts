import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/**
 * A reverse proxy on loopback that serves a server below a path and takes that path off, as nginx does with
 * `location /notify/ { proxy_pass http://server/; }`. It says so in `X-Forwarded-Prefix`.
 */
export class PrefixProxy {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(target: string, prefix: string): Promise<PrefixProxy> {
    const { hostname, port } = new URL(target);
    const inside = ({ url = '' }: IncomingMessage) => (url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : null);
    const server = createServer((incoming, outgoing) => {
      const path = inside(incoming);
      if (path === null) return void outgoing.writeHead(404).end();
      const headers = { ...incoming.headers, 'x-forwarded-prefix': prefix };
      const onward = request({ hostname, port, path, method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward).on('error', () => outgoing.destroy());
    });
    server.on('upgrade', (incoming, socket: Socket, first) => {
      const path = inside(incoming);
      if (path === null) return void socket.destroy();
      const onward = connect(Number(port), hostname, () => {
        const { rawHeaders } = incoming;
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
        onward.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        onward.write(first);
        onward.pipe(socket).pipe(onward);
      });
      for (const [one, other] of [[socket, onward] as const, [onward, socket] as const]) {
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PrefixProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
