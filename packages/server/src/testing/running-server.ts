import { type RawData, WebSocket } from 'ws';
import type { TidingsOptions } from '../config/options.ts';
import { createTidings, type Tidings } from '../server.ts';
import { TempFolder } from './temp-store.ts';
import { secret, token } from './tokens.ts';
import { until } from './world.ts';

export const apiKey = 'key-of-the-back-end';

/** An unmodified WebSocket client. */
export class PlainSocket {
  readonly received: Record<string, unknown>[] = [];
  closed: { code: number; reason: string } | null = null;
  refused: { status: number; body: string } | null = null;
  readonly ws: WebSocket;

  constructor(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    this.ws = new WebSocket(url, protocols, { headers });
    this.ws.on('message', (data: RawData) => this.received.push(JSON.parse(String(data))));
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => {
        this.refused = { status: response.statusCode ?? 0, body };
        this.ws.terminate();
      });
    });
    this.ws.on('error', () => {});
  }

  of(type: string): Record<string, unknown>[] {
    return this.received.filter((frame) => frame.type === type);
  }

  say(action: unknown): void {
    this.ws.send(typeof action === 'string' ? action : JSON.stringify(action));
  }

  /** Waits until it has caught up, or was told no. */
  async settled(): Promise<this> {
    await until(() => this.of('synced').length > 0 || this.closed !== null || this.refused !== null);
    return this;
  }

  async got(type: string, count = 1): Promise<Record<string, unknown>> {
    await until(() => this.of(type).length >= count || this.closed !== null);
    return this.of(type)[count - 1] as Record<string, unknown>;
  }
}

/** A whole server on a port and file of its own. */
export class RunningServer {
  readonly tidings: Tidings;
  readonly url: string;
  readonly #folder: TempFolder;
  readonly #sockets: PlainSocket[] = [];

  private constructor(tidings: Tidings, url: string, folder: TempFolder) {
    this.tidings = tidings;
    this.url = url;
    this.#folder = folder;
  }

  static async start(options: TidingsOptions = {}): Promise<RunningServer> {
    const folder = new TempFolder();
    const tidings = await createTidings({
      ...{ database: `sqlite:${folder.file()}`, jwtSecret: secret, apiKeys: [apiKey] },
      ...options,
    });
    const { url } = await tidings.listen({ port: 0 });
    return new RunningServer(tidings, url, folder);
  }

  open(path: string, protocols: string[] = [], headers: Record<string, string> = {}): PlainSocket {
    const socket = new PlainSocket(this.url.replace('http', 'ws') + path, protocols, headers);
    this.#sockets.push(socket);
    return socket;
  }

  /** A caught-up socket of a user. */
  join(sub: string, claims: object = {}, path = '/ws/'): Promise<PlainSocket> {
    return this.open(`${path}?token=${token({ sub, ...claims })}`).settled();
  }

  /** A call with the API key, or with other headers. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** The same as a user. */
  callAs(sub: string, method: string, path: string, body?: unknown) {
    return this.call(method, path, body, { authorization: `Bearer ${token({ sub })}` });
  }

  async stop(): Promise<void> {
    for (const { ws } of this.#sockets) ws.terminate();
    await this.tidings.close();
    this.#folder.remove();
  }
}
