import { connect, type Socket } from 'node:net';
import type { Dialect } from './dialects.ts';
import { clientFrame, FrameReader } from './frames.ts';

const opcodes = { text: 1, ping: 9, pong: 10 };

/** All sockets read into this one buffer, one after the other. */
const shared = Buffer.allocUnsafe(256 * 1024);

export interface SocketClientOptions {
  host: string;
  port: number;
  dialect: Dialect;
  token: string;
  /** Hears every frame that holds notifications; the buffer is reused when this returns. */
  notified: (count: number, buffer: Buffer, start: number, end: number) => void;
  closed: () => void;
}

type State = 'upgrading' | 'greeting' | 'ready' | 'closed';

/** One receiving WebSocket on a bare socket, made to cost as little as can be. */
export class SocketClient {
  readonly #options: SocketClientOptions;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #state: State;
  #head = '';
  #ready!: () => void;
  #failed!: (error: Error) => void;
  /** Resolves when the server says that the client hears everything. */
  readonly ready = new Promise<void>((resolve, reject) => {
    this.#ready = resolve;
    this.#failed = reject;
  });

  constructor(options: SocketClientOptions) {
    this.#options = options;
    const { host, port, dialect, token } = options;
    this.#state = dialect.target ? 'upgrading' : 'ready';
    const onread = { buffer: shared, callback: (bytes: number) => this.#receive(bytes) };
    this.#socket = connect({ host, port, noDelay: true, onread }, () => {
      if (dialect.target) this.#socket.write(upgradeRequest(host, port, dialect.target(token)));
      else this.#ready();
    });
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#close());
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  #receive(bytes: number): boolean {
    const chunk = shared.subarray(0, bytes);
    if (this.#state === 'upgrading') this.#upgrade(chunk);
    else this.#frames.read(chunk, this.#onFrame);
    return true;
  }

  #upgrade(chunk: Buffer): void {
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) return;
    if (!this.#head.startsWith('HTTP/1.1 101')) {
      this.#failed(new Error(`the server refused the upgrade: ${this.#head.split('\r\n', 1)[0]}`));
      this.#socket.destroy();
      return;
    }
    this.#state = 'greeting';
    const { dialect, token } = this.#options;
    if (dialect.hello) this.#send(dialect.hello(token));
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    if (rest.length > 0) this.#frames.read(rest, this.#onFrame);
  }

  #onFrame = (opcode: number, buffer: Buffer, start: number, end: number): void => {
    const { dialect, notified } = this.#options;
    if (opcode === opcodes.ping) {
      this.#socket.write(clientFrame(opcodes.pong, buffer.subarray(start, end)));
      return;
    }
    if (opcode !== opcodes.text) return;
    const answer = dialect.answer(buffer, start, end);
    if (answer !== null) this.#send(answer);
    const count = dialect.count(buffer, start, end);
    if (count > 0) notified(count, buffer, start, end);
    else if (this.#state === 'greeting' && dialect.isReady(buffer.toString('latin1', start, end))) {
      this.#state = 'ready';
      this.#ready();
    }
  };

  #send(text: string): void {
    this.#socket.write(clientFrame(opcodes.text, Buffer.from(text)));
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#failed(new Error(`the server closed a connection that was ${this.#state}`));
    this.#state = 'closed';
    this.#options.closed();
  }
}

function upgradeRequest(host: string, port: number, target: string): string {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  return `GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\n${upgrade}\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n`;
}
