import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { revOfCursor } from '@tidings/protocol';
import { type WebSocket, WebSocketServer } from 'ws';

/** One socket of a client, as a test plays the server on it. */
export class Session {
  readonly query: URLSearchParams;
  readonly protocols: string[];
  /** As the header has it. */
  readonly cookie: string;
  readonly actions: Record<string, unknown>[] = [];
  /** True if subscribe and the like are answered by themselves. */
  answers = true;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket;
    this.query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    this.protocols = (request.headers['sec-websocket-protocol'] ?? '').split(', ');
    this.cookie = request.headers.cookie ?? '';
    socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
  }

  send(...frames: object[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  /** The first frame: goes on from the cursor asked for, unless the test says that it cannot. */
  establish({ recovered = true }: { recovered?: boolean } = {}): void {
    const cursor = recovered ? this.query.get('cursor') : null;
    this.send({
      ...{ type: 'connection_established', user_id: '42', username: 'amadmin', session_id: 's', roles: ['admin'] },
      ...{ cursor, recovered, server_time: '2026-01-31T09:30:00Z' },
    });
  }

  sync(cursor: string, unread_count = 0): void {
    this.send({ type: 'synced', cursor, unread_count, categories: {}, as_of: revOfCursor(cursor) });
  }

  /** Everything a session begins with, and nothing missed. */
  welcome(cursor = 't:0', unread_count = 0): this {
    this.establish();
    this.sync(cursor, unread_count);
    return this;
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** As if the network went away. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(action: Record<string, unknown>): void {
    this.actions.push(action);
    if (!this.answers) return;
    const { action: name, ref, task_id, room } = action;
    if (name === 'subscribe' || name === 'unsubscribe') this.send({ type: `${name}d`, task_id, room });
    this.send({ type: 'reply', ref, ...(name === 'list' && { items: [], next_before: null }) });
  }
}

/** A server that speaks the protocol on a real socket, with a test as its mind. */
export class ProtocolServer {
  readonly url: string;
  readonly sessions: Session[] = [];
  /** Called with each session as it opens. */
  onSession: (session: Session) => void = () => {};
  /** Refuses upgrades with this status. */
  refuseWith: number | null = null;
  whoami: { status: number; body: object } = { status: 200, body: { user_id: '42', username: 'amadmin', roles: [] } };
  readonly asked: IncomingMessage[] = [];
  /** Further files that it serves, by path. */
  readonly files = new Map<string, { type: string; body: string; policy?: string }>();
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on('request', (request, response) => {
      this.asked.push(request);
      const path = request.url?.split('?')[0] ?? '/';
      const isWhoami = path === '/api/v1/whoami';
      const json = { type: 'application/json', body: JSON.stringify(isWhoami ? this.whoami.body : { status: 'ok' }) };
      const { type, body, policy } = { policy: undefined, ...(this.files.get(path) ?? json) };
      if (policy) response.setHeader('content-security-policy', policy);
      response.writeHead(isWhoami ? this.whoami.status : 200, { 'content-type': type });
      response.end(body);
    });
    http.on('upgrade', (request, socket, head) => {
      if (this.refuseWith) return socket.end(`HTTP/1.1 ${this.refuseWith} Refused\r\nconnection: close\r\n\r\n`);
      this.#sockets.handleUpgrade(request, socket, head, (opened) => {
        const session = new Session(opened, request);
        this.sessions.push(session);
        this.onSession(session);
      });
    });
  }

  static async start(onSession?: (session: Session) => void): Promise<ProtocolServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const server = new ProtocolServer(http);
    if (onSession) server.onSession = onSession;
    return server;
  }

  /** The session opened last. */
  get session(): Session {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no client has connected');
    return session;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
