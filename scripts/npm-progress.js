/**
 * Tells a person what npm is bringing, from what it logs under `--loglevel=http`: a line that is written over on a terminal,
 * and elsewhere a line each few seconds, so that a log stays short.
 */
export class NpmProgress {
  /** Milliseconds between two lines where nothing can be written over. */
  static intervalMs = 5_000;

  /** Other lines of npm, for when it fails. @type {string[]} */
  said = [];
  #brought = 0;
  #shownAt = 0;
  #isOpen = false;
  /** @type {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} */
  #screen;
  #now;

  /**
   * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} screen
   * @param {() => number} now milliseconds
   */
  constructor(screen, now) {
    this.#screen = screen;
    this.#now = now;
    this.#shownAt = now();
  }

  /** @param {string} line as npm logged it */
  take(line) {
    const brought = packageOf(line);
    if (brought) {
      this.#brought += 1;
      this.#show(`  ${this.#brought} packages so far: ${brought}`);
    } else if (!/^npm http|^\s*$/.test(line)) this.said.push(line);
  }

  /** Ends a line that was written over. */
  end() {
    if (this.#isOpen) this.#screen.write('\r\x1b[K');
    this.#isOpen = false;
  }

  /** @param {string} text */
  #show(text) {
    if (this.#screen.isTTY) {
      this.#screen.write(`\r\x1b[K${text.slice(0, (this.#screen.columns || 80) - 1)}`);
      this.#isOpen = true;
    } else if (this.#now() - this.#shownAt >= NpmProgress.intervalMs) {
      this.#shownAt = this.#now();
      this.#screen.write(`${text}\n`);
    }
  }
}

/**
 * The package that a line says was fetched, as `fastify 5.6.1`; undefined for every other line.
 * @param {string} line
 */
function packageOf(line) {
  const name = /^npm http fetch GET 200 \S+?\/((?:@[^/]+\/)?[^/]+)\/-\/[^/]+?-(\d[^/]*)\.tgz /.exec(line);
  return name ? `${decodeURIComponent(String(name[1]))} ${name[2]}` : undefined;
}
