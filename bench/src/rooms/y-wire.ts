/**
 * Messages of y-protocols as the load sends and counts them. Numbers are little-endian, seven bits to a byte; byte strings have their length first.
 */
const kinds = { sync: 0, awareness: 1 };

export function number(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  bytes.push(left);
  return Buffer.from(bytes);
}

const lengthFirst = (bytes: Uint8Array): Buffer => Buffer.concat([number(bytes.length), bytes]);

/** Asks for a whole document. */
export const askForAll: Buffer = Buffer.from([kinds.sync, 0, 1, 0]);
/** Answers who asks for what it lacks: nothing. */
export const nothingNew: Buffer = Buffer.from([kinds.sync, 1, 2, 0, 0]);

export const updateMessage = (update: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([kinds.sync, 2]), lengthFirst(update)]);

/** The state of one client: where its cursor is. */
export function cursorMessage(client: number, clock: number, x: number): Buffer {
  const state = JSON.stringify({ user: { name: `Person ${client}` }, cursor: { x, y: x } });
  const update = Buffer.concat([number(1), number(client), number(clock), lengthFirst(Buffer.from(state))]);
  return Buffer.concat([Buffer.from([kinds.awareness]), lengthFirst(update)]);
}

/** Reads a message where it stands in a buffer, which is reused afterwards. */
export class MessageReader {
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  set(buffer: Buffer, start: number): this {
    this.#buffer = buffer;
    this.#at = start;
    return this;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#buffer[this.#at++] as number;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  skipBytes(): void {
    const length = this.number();
    this.#at += length;
  }

  bytes(): Buffer {
    const length = this.number();
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  get at(): number {
    return this.#at;
  }
}

/** A message, as far as the load looks at it. */
export type Seen =
  | { kind: 'asked' }
  /** A whole document, or a change of it. */
  | { kind: 'document' | 'update' }
  /** One of the room, beside its document. */
  | { kind: 'event' }
  /** The states of so many clients. */
  | { kind: 'states'; count: number }
  | { kind: 'other' };

export function seen(reader: MessageReader): Seen {
  const kind = reader.number();
  if (kind === kinds.awareness) {
    reader.number();
    return { kind: 'states', count: reader.number() };
  }
  if (kind !== kinds.sync) return { kind: 'other' };
  const step = reader.number();
  return { kind: step === 0 ? 'asked' : step === 1 ? 'document' : 'update' };
}

/** The clock of each client in a message with states. */
export function clocksIn(reader: MessageReader): [client: number, clock: number][] {
  reader.number();
  reader.number();
  return Array.from({ length: reader.number() }, () => {
    const one: [number, number] = [reader.number(), reader.number()];
    reader.skipBytes();
    return one;
  });
}

export type ServerName = 'tidings' | 'hocuspocus' | 'pycrdt-websocket';

/** The way of clients to speak to a server. */
export interface RoomWire {
  path(room: string, token: string, hasEvents: boolean): string;
  /** True if the name of the room stands before each message, both ways: one connection may have several. */
  hasName: boolean;
  /** The first messages of a client, so that it is let in. */
  hello: (room: string) => Buffer[];
}

const nameOf = (room: string): Buffer => lengthFirst(Buffer.from(room));

export const wires: Record<ServerName, RoomWire> = {
  tidings: {
    path: (room, token, hasEvents) => `/ws/collaboration/${room}/?token=${token}${hasEvents ? '&json=1' : ''}`,
    hasName: false,
    hello: () => [],
  },
  'pycrdt-websocket': { path: (room) => `/${room}`, hasName: false, hello: () => [] },
  hocuspocus: {
    path: () => '/',
    hasName: true,
    hello: (room) => [
      Buffer.concat([
        nameOf(room),
        number(2),
        number(0),
        lengthFirst(Buffer.from('token')),
        lengthFirst(Buffer.from('4.7.0')),
      ]),
    ],
  },
};

export const withName = (wire: RoomWire, room: string, message: Buffer): Buffer =>
  wire.hasName ? Buffer.concat([nameOf(room), message]) : message;
