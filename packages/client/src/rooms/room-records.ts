import type { RoomEvent, RoomStateEntry } from '@tidings/protocol';

export type RoomRecord = RoomEvent | ({ type: 'room_state'; id: string } & RoomStateEntry);

/** The newest events that are kept, besides those of pages, and what may come besides before the oldest are let go. */
const kept = 500;
const slack = 100;

/** The events and the state of a room, each record in its newest version. */
export class RoomRecords {
  /** Newest first; a new array whenever something changed. */
  events: readonly RoomEvent[] = [];
  /** By key, in the order of the keys; a new map whenever something changed. */
  state: ReadonlyMap<string, RoomStateEntry> = new Map();
  /** The place at which the next older page begins: undefined is not known yet, null is the end. */
  next: number | null | undefined;
  readonly #records = new Map<string, RoomRecord>();
  #keep = kept;

  get ids(): Iterable<string> {
    return this.#records.keys();
  }

  /** Takes in a record. @returns false if this version, or a newer one, is held */
  put(record: RoomRecord): boolean {
    const held = this.#records.get(record.id);
    if (held && held.rev >= record.rev) return false;
    this.#records.set(record.id, record);
    this.#changed(record);
    return true;
  }

  /** Takes in a page of older events. */
  putPage(events: readonly RoomEvent[], next: number | null): void {
    for (const event of events) if (this.put(event)) this.#keep++;
    this.next = next;
  }

  /** @returns false if it was not held */
  delete(id: string): boolean {
    const record = this.#records.get(id);
    if (!record) return false;
    this.#records.delete(id);
    this.#changed(record);
    return true;
  }

  /** Lets go of the oldest events past the limit, which can be loaded again. @returns their ids */
  trim(): readonly string[] {
    if (this.events.length < this.#keep + slack) return [];
    const ids = this.events.slice(this.#keep).map(({ id }) => id);
    for (const id of ids) this.#records.delete(id);
    this.events = this.events.slice(0, this.#keep);
    this.next = this.events.at(-1)?.rev;
    return ids;
  }

  #changed(record: RoomRecord): void {
    const isHeld = this.#records.has(record.id);
    if (record.type === 'room_event') {
      const others = this.events.filter(({ id }) => id !== record.id);
      // Nearly always it is the newest.
      const found = others.findIndex(({ rev }) => rev < record.rev);
      const at = found < 0 ? others.length : found;
      this.events = isHeld ? [...others.slice(0, at), record, ...others.slice(at)] : others;
    } else {
      const { type: _type, id: _id, ...entry } = record;
      const others = [...this.state].filter(([key]) => key !== record.key);
      const all: [string, RoomStateEntry][] = isHeld ? [...others, [record.key, entry]] : others;
      this.state = new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  }
}
