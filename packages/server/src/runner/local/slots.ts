/**
 * Room for a number of handlers at work. One that waits for a person gives its room away, and has it back, before what has not
 * begun yet, when it goes on.
 */
export class Slots {
  readonly #size: number;
  readonly #freed: () => void;
  readonly #returning: (() => void)[] = [];
  #taken = 0;

  /** @param freed is called when there is room for another task */
  constructor(size: number, freed: () => void) {
    this.#size = size;
    this.#freed = freed;
  }

  get hasRoom(): boolean {
    return this.#taken < this.#size;
  }

  take(): void {
    this.#taken++;
  }

  free(): void {
    this.#taken--;
    this.#next();
  }

  /** Resolves when there is room again for one that gave it away, or when it is to stop. */
  comeBack(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const enter = () => {
        signal.removeEventListener('abort', enter);
        const place = this.#returning.indexOf(enter);
        if (place !== -1) this.#returning.splice(place, 1);
        this.take();
        resolve();
      };
      if (this.hasRoom || signal.aborted) return enter();
      this.#returning.push(enter);
      signal.addEventListener('abort', enter, { once: true });
    });
  }

  #next(): void {
    while (this.hasRoom && this.#returning[0]) this.#returning[0]();
    if (this.hasRoom) this.#freed();
  }
}
