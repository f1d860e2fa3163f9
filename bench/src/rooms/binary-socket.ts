import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader, type OnFrame } from '../load/frames.ts';

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** All sockets read into this one buffer, one after the other. */
const shared = Buffer.allocUnsafe(1024 * 1024);

/** A WebSocket on a bare socket, for text and bytes, made to cost as little as can be. */
export class BinarySocket {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #onMessage: OnFrame;
  #isOpen = false;
  #head = '';
  /** Set when the other side has ended it. */
  closed: string | null = null;
  #opened!: () => void;
  #failed!: (error: Error) => void;
  readonly open = new Promise<void>((resolve, reject) => {
    this.#opened = resolve;
    this.#failed = reject;
  });

  constructor(host: string, port: number, target: string, onMessage: OnFrame) {
    this.#onMessage = onMessage;
    const onread = { buffer: shared, callback: (bytes: number) => this.#receive(shared.subarray(0, bytes)) };
    this.#socket = connect({ host, port, noDelay: true, onread }, () => {
      const upgrade =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==';
      this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\n${upgrade}\r\n\r\n`);
    });
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => {
      this.closed ??= 'ended without a close';
      this.#failed(new Error('a connection ended before it was open'));
    });
  }

  send(payload: string | Uint8Array): void {
    const isText = typeof payload === 'string';
    const bytes = isText ? Buffer.from(payload) : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.#socket.write(clientFrame(isText ? opcodes.text : opcodes.binary, bytes));
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): boolean {
    if (this.#isOpen) {
      this.#frames.read(chunk, this.#onFrame);
      return true;
    }
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) return true;
    if (!this.#head.startsWith('HTTP/1.1 101')) {
      this.#failed(new Error(`the server refused the upgrade: ${this.#head.split('\r\n', 1)[0]}`));
      this.#socket.destroy();
      return true;
    }
    this.#isOpen = true;
    this.#opened();
    const rest = Buffer.from(this.#head.slice(end + 4), 'latin1');
    if (rest.length > 0) this.#frames.read(rest, this.#onFrame);
    return true;
  }

  #onFrame: OnFrame = (opcode, buffer, start, end) => {
    if (opcode === opcodes.ping)
      this.#socket.write(clientFrame(opcodes.pong, Buffer.from(buffer.subarray(start, end))));
    else if (opcode === opcodes.close)
      this.closed = `${end - start >= 2 ? buffer.readUInt16BE(start) : 1005} ${buffer.toString('utf8', Math.min(start + 2, end), end)}`;
    else this.#onMessage(opcode, buffer, start, end);
  };
}
