import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TidingsError } from '@tidings/protocol';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Admission, AdmissionResult } from '../../session/admission.ts';
import type { ConnectionEvents } from '../../session/connection.ts';
import { hangUp, lingerMs } from '../hang-up.ts';
import { headersOf, privateHeaders, problem } from '../http/problems.ts';
import { cut, SocketConnection } from './socket-connection.ts';

export interface WebSocketOptions {
  /** Counts the frames that are larger. */
  refused: { maxFrameBytes: number };
  /** The largest frame a client may send, bytes. Default 64 KiB. */
  maxPayload: number;
}

/** Time limit of a peer's answer to a close, ms. A silent peer's connection stays open for so long, and a server that stops waits for it. */
const closeTimeout = 5_000;

/** The longest time that the head of a request takes, ms, as `Listeners` has it. */
const longestHead = 9_000;

/**
 * The most fragments of one message, and pieces in which a frame arrives, that wait for the rest. Each fragment keeps as much memory as Node
 * has read with it, up to 64 KiB, however small it is.
 */
const messageBounds = { maxFragments: 128, maxBufferedChunks: 4_096 };

/** The events of each socket, kept beside it so that its handlers are shared by all sockets. */
const events = new WeakMap<object, ConnectionEvents>();

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const bytes = data as Buffer;
  if (isBinary) events.get(this)?.receiveBinary(bytes);
  else events.get(this)?.receive(bytes.toString());
}
function onAlive(this: WebSocket): void {
  events.get(this)?.alive();
}
function onClose(this: WebSocket, code: number, reason: Buffer): void {
  events.get(this)?.closed(code, reason.toString());
}
function onDrain(this: Duplex): void {
  events.get(this)?.drained();
}
/** The answer, or the close that follows, says what is wrong with a socket. */
function onError(): void {}

/** WebSockets on an HTTP server of ours or of an application. */
export class WebSocketTransport {
  readonly #admission: Pick<Admission, 'admit' | 'handles'>;
  /** When connections were made, by the process's own clock, ms. */
  readonly #made = new WeakMap<object, number>();
  /** By the largest message that a client may send, bytes. */
  readonly #servers = new Map<number, WebSocketServer>();
  readonly #maxPayload: number;
  readonly #onError: (error: Error & { code?: string }) => void;

  constructor(admission: Pick<Admission, 'admit' | 'handles'>, options: WebSocketOptions) {
    this.#admission = admission;
    // The close, which follows, says what is wrong with a socket.
    this.#onError = ({ code }) => {
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') options.refused.maxFrameBytes++;
    };
    this.#maxPayload = options.maxPayload;
  }

  /** True for an upgrade that is for us; others' are left alone. */
  handles(request: IncomingMessage): boolean {
    return this.#admission.handles(pathOf(request));
  }

  /** Notes when a connection was made: from then on it is given time to say who is there. */
  connected(socket: object): void {
    this.#made.set(socket, performance.now());
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', onError);
    const age = performance.now() - (this.#made.get(socket) ?? performance.now());
    // A connection that is older has carried other requests.
    const elapsedMs = Math.min(age, longestHead);
    this.#admission.admit(request, pathOf(request), { elapsedMs }).then(
      (result) => this.#answer(result, request, socket, head),
      () => hangUp(socket, 'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n'),
    );
  }

  #serverFor(maxPayload: number): WebSocketServer {
    const known = this.#servers.get(maxPayload);
    if (known) return known;
    const server = serverFor(maxPayload);
    this.#servers.set(maxPayload, server);
    return server;
  }

  #answer(result: AdmissionResult, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    if (result.kind === 'refused') {
      refuse(socket, result.error);
      return;
    }
    const maxPayload = result.kind === 'open' ? result.maxMessageBytes : undefined;
    this.#serverFor(maxPayload ?? this.#maxPayload).handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', this.#onError);
      if (result.kind === 'closed') turnAway(ws, result.code, result.reason);
      else begin(ws, socket, result.begin);
    });
  }
}

const serverFor = (maxPayload: number): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Newer than the types of `ws`.
    ...{ closeTimeout, ...messageBounds },
    maxPayload,
    handleProtocols: (offered) => (offered.has('tidings.v1') ? 'tidings.v1' : false),
  });

/** Closes a connection of nobody, also where the peer does not answer that. */
function turnAway(ws: WebSocket, code: number, reason: string): void {
  ws.close(code, cut(reason));
  const timer = setTimeout(() => ws.terminate(), lingerMs);
  ws.once('close', () => clearTimeout(timer));
}

function begin(ws: WebSocket, socket: Duplex, open: (connection: SocketConnection) => ConnectionEvents): void {
  const handler = open(new SocketConnection(ws, socket));
  events.set(ws, handler);
  events.set(socket, handler);
  ws.on('message', onMessage);
  ws.on('pong', onAlive);
  ws.on('close', onClose);
  socket.on('drain', onDrain);
  // `ws` listens from here on.
  socket.off('error', onError);
}

/** Says no before the upgrade, as a problem document (RFC 9457). */
function refuse(socket: Duplex, error: TidingsError): void {
  const document = problem(error);
  const body = JSON.stringify(document);
  const headers = {
    ...privateHeaders,
    ...headersOf(error),
    ...{ 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body), Connection: 'close' },
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  hangUp(socket, `HTTP/1.1 ${error.status} ${document.title}\r\n${lines.join('')}\r\n${body}`);
}

/**
 * True if a request asks to become a WebSocket. Java's and curl's clients offer HTTP/2 in the same way (`Upgrade: h2c`), with requests that
 * are to be answered as they are where it is not taken up (RFC 9110 section 7.8).
 */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] as string;
