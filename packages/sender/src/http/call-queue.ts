import { Backoff, type BackoffOptions, backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { type BatchItem, sendBatch } from './batch-item.ts';
import { ChangeLine, type PendingChange } from './change-line.ts';
import type { Failure } from './failure.ts';
import type { HttpClient } from './http-client.ts';
import { KeySet } from './ordering-keys.ts';
import { planRequests, type QueuedCall } from './request-plan.ts';
import { SharedSize } from './shared-size.ts';

/** Milliseconds that notifications are gathered before they leave. */
const gatherMs = 2;
const gatherItems = 1_000;
/** Requests under way at most that notifications share. */
const maxShared = 4;
/** Requests of one call under way at most. A server's queue for new connections holds a few hundred (Node: 511). */
const maxAlone = 100;

export interface CallQueueOptions {
  client: HttpClient;
  clock: Clock;
  backoff: BackoffOptions;
}

/**
 * Everything that waits to be sent. Notifications are gathered into shared requests; changes leave at once, those of one thing
 * one after the other. Notifications with a common key are never in two requests at once and leave in the order they came, so
 * that the order of calls is the order of revs; a call that has to wait lets the others go on. After a failed request nothing
 * leaves for a while.
 */
export class CallQueue {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #options: BackoffOptions;
  readonly #backoff: Backoff<Failure>;
  /** The recipients of the requests under way. */
  readonly #underWay = new KeySet();
  /** The changes of each thing, waiting or under way. */
  readonly #lines = new Map<string, ChangeLine>();
  #waiting: QueuedCall[] = [];
  #gathered = 0;
  #shared = 0;
  #alone = 0;
  readonly #sharedSize = new SharedSize();
  #timer: { at: number; cancel(): void } | null = null;

  constructor({ client, clock, backoff }: CallQueueOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#options = backoff;
    this.#backoff = new Backoff(clock, backoff);
  }

  /** The reason why nothing gets through at present; null while requests are answered. */
  get lastFailure(): Failure | null {
    return this.#backoff.lastFailure;
  }

  /** The reason why changes of a thing do not get through at present. */
  lastFailureOf(thing: string | null): Failure | null {
    const line = thing === null ? undefined : this.#lines.get(thing);
    return line?.lastFailure ?? this.lastFailure;
  }

  addItem(item: BatchItem): void {
    this.#waiting.push(item);
    this.#gathered++;
    if (this.#gathered >= gatherItems) this.flush();
    else this.#wakeAt(this.#clock.now() + gatherMs);
  }

  /** @param thing its changes keep their order, as `task 7`; null for one that has no id yet, which waits for nothing */
  addChange(thing: string | null, change: PendingChange): void {
    const known = thing === null ? undefined : this.#lines.get(thing);
    const line = known ?? new ChangeLine(thing);
    line.add(change);
    if (known) return;
    if (thing !== null) this.#lines.set(thing, line);
    const { remainingMs } = this.#backoff;
    if (remainingMs === 0 && this.#alone < maxAlone) {
      void this.#send([line]);
      return;
    }
    this.#waiting.push(line);
    if (remainingMs > 0) this.#wakeAt(this.#clock.now() + remainingMs);
  }

  /** Sends what may leave now. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#gathered = 0;
    this.#sendNext(maxShared - this.#shared);
  }

  #wakeAt(at: number): void {
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = { at, cancel: this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.flush()) };
  }

  /** @param shared requests that notifications may share now; 0 while they are gathered */
  #sendNext(shared: number): void {
    if (this.#waiting.length === 0) return;
    const now = this.#clock.now();
    const { remainingMs } = this.#backoff;
    if (remainingMs > 0) {
      this.#wakeAt(now + remainingMs);
      return;
    }
    const capacity = { shared, alone: maxAlone - this.#alone, sharedBytes: this.#sharedSize.bytes };
    const { requests, waiting, wakeAt } = planRequests(this.#waiting, this.#underWay, capacity, now);
    this.#waiting = waiting;
    if (wakeAt < Number.POSITIVE_INFINITY) this.#wakeAt(wakeAt);
    for (const calls of requests) void this.#send(calls);
  }

  async #send(calls: QueuedCall[]): Promise<void> {
    const [first] = calls;
    if (first?.kind === 'changes') await this.#sendChange(first);
    else await this.#sendItems(calls.filter((call) => call.kind !== 'changes'));
  }

  async #sendChange(line: ChangeLine): Promise<void> {
    this.#alone++;
    const startedAt = this.#clock.now();
    const failure = await line.attempt(this.#client);
    this.#alone--;
    if (failure?.again) line.notBefore = this.#clock.now() + backoffMs(line.attempts, this.#options);
    this.#pace(failure, startedAt);
    if (!line.isSettled) this.#waiting.push(line);
    else if (line.thing !== null) this.#lines.delete(line.thing);
    this.#sendNext(0);
  }

  /** Makes one request. Items to be sent again go to the head of the queue, before all that waited for their keys. */
  async #sendItems(items: BatchItem[]): Promise<void> {
    const isShared = items[0]?.kind === 'single';
    this.#count(items, isShared, 1);
    const startedAt = this.#clock.now();
    const retryAt = (attempts: number) => this.#clock.now() + backoffMs(attempts, this.#options);
    const failure = await sendBatch(items, this.#client, retryAt);
    this.#count(items, isShared, -1);
    if (isShared) this.#sharedSize.note(failure, items);
    if (failure?.error.code !== 'payload_too_large') this.#pace(failure, startedAt);
    const again: QueuedCall[] = items.filter(({ pending }) => !pending.isSettled);
    this.#waiting = again.concat(this.#waiting);
    if (this.#waiting.length > 0) this.#wakeAt(this.#clock.now() + gatherMs);
  }

  #count(items: readonly BatchItem[], isShared: boolean, by: 1 | -1): void {
    if (isShared) this.#shared += by;
    else this.#alone += by;
    for (const { keys } of items) {
      if (by === 1) this.#underWay.add(keys);
      else this.#underWay.remove(keys);
    }
  }

  #pace(failure: Failure | null, startedAt: number): void {
    if (failure?.again) this.#backoff.failed(failure, failure.retryAfterMs);
    else this.#backoff.succeeded(startedAt);
  }
}
