import { cursorTagLength } from '@tidings/protocol';
import type { Encoding } from '../src/fanout/frame.ts';
import type { Connection, ConnectionEvents, ConnectionTraits, Written } from '../src/session/connection.ts';

/** JSON text, each frame on a line of its own. */
const jsonLines: Encoding = {
  repeatsCursor: false,
  encode({ text, cursor }) {
    const bytes = Buffer.from(`${text}\n`);
    return { bytes, tags: cursor === null ? [] : [bytes.length - '"}\n'.length - cursorTagLength] };
  },
};

/** A frame as a client reads it. */
export interface Received {
  type: string;
  id?: string;
  rev?: number;
  replayed?: true;
  snapshot?: true;
  cursor?: string | null;
  [field: string]: unknown;
}

/** The client's end of a connection that exists in memory only: reads what is written when and as far as it likes. */
export class MemoryConnection implements Connection {
  readonly traits: ConnectionTraits = {
    transport: 'websocket',
    ...{ encoding: jsonLines, answersProbes: true, deliveredBy: 'write' },
    ...{ pingIntervalMs: null, maxAgeMs: null },
  };
  readonly received: Received[] = [];
  closed: { code: number; reason: string } | null = null;
  events: ConnectionEvents | undefined;
  /** Bytes that were written and that the client has not read. They are not copied, as in a socket. */
  #unread: Buffer[] = [];
  #capacity = Number.POSITIVE_INFINITY;
  #isReading = true;
  #isFull = false;

  write(parts: readonly Buffer[]): Written {
    if (this.closed) return 'taken';
    this.#unread.push(...parts);
    if (this.#isReading) this.#read(this.waiting);
    this.#isFull = this.waiting > this.#capacity;
    if (this.#isFull) return 'full';
    return this.waiting === 0 ? 'taken' : 'kept';
  }

  probe(answered?: (roundTrip: number) => void): void {
    answered?.(1);
    this.events?.alive();
  }

  close(code: number, reason: string): void {
    if (this.closed) return;
    this.closed = { code, reason };
    this.events?.closed(code, reason);
  }

  destroy(): void {
    this.close(1006, '');
  }

  /** Stops reading: writes are taken until so many bytes wait. */
  stall(capacity = 0): void {
    this.#isReading = false;
    this.#capacity = capacity;
  }

  /** Reads some of what waits; what was held back by the writer follows once enough is read. */
  take(bytes: number): void {
    this.#read(bytes);
    if (!this.#isFull || this.waiting > this.#capacity) return;
    this.#isFull = false;
    this.events?.drained();
  }

  /** Reads all, from now on. */
  flow(): void {
    this.#isReading = true;
    this.#capacity = Number.POSITIVE_INFINITY;
    this.take(this.waiting);
  }

  /** The line is cut: what was not read is lost. */
  cut(): void {
    this.#unread = [];
    this.close(1006, '');
  }

  get waiting(): number {
    return this.#unread.reduce((sum, { length }) => sum + length, 0);
  }

  say(action: object): void {
    this.events?.receive(JSON.stringify(action));
  }

  of(type: string): Received[] {
    return this.received.filter((frame) => frame.type === type);
  }

  /** The records received, in order; without frames that are not durable. */
  get records(): Received[] {
    return this.received.filter((frame) => frame.rev !== undefined);
  }

  #read(bytes: number): void {
    const unread = Buffer.concat(this.#unread);
    const part = unread.subarray(0, bytes);
    let at = 0;
    for (let end = part.indexOf('\n'); end !== -1; end = part.indexOf('\n', at)) {
      this.received.push(JSON.parse(part.subarray(at, end).toString()));
      at = end + 1;
    }
    this.#unread = at === unread.length ? [] : [unread.subarray(at)];
  }
}
