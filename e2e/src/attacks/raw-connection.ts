import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A connection that may send what no client would. */
export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  isOver = false;
  readonly over: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.over = new Promise((resolve) =>
      socket.once('close', () => {
        this.isOver = true;
        resolve();
      }),
    );
    socket.on('error', () => {});
    socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
    });
  }

  static async open(port: number, first: string | Buffer = ''): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    const connection = new RawConnection(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(first);
    return connection;
  }

  /** The text that has come, byte by byte. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  /** The status of the answer; 0 while there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0);
  }

  /** The code with which a WebSocket was closed; null if it was not. */
  get closeCode(): number | null {
    for (let at = this.text.indexOf('\r\n\r\n') + 4; at + 2 <= this.#received.length; ) {
      const short = (this.#received[at + 1] as number) & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      const length =
        short === 127
          ? Number(this.#received.readBigUInt64BE(at + 2))
          : short === 126
            ? this.#received.readUInt16BE(at + 2)
            : short;
      if (((this.#received[at] as number) & 0x0f) === 8)
        return length < 2 ? 1005 : this.#received.readUInt16BE(at + head);
      at += head + length;
    }
    return null;
  }

  /** Sends, and resolves when it has left this process, or the peer has closed. */
  send(bytes: string | Buffer): Promise<void> {
    const sent = new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
    return Promise.race([sent, this.over]);
  }

  /** Waits for the end of the connection, or of the time, ms. @returns true if it ended */
  async endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.over, late]);
    clearTimeout(timer);
    return this.isOver;
  }

  cut(): void {
    this.#socket.destroy();
  }
}

/** The head of a request. */
export const headOf = (call: string, headers: Record<string, string> = {}): string =>
  `${call} HTTP/1.1\r\nHost: localhost\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;

/** The head of an upgrade. */
export const upgradeOf = (path: string, headers: Record<string, string> = {}): string =>
  headOf(`GET ${path}`, {
    ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    ...{ 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...headers },
  });

interface FrameOptions {
  /** Default true. */
  isLast?: boolean;
  isCompressed?: boolean;
  /** The length that its head tells. Default: its own. */
  claims?: number;
}

/** A frame of a client, masked with zeros. `opcode`: 0 continues, 1 text, 9 ping, 10 pong. */
export function frameOf(opcode: number, payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { isLast = true, isCompressed = false, claims } = options;
  const body = Buffer.from(payload);
  const length = claims ?? body.length;
  const first = (isLast ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
