import { formatCursor, isDurable, parseCursor, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from './bounded-map.ts';

/** How many records' revs are remembered beside those of the inbox and the tasks. Some 100 bytes each. */
const remembered = 10_000;

/**
 * What was received: up to where (the cursor), and at which rev each record is held.
 * Cursor and held records belong together: both are kept over a reconnection, or neither.
 */
export class Journal {
  #cursor: string | null = null;
  /** The history the current session's revs belong to; null until the session has named it. */
  #term: string | null = null;
  readonly #revs = new BoundedMap<number>(remembered);
  readonly #heldRev: (id: string) => number | undefined;

  /** @param heldRev the rev of a record that the inbox or the tasks hold, which is never forgotten */
  constructor(heldRev: (id: string) => number | undefined) {
    this.#heldRev = heldRev;
  }

  /** What to resume from; null where nothing can be resumed. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Begins a session that resumes from `cursor`; null begins anew, and forgets everything. */
  begin(cursor: string | null): void {
    this.#term = null;
    this.#cursor = null;
    if (cursor) this.#setCursor(cursor);
    else this.#revs.clear();
  }

  /**
   * Takes in a frame, in the order received.
   *
   * @returns false where the record is held at this rev or a newer one already: the frame is to be dropped
   */
  accept(frame: ServerFrame): boolean {
    if (frame.type === 'synced' || frame.type === 'ping') this.#setCursor(frame.cursor);
    if (!isDurable(frame)) return true;
    const held = this.rev(frame.id);
    // What is sent again may belong to an earlier term than the session's; pings and `synced` vouch for it.
    if (!frame.snapshot && !frame.replayed) this.#advance(frame.rev);
    if (frame.rev <= held) return false;
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

  #setCursor(text: string): void {
    const cursor = parseCursor(text);
    if (!cursor) return;
    this.#cursor = text;
    this.#term = cursor.term;
  }

  /** Only forward: a frame that is sent again must not make the next resume longer. */
  #advance(rev: number): void {
    if (this.#term === null) return;
    const at = parseCursor(this.#cursor);
    if (!at || rev > at.rev) this.#cursor = formatCursor({ term: this.#term, rev });
  }
}
