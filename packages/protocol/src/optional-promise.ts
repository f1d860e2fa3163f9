/**
 * A promise that need not be awaited: where it rejects and nobody listens, that is reported, and ends no process. Whoever
 * awaits it, or calls `then`, `catch` or `finally`, gets the rejection as from any promise.
 */
export class OptionalPromise<T> extends Promise<T> {
  /** Promises chained to it are the caller's own. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #hasListener = false;

  /** @param report is called with the reason if nobody listens to a promise that fails; it must not throw */
  static of<T>(promise: Promise<T>, report: (error: unknown) => void): Promise<T> {
    const optional = new OptionalPromise<T>((resolve, reject) => void promise.then(resolve, reject));
    void Promise.prototype.then.call(optional, undefined, (error) => {
      if (!optional.#hasListener) report(error);
    });
    return optional;
  }

  // biome-ignore lint/suspicious/noThenProperty: this is the `then` of a promise
  override then<R1 = T, R2 = never>(
    fulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    rejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#hasListener = true;
    return super.then(fulfilled, rejected);
  }
}
