import { formatCursor, isDurable, parseCursor, type ServerFrame } from '@tidings/protocol';

const remembered = 10_000;

/** What was received up to where: what to resume from, and what to drop when it comes again. */
export class Position {
  #cursor: string | null = null;
  readonly #revs = new Map<string, number>();

  get cursor(): string | null {
    return this.#cursor;
  }

  /** Takes in a frame; false where this rev of its record was received before. */
  accept(frame: ServerFrame): boolean {
    if (frame.type === 'connection_established') this.#begin(frame.cursor);
    if (frame.type === 'synced' || frame.type === 'ping') this.#cursor = frame.cursor;
    if (!isDurable(frame)) return true;
    if (!frame.snapshot) this.#advance(frame.rev);
    if (frame.rev <= (this.#revs.get(frame.id) ?? -1)) return false;
    this.#revs.delete(frame.id);
    this.#revs.set(frame.id, frame.rev);
    if (this.#revs.size > remembered) this.#revs.delete(this.#revs.keys().next().value as string);
    return true;
  }

  /** A session that resumes from nothing tells everything anew. */
  #begin(cursor: string | null): void {
    this.#cursor = cursor;
    if (cursor === null) this.#revs.clear();
  }

  /** Not before the first `synced`, which names the history that revs belong to. */
  #advance(rev: number): void {
    const at = parseCursor(this.#cursor);
    if (at && rev > at.rev) this.#cursor = formatCursor({ term: at.term, rev });
  }
}
