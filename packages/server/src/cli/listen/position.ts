import { isDurable, type ServerFrame } from '@tidings/protocol';

const remembered = 10_000;

/** The position in the sequence: it resumes from here, and drops what comes again. */
export class Position {
  #cursor: string | null = null;
  readonly #revs = new Map<string, number>();

  /** The last cursor that came, in whatever frame. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Takes in a frame; false if this rev of its record was received before. */
  accept(frame: ServerFrame & { cursor?: string | null }): boolean {
    if (frame.type === 'connection_established') this.#begin(frame.cursor);
    else this.#cursor = frame.cursor ?? this.#cursor;
    if (!isDurable(frame)) return true;
    if (frame.rev <= (this.#revs.get(frame.id) ?? -1)) return false;
    this.#revs.delete(frame.id);
    this.#revs.set(frame.id, frame.rev);
    if (this.#revs.size > remembered) this.#revs.delete(this.#revs.keys().next().value as string);
    return true;
  }

  /** A session without a usable cursor is sent everything anew. */
  #begin(cursor: string | null): void {
    this.#cursor = cursor;
    if (cursor === null) this.#revs.clear();
  }
}
