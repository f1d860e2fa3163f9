/** Time limit of a database's answer to a probe, ms. */
const limit = 1_500;

/** Asks a database how it is, one question at a time, and keeps the last answer. */
export class Probe {
  readonly #ask: () => Promise<void>;
  #underWay: Promise<void> | null = null;
  #failure: string | null = null;

  /** @param ask rejects with what is wrong; may take as long as the database does */
  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  /** The reason why the last probe failed; null if it did not. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Resolves with the answer, or when it is late. A probe that is under way still is not asked again. */
  async run(): Promise<void> {
    this.#underWay ??= this.#once();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#failure = `the database has not answered for ${limit / 1000} s`;
      late.resolve();
    }, limit);
    await Promise.race([this.#underWay, late.promise]);
    clearTimeout(timer);
  }

  async #once(): Promise<void> {
    try {
      await this.#ask();
      this.#failure = null;
    } catch (error) {
      this.#failure = (error as Error).message;
    } finally {
      this.#underWay = null;
    }
  }
}
