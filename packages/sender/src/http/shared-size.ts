import type { BatchItem } from './batch-item.ts';
import type { Failure } from './failure.ts';

/** Below the 1 MiB at which nginx refuses a body by default. */
const most = 1_000_000;

/**
 * The bytes of a request that notifications share: half of one that was too large, for good; half of one that was not answered in time,
 * until others are answered, each of which doubles it.
 */
export class SharedSize {
  #most = most;
  #bytes = most;

  get bytes(): number {
    return this.#bytes;
  }

  /** Notes how a request with these items went. */
  note(failure: Failure | null, items: readonly BatchItem[]): void {
    const sent = items.reduce((sum, { bytes }) => sum + bytes + 1, 2);
    const code = failure?.again && failure.error.code;
    if (code === 'payload_too_large') this.#most = sent / 2;
    const next = failure === null ? this.#bytes * 2 : code === 'timeout' ? sent / 2 : this.#bytes;
    this.#bytes = Math.min(this.#most, next);
  }
}
