import { connect, type Socket } from 'node:net';

/** A server's answer to one request. */
export interface Answer {
  status: number;
  body: string;
}

/**
 * One kept-alive HTTP/1.1 connection on a bare socket, one request at a time: it costs a fraction of what `fetch` does,
 * so that the load is not what limits.
 */
export class HttpClient {
  readonly #socket: Socket;
  readonly #head: string;
  #received = '';
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(url: string, path: string, headers: Record<string, string>): Promise<HttpClient> {
    const { hostname, port, host } = new URL(url);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${lines.join('')}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () =>
        resolve(new HttpClient(socket, head)),
      );
      socket.once('error', reject);
    });
  }

  post(body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${this.#head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const start = headEnd + 4;
    const found = length === undefined ? chunks(this.#received, start) : exactly(this.#received, start, Number(length));
    if (!found) return;
    const { body, end } = found;
    this.#received = this.#received.slice(end);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

interface Body {
  body: string;
  /** The place behind it. */
  end: number;
}

/** A body of known length; null if it is not whole. */
const exactly = (text: string, start: number, length: number): Body | null =>
  text.length < start + length ? null : { body: text.slice(start, start + length), end: start + length };

/** A body in chunks (RFC 9112 section 7.1); null if it is not whole. */
function chunks(text: string, start: number): Body | null {
  const parts: string[] = [];
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return null;
    const from = line + 2;
    const end = from + Number.parseInt(text.slice(at, line), 16) + 2;
    if (text.length < end) return null;
    if (end === from + 2) return { body: parts.join(''), end };
    parts.push(text.slice(from, end - 2));
    at = end;
  }
}
