/** The shortest silence that counts, and how far apart two may be that are the same, in milliseconds. */
const leastMs = 900;
const apartMs = 1_000;

/** The seconds of silence that a transport asks for: fewer where something in between cuts what is silent for so long. */
export class Patience {
  readonly #least: number;
  #seconds: number;
  /** The silence after which a connection was cut last, in milliseconds. */
  #last = 0;

  /** @param least the server answers no sooner */
  constructor(seconds: number, least: number) {
    this.#seconds = seconds;
    this.#least = least;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** A connection was cut after so many ms of silence. If it is the same as the last time, it is a time limit of a proxy. */
  noteCut(silenceMs: number): void {
    if (silenceMs > leastMs && Math.abs(silenceMs - this.#last) < apartMs) {
      this.#seconds = Math.min(this.#seconds, Math.max(this.#least, Math.floor(silenceMs / 2_000)));
    }
    this.#last = silenceMs;
  }
}
