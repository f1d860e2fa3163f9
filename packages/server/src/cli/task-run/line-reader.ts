import { StringDecoder } from 'node:string_decoder';

/** Characters of a line; what is longer is read as several lines. */
const lineAtMost = 16_384;
/** Characters of a line with a result: 256 KiB of JSON, of which a program that escapes all but ASCII writes up to three times as many. */
const resultAtMost = 1_048_576;
const resultStart = /^::result\s/;

export interface LineReaderOptions {
  /** Called with each line, without its end. @param isRest true for what follows in a line that was cut: no marker begins there */
  onLine(line: string, isRest: boolean): void;
  /** True: a line that begins with `::result` is cut as any other. */
  isPlain: boolean;
}

/** Makes lines of the bytes of an output. A carriage return ends a line too: progress bars write it in place of a line break. */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** True if the rest is of a line that was cut. */
  #isCut = false;
  /** True after a carriage return at the end of the bytes: a line feed may follow in the next ones. */
  #isOpen = false;

  constructor(options: LineReaderOptions) {
    this.#options = options;
  }

  write(bytes: Buffer): void {
    this.#take(this.#decoder.write(bytes), false);
  }

  /** The output has ended: what is left is a line. */
  end(): void {
    this.#take(this.#decoder.end(), true);
    if (this.#rest !== '') this.#options.onLine(this.#rest, this.#isCut);
    this.#rest = '';
  }

  #take(text: string, isLast: boolean): void {
    const all = (this.#isOpen ? '\r' : '') + text;
    this.#isOpen = !isLast && all.endsWith('\r');
    for (const [i, part] of (this.#isOpen ? all.slice(0, -1) : all).split(/\r\n|\r|\n/).entries()) {
      if (i > 0) {
        this.#options.onLine(this.#rest, this.#isCut);
        this.#rest = '';
        this.#isCut = false;
      }
      this.#rest = this.#cut(this.#rest + part);
    }
  }

  /** Reads the beginning of too long a line as lines. @returns the rest of it */
  #cut(line: string): string {
    let rest = line;
    while (rest.length > lineAtMost) {
      const isResult = !this.#options.isPlain && !this.#isCut && resultStart.test(rest);
      const atMost = isResult ? resultAtMost : lineAtMost;
      if (rest.length <= atMost) break;
      // A character of two units stays whole.
      const length = /[\ud800-\udbff]/.test(rest.charAt(atMost - 1)) ? atMost - 1 : atMost;
      this.#options.onLine(rest.slice(0, length), this.#isCut);
      this.#isCut = true;
      rest = rest.slice(length);
    }
    return rest;
  }
}
