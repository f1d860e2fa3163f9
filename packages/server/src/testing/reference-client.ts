import { parseCursor } from '@tidings/protocol';
import type { MemoryConnection, Received } from './memory-connection.ts';
import type { World } from './world.ts';

/** A client that does what PROTOCOL.md asks of one and no more: keeps a cursor and records, and drops what it has. */
export class ReferenceClient {
  readonly held = new Map<string, number>();
  /** Frames on the wire that broke the order: an older version after a newer, or a rev out of order. */
  readonly disorder: string[] = [];
  cursor: string | null = null;
  unrecovered = 0;
  connection: MemoryConnection | null = null;
  readonly #world: World;
  readonly #path: string;
  #read = 0;
  #term: string | null = null;
  #lastRev = 0;

  constructor(world: World, path: string) {
    this.#world = world;
    this.#path = path;
  }

  /** Connects, or resumes from the cursor where there is one. */
  async connect(prepare: (connection: MemoryConnection) => void = () => {}): Promise<void> {
    const cursor = this.cursor === null ? '' : `&cursor=${this.cursor}`;
    this.#read = 0;
    this.#lastRev = 0;
    this.connection = await this.#world.connect(`${this.#path}${cursor}`, prepare);
  }

  get isUp(): boolean {
    return this.connection !== null && this.connection.closed === null;
  }

  get isSynced(): boolean {
    return this.connection?.of('synced').length === 1;
  }

  /** Applies what has been received since this was last called. */
  apply(): void {
    const received = this.connection?.received ?? [];
    while (this.#read < received.length) this.#applyOne(received[this.#read++] as Received);
  }

  #applyOne(frame: Received): void {
    if (frame.type === 'connection_established') this.#begin(frame);
    else if (frame.type === 'synced' || frame.type === 'ping') this.#setCursor(frame.cursor as string);
    if (frame.id === undefined || frame.rev === undefined) return;
    const { id, rev } = frame;
    if (rev <= this.#lastRev) this.disorder.push(`${id} at ${rev} came after ${this.#lastRev}`);
    this.#lastRev = rev;
    if (!frame.replayed && !frame.snapshot) this.#setCursor(`${this.#term}:${rev}`);
    if (rev > (this.held.get(id) ?? 0)) this.held.set(id, rev);
  }

  #begin(frame: Received): void {
    if (this.cursor !== null && !frame.recovered) this.unrecovered++;
    if (frame.cursor === null) this.held.clear();
    this.cursor = null;
    if (frame.cursor) this.#setCursor(frame.cursor);
  }

  #setCursor(text: string): void {
    this.cursor = text;
    this.#term = parseCursor(text)?.term ?? null;
  }
}
