import type { NotifyResult } from '@tidings/protocol';
import { type BackoffOptions, backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Exchange } from './exchange.ts';
import type { Failure } from './failure.ts';
import { LaneSet } from './lanes.ts';
import { isFailure, isResult, type Parcel, readResults } from './parcel.ts';

/** Milliseconds that calls are gathered before they leave. */
const gatherMs = 2;
const maxItems = 1_000;
/** Below the 1 MiB at which nginx refuses a body by default. */
const maxBytes = 1_000_000;
const maxUnderWay = 4;
/** Milliseconds for which `Retry-After` is heeded at most. */
const maxQuietMs = 30_000;

export interface CoalescerOptions {
  exchange: Exchange;
  clock: Clock;
  backoff: BackoffOptions;
}

/**
 * Gathers calls into batch requests. Items for one recipient are never in two requests at once and leave in the order they
 * came, so that the order of calls is the order of revs; an item that has to wait lets the others go on.
 */
export class Coalescer {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #backoff: BackoffOptions;
  /** Whom the requests under way concern. */
  readonly #lanes = new LaneSet();
  #queue: Parcel[] = [];
  #gathered = 0;
  #underWay = 0;
  #timer: { at: number; cancel(): void } | null = null;
  #maxBytes = maxBytes;
  /** The failed requests since the last that was answered, and how long they keep everything back. */
  #trouble: { count: number; until: number; failure: Failure } | null = null;

  constructor({ exchange, clock, backoff }: CoalescerOptions) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#backoff = backoff;
  }

  /** Why nothing gets through at present; null while requests are answered. */
  get obstacle(): Failure | null {
    return this.#trouble?.failure ?? null;
  }

  add(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.#gathered++;
    if (this.#gathered >= maxItems) this.flush();
    else this.#flushAt(this.#clock.now() + gatherMs);
  }

  /** Sends what may leave now. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#gathered = 0;
    const now = this.#clock.now();
    this.#queue = this.#queue.filter((parcel) => !parcel.pending.settled);
    if (this.#queue.length === 0) return;
    if (this.#trouble && now < this.#trouble.until) {
      this.#flushAt(this.#trouble.until);
      return;
    }
    while (this.#underWay < maxUnderWay) {
      const batch = this.#take(now);
      if (batch.length === 0) return;
      void this.#deliver(batch);
    }
  }

  #flushAt(at: number): void {
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = { at, cancel: this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.flush()) };
  }

  /** The next batch: what is due and neither in a lane under way nor behind an item that stays. */
  #take(now: number): Parcel[] {
    const batch: Parcel[] = [];
    let left: Parcel[] = [];
    const held = new LaneSet();
    let bytes = 2;
    for (const [index, parcel] of this.#queue.entries()) {
      const full = batch.length >= maxItems || (batch.length > 0 && bytes + parcel.bytes > this.#maxBytes);
      if (full || batch[0]?.kind === 'atomic') {
        left = left.concat(this.#queue.slice(index));
        break;
      }
      if (parcel.notBefore > now) this.#flushAt(parcel.notBefore);
      const early = parcel.notBefore > now || (parcel.kind === 'atomic' && batch.length > 0);
      if (early || held.blocks(parcel.lanes) || this.#lanes.blocks(parcel.lanes)) {
        held.add(parcel.lanes);
        left.push(parcel);
      } else {
        batch.push(parcel);
        bytes += parcel.bytes + 1;
      }
    }
    this.#queue = left;
    return batch;
  }

  /** One request. What is to be sent again goes back to the head of the queue, before all that waited for its lanes. */
  async #deliver(batch: Parcel[]): Promise<void> {
    this.#underWay++;
    for (const parcel of batch) {
      this.#lanes.add(parcel.lanes);
      parcel.pending.sent();
    }
    await this.#attempt(batch);
    for (const parcel of batch) this.#lanes.remove(parcel.lanes);
    this.#underWay--;
    this.#queue = batch.filter((parcel) => !parcel.pending.settled).concat(this.#queue);
    if (this.#queue.length > 0) this.#flushAt(this.#clock.now() + gatherMs);
  }

  async #attempt(batch: Parcel[]): Promise<void> {
    const stop = new AbortController();
    void Promise.all(batch.map((parcel) => parcel.pending.promise)).then(() => stop.abort());
    const atomic = batch[0]?.kind === 'atomic';
    const path = atomic ? '/notifications/batch' : '/notifications/batch?atomic=false';
    const body = `[${batch.map((parcel) => parcel.json).join(',')}]`;
    const count = batch.reduce((sum, parcel) => sum + parcel.items, 0);
    const answer = await this.#exchange(
      { method: 'POST', path, body },
      (json) => readResults(json, count),
      stop.signal,
    );
    if (answer.ok) {
      this.#trouble = null;
      for (const [parcel, results] of dealt(batch, answer.value)) this.#answer(parcel, results);
    } else if (answer.failure.error.code === 'payload_too_large' && batch.length > 1) {
      // Some proxy takes less than we thought; one big item must not fail its neighbours.
      this.#maxBytes = batch.reduce((sum, parcel) => sum + parcel.bytes + 1, 2) / 2;
      for (const parcel of batch) parcel.pending.attemptFailed({ ...answer.failure, again: true });
    } else {
      for (const parcel of batch) parcel.pending.attemptFailed(answer.failure);
      if (answer.failure.again) this.#keepBack(answer.failure);
      else this.#trouble = null;
    }
  }

  #answer(parcel: Parcel, results: Array<NotifyResult | Failure>): void {
    const failure = results.find(isFailure);
    if (failure) {
      parcel.pending.attemptFailed(failure);
      parcel.notBefore = this.#clock.now() + backoffMs(parcel.pending.attempts, this.#backoff);
    } else parcel.pending.succeed(results.filter(isResult));
  }

  /** Nothing leaves for a while; requests that fail together count once. */
  #keepBack(failure: Failure): void {
    const now = this.#clock.now();
    const before = this.#trouble;
    const count = before ? before.count + (now < before.until ? 0 : 1) : 1;
    const asked = now + Math.min(failure.retryAfterMs, maxQuietMs);
    const until = before && now < before.until ? before.until : now + backoffMs(count, this.#backoff);
    this.#trouble = { count, until: Math.max(until, asked), failure };
  }
}

/** Each parcel with the results of its items. */
function dealt(
  batch: Parcel[],
  results: Array<NotifyResult | Failure>,
): Array<[Parcel, Array<NotifyResult | Failure>]> {
  let next = 0;
  return batch.map((parcel) => {
    const from = next;
    next += parcel.items;
    return [parcel, results.slice(from, next)];
  });
}
