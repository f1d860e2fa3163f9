import type { Change } from './change.ts';
import type { Failure } from './failure.ts';
import type { Pending } from './pending.ts';

/** A change, and who awaits it. */
export interface Asked<T> {
  change: Change<T>;
  pending: Pending<T>;
}

/** Changes of one thing that are sent as one: the later ones hold what the earlier ones asked for. */
export class Group<T> {
  #change: Change<T>;
  #asked: Asked<T>[];

  constructor(first: Asked<T>) {
    this.#change = first.change;
    this.#asked = [first];
  }

  /** The change that is sent for all of them. */
  get change(): Change<T> {
    return this.#change;
  }

  get asked(): readonly Asked<T>[] {
    return this.#asked;
  }

  /** True once nobody waits for it any more. */
  get settled(): boolean {
    return this.#asked.every(({ pending }) => pending.settled);
  }

  /** Resolves once nobody waits for it any more. */
  async done(): Promise<void> {
    await Promise.all(this.#asked.map(({ pending }) => pending.promise));
  }

  /** Takes in what was asked later; false where the two cannot be sent as one. */
  takeIn(later: { change: Change<T>; asked: readonly Asked<T>[] }, before: Change<T> | null): boolean {
    const merged = later.change.mergedWith?.(this.#change, before) ?? null;
    if (!merged) return false;
    this.#change = merged;
    // One by one: a call has room for some 100,000 arguments, and an outage may leave more reports than that.
    for (const one of later.asked) this.#asked.push(one);
    return true;
  }
}

/** The changes of one thing, in the order they were asked for. */
export class ChangeLine<T> {
  #waiting: Group<T>[] = [];
  #current: Group<T> | null = null;
  /** The newest that was answered. */
  last: Change<T> | null = null;
  /** Why the one under way is not through yet. */
  failure: Failure | null = null;

  add(asked: Asked<T>): void {
    const last = this.#waiting.at(-1);
    const before = this.#waiting.at(-2)?.change ?? this.#current?.change ?? null;
    if (last?.takeIn({ change: asked.change, asked: [asked] }, before)) return;
    this.#waiting.push(new Group(asked));
  }

  /** The next group to be sent; null at the end, or where one is under way. */
  next(): Group<T> | null {
    do this.#current = this.#waiting.shift() ?? null;
    while (this.#current?.settled);
    return this.#current;
  }

  /** Lets the group under way, which is to be sent again, take in what has come to wait behind it. */
  catchUp(): void {
    while (this.#waiting[0] && this.#current?.takeIn(this.#waiting[0], this.last)) this.#waiting.shift();
  }

  /** Puts what the group under way was made of back in two halves, where it was made of several. */
  split(): boolean {
    const asked = this.#current?.asked ?? [];
    if (asked.length < 2) return false;
    const middle = asked.length >> 1;
    const line = new ChangeLine<T>();
    const halves = [asked.slice(0, middle), asked.slice(middle)].flatMap((half) => {
      line.#waiting = [];
      for (const one of half) line.add(one);
      return line.#waiting;
    });
    this.#waiting.unshift(...halves);
    return true;
  }
}
