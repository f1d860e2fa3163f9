import { isDurable, type ServerFrame } from '@tidings/protocol';
import { BoundedMap } from './bounded-map.ts';

/** The number of revs that are remembered besides those of the records that are held. Some 100 bytes each. */
const remembered = 10_000;

/**
 * The state that a session resumes from: the cursor, and the newest rev that came of each record, by its id.
 * Cursor and records belong together: both are kept over a reconnection, or neither.
 */
export class ResumeState extends BoundedMap<number> {
  /** The cursor to resume from: the last one that came, in whatever frame; null if nothing can be resumed. */
  cursor: string | null = null;
  readonly #heldRev: (id: string) => number | undefined;

  /** @param heldRev the rev of a record that is held, which is never forgotten */
  constructor(heldRev: (id: string) => number | undefined) {
    super(remembered);
    this.#heldRev = heldRev;
  }

  /** Begins a session that resumes from `cursor`; null forgets everything. */
  begin(cursor: string | null): void {
    this.cursor = cursor;
    if (!cursor) this.clear();
  }

  /**
   * Notes a frame, in the order received.
   *
   * @returns false if this rev of the record, or a newer one, came before: the frame is to be dropped
   */
  apply(frame: ServerFrame & { cursor?: string | null }): boolean {
    this.cursor = frame.cursor ?? this.cursor;
    if (!isDurable(frame)) return true;
    if (frame.rev <= this.rev(frame.id)) return false;
    this.set(frame.id, frame.rev);
    return true;
  }

  /** The newest rev that came of a record; -1 for none. */
  rev(id: string): number {
    return Math.max(this.get(id) ?? -1, this.#heldRev(id) ?? -1);
  }
}
