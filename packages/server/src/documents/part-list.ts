import type { Part } from './content-parts.ts';

/** `isShared`: the other document has it, too. */
type ListedPart = Part & { isShared?: boolean };

/** Parts in order, which are taken from either end. */
export class PartList {
  readonly #parts: ListedPart[];
  #from = 0;

  constructor(parts: ListedPart[] = []) {
    this.#parts = parts;
  }

  get parts(): Part[] {
    return this.#parts.slice(this.#from);
  }

  get isEmpty(): boolean {
    return this.#from >= this.#parts.length;
  }

  get first(): Part | undefined {
    return this.#parts[this.#from];
  }

  get last(): Part | undefined {
    return this.isEmpty ? undefined : this.#parts.at(-1);
  }

  add(part: Part): void {
    this.#parts.push(part);
  }

  /** Takes so many units from the start of the first part, which has as many at least. */
  take(length: number): Part {
    const part = this.#parts[this.#from] as Part;
    const taken = { client: part.client, clock: part.clock, length };
    part.clock += length;
    part.length -= length;
    if (part.length === 0) this.#from++;
    return taken;
  }

  /** Takes so many units from the end of the last part, which has as many at least. */
  takeLast(length: number): Part {
    const part = this.#parts.at(-1) as Part;
    part.length -= length;
    if (part.length === 0) this.#parts.pop();
    return { client: part.client, clock: part.clock + part.length, length };
  }

  /** Moves those that are not shared, up to the first that is, to another line. */
  moveTo(other: PartList): void {
    for (; !this.isEmpty && !this.#parts[this.#from]?.isShared; this.#from++) other.add(this.first as Part);
  }
}
