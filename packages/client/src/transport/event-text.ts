/** Reads a stream of events (HTML section 9.2.6) as the server writes it: lines end with LF, and data is one line. */
export class EventText {
  readonly #dispatch: (name: string, data: string) => void;
  #rest = '';
  #name = '';

  /** @param dispatch is called with each event; the name is empty for a frame */
  constructor(dispatch: (name: string, data: string) => void) {
    this.#dispatch = dispatch;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      if (line.startsWith('event: ')) this.#name = line.slice(7);
      if (line.startsWith('data: ')) this.#dispatch(this.#name, line.slice(6));
      if (!line) this.#name = '';
    }
  }
}
