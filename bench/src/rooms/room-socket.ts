import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader } from '../load/frames.ts';
import { askForAll, MessageReader, nothingNew, type RoomWire, type Seen, seen, withName } from './y-wire.ts';

const opcodes = { text: 1, binary: 2, ping: 9, pong: 10 };

/** All sockets read into this one buffer, one after the other. */
const shared = Buffer.allocUnsafe(1024 * 1024);
const reader = new MessageReader();

export interface RoomSocketOptions {
  host: string;
  port: number;
  /** The address that the connection comes from: one has 28,000 ports. */
  from: string;
  wire: RoomWire;
  room: string;
  token: string;
  /** Whether it hears events of the room too. */
  hasEvents: boolean;
  /** Hears every message, and where it stands; the buffer is reused when this returns. */
  heard: (what: Seen, buffer: Buffer, start: number, end: number) => void;
}

/** A member of a room on a bare socket, made to cost as little as can be: it holds no document. */
export class RoomSocket {
  readonly room: string;
  readonly #options: RoomSocketOptions;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #head: string | null = '';
  #ready!: () => void;
  #failed!: (error: Error) => void;
  /** Resolves when the whole document has come. */
  readonly ready = new Promise<void>((resolve, reject) => {
    this.#ready = resolve;
    this.#failed = reject;
  });

  constructor(options: RoomSocketOptions) {
    const { host, port, from, wire, room, token, hasEvents } = options;
    this.#options = options;
    this.room = room;
    const onread = { buffer: shared, callback: (bytes: number) => this.#receive(bytes) };
    this.#socket = connect({ host, port, localAddress: from, noDelay: true, onread }, () => {
      this.#socket.write(upgradeRequest(host, port, wire.path(room, token, hasEvents)));
    });
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error(`the server closed a connection to ${room}`)));
  }

  send(message: Buffer): void {
    const { wire, room } = this.#options;
    this.#socket.write(clientFrame(opcodes.binary, withName(wire, room, message)));
  }

  /** Sends an event to the room, beside its document. */
  sendEvent(data: object): void {
    const event = { action: 'send', room: `collaboration:${this.room}`, event: 'said', data };
    this.#socket.write(clientFrame(opcodes.text, Buffer.from(JSON.stringify(event))));
  }

  #receive(bytes: number): boolean {
    const chunk = shared.subarray(0, bytes);
    if (this.#head === null) this.#frames.read(chunk, this.#onFrame);
    else this.#upgrade(chunk);
    return true;
  }

  #upgrade(chunk: Buffer): void {
    this.#head += chunk.toString('latin1');
    const head = this.#head as string;
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    if (!head.startsWith('HTTP/1.1 101')) {
      this.#failed(new Error(`the server refused the upgrade: ${head.split('\r\n', 1)[0]}`));
      this.#socket.destroy();
      return;
    }
    this.#head = null;
    const { wire, room } = this.#options;
    for (const message of wire.hello(room)) this.#socket.write(clientFrame(opcodes.binary, message));
    this.send(askForAll);
    const rest = Buffer.from(head.slice(end + 4), 'latin1');
    if (rest.length > 0) this.#frames.read(rest, this.#onFrame);
  }

  #onFrame = (opcode: number, buffer: Buffer, start: number, end: number): void => {
    if (opcode === opcodes.ping) this.#socket.write(clientFrame(opcodes.pong, buffer.subarray(start, end)));
    if (opcode === opcodes.text) this.#options.heard({ kind: 'event' }, buffer, start, end);
    if (opcode !== opcodes.binary) return;
    reader.set(buffer, start);
    if (this.#options.wire.hasName) reader.skipBytes();
    const message = reader.at;
    const what = seen(reader);
    if (what.kind === 'asked') this.send(nothingNew);
    this.#options.heard(what, buffer, message, end);
    if (what.kind === 'document') this.#ready();
  };
}

function upgradeRequest(host: string, port: number, target: string): string {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  return `GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\n${upgrade}\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n`;
}
