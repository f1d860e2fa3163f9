import type { BatchItem } from './batch-item.ts';
import type { ChangeLine } from './change-line.ts';
import { KeySet } from './ordering-keys.ts';

/** One entry of the queue. The changes of one thing are one entry. */
export type QueuedCall = BatchItem | ChangeLine;

const maxItems = 1_000;

/** The number of requests that may begin now. */
export interface Capacity {
  /** Requests that several notifications share. */
  shared: number;
  /** Requests of one call. */
  alone: number;
  /** Bytes of a shared request at most. */
  sharedBytes: number;
}

/** The requests that begin now, and what stays in the queue. */
export interface RequestPlan {
  requests: QueuedCall[][];
  waiting: QueuedCall[];
  /** By the clock: the first of what stays may be sent then; Infinity where nothing waits for a time. */
  wakeAt: number;
}

/**
 * Plans requests from a queue in its order. A notification leaves when none of its keys is under way or waits ahead of it;
 * those for one recipient may share a request, in their order. Calls that nobody waits for any more are dropped.
 */
export function planRequests(
  queue: readonly QueuedCall[],
  underWay: KeySet,
  capacity: Capacity,
  now: number,
): RequestPlan {
  const planner = new Planner(underWay, capacity, now);
  let lastAlone: number | null = null;
  for (const [index, call] of queue.entries()) {
    if (planner.isFull) {
      // There may be very many, of which none can leave.
      lastAlone ??= planner.hasRoomForOne ? queue.findLastIndex(({ kind }) => kind !== 'single') : -1;
      if (index > lastAlone || !planner.hasRoomForOne) return planner.end(queue.slice(index));
    }
    planner.offer(call);
  }
  return planner.end([]);
}

class Planner {
  readonly #underWay: KeySet;
  readonly #capacity: Capacity;
  readonly #now: number;
  readonly #requests: QueuedCall[][] = [];
  readonly #waiting: QueuedCall[] = [];
  readonly #waitingKeys = new KeySet();
  /** The keys of complete requests. */
  readonly #plannedKeys = new KeySet();
  /** The shared request that is being filled. */
  #batch: BatchItem[] = [];
  #bytes = 2;
  #wakeAt = Number.POSITIVE_INFINITY;
  /** True once no single can leave any more. */
  isFull: boolean;

  constructor(underWay: KeySet, capacity: Capacity, now: number) {
    this.#underWay = underWay;
    this.#capacity = { ...capacity };
    this.#now = now;
    this.isFull = capacity.shared <= 0;
  }

  /** True while a call with a request of its own may leave. */
  get hasRoomForOne(): boolean {
    return this.#capacity.alone > 0;
  }

  offer(call: QueuedCall): void {
    if (call.kind !== 'changes' && call.pending.isSettled) return;
    if (!this.#mayLeave(call)) {
      this.#waiting.push(call);
      if (call.kind !== 'changes') this.#waitingKeys.add(call.keys);
    } else if (call.kind === 'single') {
      this.#batch.push(call);
      this.#bytes += call.bytes + 1;
    } else {
      this.#capacity.alone--;
      this.#requests.push([call]);
      if (call.kind === 'atomic') this.#plannedKeys.add(call.keys);
    }
  }

  end(rest: readonly QueuedCall[]): RequestPlan {
    if (this.#batch.length > 0) this.#requests.push(this.#batch);
    return { requests: this.#requests, waiting: this.#waiting.concat(rest), wakeAt: this.#wakeAt };
  }

  #mayLeave(call: QueuedCall): boolean {
    if (call.notBefore > this.#now) {
      this.#wakeAt = Math.min(this.#wakeAt, call.notBefore);
      return false;
    }
    if (call.kind === 'changes') return this.hasRoomForOne;
    if (this.#waitingKeys.blocks(call.keys) || this.#underWay.blocks(call.keys)) return false;
    if (this.#plannedKeys.blocks(call.keys)) return false;
    return call.kind === 'single' ? this.#hasRoom(call) : this.hasRoomForOne && !this.#isInBatch(call);
  }

  /** Begins another shared request where the present one is full. */
  #hasRoom({ bytes, keys }: BatchItem): boolean {
    if (this.isFull) return false;
    const { length } = this.#batch;
    if (length < maxItems && (length === 0 || this.#bytes + bytes <= this.#capacity.sharedBytes)) return true;
    for (const item of this.#batch) this.#plannedKeys.add(item.keys);
    this.#requests.push(this.#batch);
    this.#batch = [];
    this.#bytes = 2;
    this.isFull = --this.#capacity.shared <= 0;
    return !this.isFull && !this.#plannedKeys.blocks(keys);
  }

  #isInBatch({ keys }: BatchItem): boolean {
    const batch = new KeySet();
    for (const item of this.#batch) batch.add(item.keys);
    return batch.blocks(keys);
  }
}
