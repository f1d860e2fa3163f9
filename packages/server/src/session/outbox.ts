/** One message on its way out. Those with an id are superseded by a later one with the same id. */
export interface Outgoing {
  readonly id: string | null;
  readonly bytes: Buffer;
}

export type Pushed = 'queued' | 'overflow';

/**
 * What waits to be written to one connection, in order. While the peer does not keep up it drops superseded versions of
 * the same record, and past its limit it gives up: the client then resumes from its cursor.
 */
export class Outbox {
  #queue: Outgoing[] = [];
  #bytes = 0;
  /** Set while the peer does not keep up. */
  blocked = false;

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  push(message: Outgoing, limit: number): Pushed {
    if (!this.blocked) {
      this.#queue.push(message);
      return 'queued';
    }
    if (message.id !== null) this.#dropSuperseded(message.id);
    this.#queue.push(message);
    this.#bytes += message.bytes.length;
    return this.#bytes > limit ? 'overflow' : 'queued';
  }

  /** Takes all that waits. */
  take(): Outgoing[] {
    const queue = this.#queue;
    this.#queue = [];
    this.#bytes = 0;
    return queue;
  }

  /** The new version goes to the tail, so that a cursor in between never vouches for what was dropped. */
  #dropSuperseded(id: string): void {
    const index = this.#queue.findIndex((message) => message.id === id);
    if (index === -1) return;
    this.#bytes -= (this.#queue[index] as Outgoing).bytes.length;
    this.#queue.splice(index, 1);
  }
}
