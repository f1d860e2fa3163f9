import { StringDecoder } from 'node:string_decoder';

/** Characters of a line; what is longer is read as several lines. */
const lineAtMost = 16_384;

/** Makes lines of the bytes of an output. A carriage return ends a line too: progress bars write it in place of a line break. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(bytes: Buffer): void {
    this.#take(this.#decoder.write(bytes), false);
  }

  /** The output has ended: what is left is a line. */
  end(): void {
    this.#take(this.#decoder.end(), true);
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }

  #take(text: string, isLast: boolean): void {
    const all = this.#rest + text;
    // A line feed may follow in the next bytes.
    const isOpen = !isLast && all.endsWith('\r');
    const lines = (isOpen ? all.slice(0, -1) : all).split(/\r\n|\r|\n/);
    const last = (lines.pop() ?? '') + (isOpen ? '\r' : '');
    for (const line of lines) this.#onLine(line);
    let from = 0;
    for (; last.length - from > lineAtMost; from += lineAtMost) this.#onLine(last.slice(from, from + lineAtMost));
    this.#rest = last.slice(from);
  }
}
