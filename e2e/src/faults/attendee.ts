import { WebSocket } from 'ws';
import { PresenceView } from '../../../packages/server/testing/presence-view.ts';

/** Time without a sign of life after which an attendee gives its connection up, and the one between two signs. ms */
const [silenceMs, signMs] = [3_000, 500];

/** The parts of an attendee. */
interface Attending {
  user: string;
  /** The room's address at one server or another, in turn. */
  addresses: readonly string[];
  room: string;
  /** Called when a frame says that users left. */
  left(users: readonly string[]): void;
  /** Called with a sentence on a frame that cannot be right. */
  failed(problem: string): void;
}

/** A user in a room who is sent its presence, over a bare WebSocket; it comes back at another server. */
export class Attendee {
  readonly user: string;
  readonly #parts: Attending;
  #view: PresenceView;
  #socket!: WebSocket;
  #turn: number;
  #isOver = false;
  #back: NodeJS.Timeout | undefined;
  readonly #signs: NodeJS.Timeout;
  /** The last sign of life, and the end of the last time without one that was longer than `silenceMs`. ms */
  heardAt = performance.now();
  gapEndedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Attending, turn: number) {
    this.user = parts.user;
    this.#parts = parts;
    this.#turn = turn;
    this.#view = new PresenceView(parts.room);
    this.#connect();
    this.#signs = setInterval(() => this.#sign(), signMs);
  }

  /** The users that it was told of, sorted. */
  get users(): string[] {
    return this.#socket.readyState === WebSocket.OPEN ? this.#view.users : [];
  }

  /** Is cut off, and comes back after a time, ms. */
  reload(afterMs: number): void {
    this.#comeBack(afterMs);
  }

  close(): void {
    this.#isOver = true;
    clearInterval(this.#signs);
    clearTimeout(this.#back);
    this.#socket.terminate();
  }

  #comeBack(afterMs: number): void {
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => {});
    this.#socket.terminate();
    clearTimeout(this.#back);
    if (!this.#isOver) this.#back = setTimeout(() => this.#connect(), afterMs);
  }

  #connect(): void {
    const { addresses, room } = this.#parts;
    this.#view = new PresenceView(room);
    const address = addresses[this.#turn++ % addresses.length] as string;
    this.#socket = new WebSocket(address, { handshakeTimeout: silenceMs });
    this.#socket.on('error', () => {});
    this.#socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    this.#socket.once('close', () => this.#comeBack(200));
  }

  #take(frame: { type: string; room?: string; left?: string[] }): void {
    const now = performance.now();
    if (now - this.heardAt > silenceMs) this.gapEndedAt = now;
    this.heardAt = now;
    try {
      this.#view.take(frame);
    } catch (error) {
      this.#parts.failed(`${this.user} was told nonsense: ${(error as Error).message}`);
    }
    if (frame.type === 'presence' && frame.left) this.#parts.left(frame.left);
  }

  #sign(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heardAt > silenceMs + signMs) this.#comeBack(200);
    else this.#socket.send('{"action":"ping"}');
  }
}
