import type { InboxItem } from '../../inbox-item.ts';

/** Time for which shown notifications are gathered before they are marked as seen, in milliseconds. */
const gathered = 1_000;

/** Marks what a list has shown as seen: all that was shown within a second by one request, each once. */
export class SeenMarks {
  readonly #mark: (ids: string[]) => Promise<void>;
  /** The notifications that were marked or wait to be, each with its alert rev. A refused mark is not repeated. */
  readonly #known = new Set<string>();
  #waiting: string[] = [];

  constructor(mark: (ids: string[]) => Promise<void>) {
    this.#mark = mark;
  }

  show(items: readonly InboxItem[]): void {
    for (const { id, alertRev, seen, read } of items) {
      const alert = `${alertRev} ${id}`;
      if (seen || read || this.#known.has(alert)) continue;
      if (this.#waiting.length === 0) setTimeout(this.#send, gathered);
      this.#known.add(alert);
      this.#waiting.push(id);
    }
  }

  /** Forgets the waiting marks of the former user. */
  forget(): void {
    this.#known.clear();
    this.#waiting = [];
  }

  readonly #send = (): void => {
    this.#mark(this.#waiting).catch(() => {});
    this.#waiting = [];
  };
}
