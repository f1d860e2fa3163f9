import { TidingsError } from '@tidings/protocol';

/** The open waits of one sender: all end when the sender is closed. */
export class Waits {
  readonly #open = new Set<AbortController>();
  #state: 'open' | 'closed' = 'open';

  /** @throws TidingsError `unavailable` after `close` */
  begin(): AbortController {
    if (this.#state === 'closed') throw closed();
    const wait = new AbortController();
    this.#open.add(wait);
    wait.signal.addEventListener('abort', () => this.#open.delete(wait), { once: true });
    return wait;
  }

  close(): void {
    this.#state = 'closed';
    for (const wait of this.#open) wait.abort();
  }
}

export const closed = (): TidingsError =>
  new TidingsError('unavailable', 'this sender is closed, and waits for nothing any more', { retryable: false });
