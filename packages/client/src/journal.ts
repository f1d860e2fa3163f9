import { isDurable, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from './bounded-map.ts';

/** How many records' revs are remembered beside those of the inbox and the tasks. Some 100 bytes each. */
const remembered = 10_000;

/**
 * What was received: up to where (the cursor), and at which rev each record is held.
 * Cursor and held records belong together: both are kept over a reconnection, or neither.
 */
export class Journal {
  /** The cursor to resume from: the last one that came, in whatever frame; null where nothing can be resumed. */
  cursor: string | null = null;
  readonly #revs = new BoundedMap<number>(remembered);
  readonly #heldRev: (id: string) => number | undefined;

  /** @param heldRev the rev of a record that the inbox or the tasks hold, which is never forgotten */
  constructor(heldRev: (id: string) => number | undefined) {
    this.#heldRev = heldRev;
  }

  /** Begins a session that resumes from `cursor`; null begins anew, and forgets everything. */
  begin(cursor: string | null): void {
    this.cursor = cursor;
    if (!cursor) this.#revs.clear();
  }

  /**
   * Takes in a frame, in the order received.
   *
   * @returns false where the record is held at this rev or a newer one already: the frame is to be dropped
   */
  accept(frame: ServerFrame & { cursor?: string | null }): boolean {
    this.cursor = frame.cursor ?? this.cursor;
    if (!isDurable(frame)) return true;
    if (frame.rev <= this.rev(frame.id)) return false;
    this.#revs.set(frame.id, frame.rev);
    return true;
  }

  /** The rev at which a record is held; -1 for none. */
  rev(id: string): number {
    return Math.max(this.#revs.get(id) ?? -1, this.#heldRev(id) ?? -1);
  }

  /** What is gone and may come back as it was. */
  forget(id: string): void {
    this.#revs.delete(id);
  }
}
