import { revOfCursor } from '@tidings/protocol';
import type { MemoryConnection, Received } from './memory-connection.ts';
import { type HeldNote, ReferenceInbox } from './reference-inbox.ts';
import type { World } from './world.ts';

/**
 * A client that does what PROTOCOL.md asks of one and no more: keeps a cursor and records, and drops what it has. The referee of
 * property tests.
 */
export class ReferenceClient {
  /** At which rev each record is held. */
  readonly held = new Map<string, number>();
  /** Frames on the wire that broke the order: an older version after a newer, or a rev out of order. */
  readonly disorder: string[] = [];
  /** Live frames of topics that had been left. */
  readonly strangers: string[] = [];
  cursor: string | null = null;
  unrecovered = 0;
  connection: MemoryConnection | null = null;
  readonly #world: World;
  readonly #path: string;
  readonly #inbox = new ReferenceInbox();
  readonly #left = new Set<string>();
  #read = 0;
  #lastRev = 0;

  constructor(world: World, path: string) {
    this.#world = world;
    this.#path = path;
  }

  /** Connects, or resumes from the cursor if there is one. `more` goes into the query. */
  async connect(prepare: (connection: MemoryConnection) => void = () => {}, more = ''): Promise<void> {
    const cursor = this.cursor === null ? '' : `&cursor=${this.cursor}`;
    this.#read = 0;
    this.#lastRev = 0;
    this.#left.clear();
    this.connection = await this.#world.connect(`${this.#path}${more}${cursor}`, prepare);
  }

  get isUp(): boolean {
    return this.connection !== null && this.connection.closed === null;
  }

  get isSynced(): boolean {
    return this.connection?.of('synced').length === 1;
  }

  /** The notifications held that are neither put away nor snoozed, newest first. */
  get list(): HeldNote[] {
    return this.#inbox.list;
  }

  /** All items, by their ids. */
  get notes(): ReadonlyMap<string, HeldNote> {
    return this.#inbox.notes;
  }

  get count(): number {
    return this.#inbox.count;
  }

  get categories(): Record<string, number> {
    return this.#inbox.categories;
  }

  /** Applies what has been received since this was last called. */
  apply(): void {
    const received = this.connection?.received ?? [];
    while (this.#read < received.length) this.#applyOne(received[this.#read++] as Received);
  }

  #applyOne(frame: Received): void {
    if (frame.type === 'connection_established') this.#begin(frame);
    else if (frame.cursor) this.cursor = frame.cursor;
    if (frame.id === undefined || frame.rev === undefined) this.#inbox.apply(frame);
    else this.#record(frame, frame.id, frame.rev);
  }

  #record(frame: Received, id: string, rev: number): void {
    this.#referee(frame, rev);
    if (rev <= (this.held.get(id) ?? 0)) return;
    this.held.set(id, rev);
    const gone = this.#inbox.apply(frame);
    if (frame.type === 'topic_joined' || frame.type === 'topic_left') for (const note of gone) this.held.delete(note);
  }

  #referee(frame: Received, rev: number): void {
    const { type, id, snapshot, replayed } = frame;
    const topic = frame.topic as string | undefined;
    if (!frame.cursor !== Boolean(snapshot || replayed)) this.disorder.push(`${id} at ${rev}: cursor ${frame.cursor}`);
    if (!snapshot && rev <= this.#lastRev) this.disorder.push(`${id} at ${rev} came after ${this.#lastRev}`);
    if (!snapshot) this.#lastRev = rev;
    if (type === 'topic_left') this.#left.add(topic as string);
    else if (type === 'topic_joined') this.#left.delete(topic as string);
    else if (topic !== undefined && this.#left.has(topic) && !replayed)
      this.strangers.push(`${id} at ${rev} of ${topic}`);
  }

  #begin(frame: Received): void {
    if (this.cursor !== null && !frame.recovered) this.unrecovered++;
    if (frame.cursor === null) {
      this.held.clear();
      this.#inbox.clear(frame.read_upto as number);
    }
    this.cursor = frame.cursor ?? null;
    // Records between the old cursor and this one were perhaps never sent: the client holds only later ones.
    this.#inbox.knownUpTo ||= Math.max(0, revOfCursor(this.cursor));
  }
}
