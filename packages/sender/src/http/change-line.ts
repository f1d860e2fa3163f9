import type { Failure } from './failure.ts';
import type { HttpCall, HttpClient } from './http-client.ts';
import { type PendingCall, untilSettled } from './pending-call.ts';

/** A call that changes something, and how its answer is read. */
export interface Change<T> {
  call: HttpCall;
  /** Its idempotency key; empty if it may be repeated without one. */
  key: string;
  read(body: unknown): T | null;
  /**
   * This change with what an earlier one asks for, to be sent in place of both; null if each must be sent.
   *
   * @param before the change of the same thing that was sent ahead of both; null if there was none, or it is not known
   */
  mergedWith?(earlier: Change<T>, before: Change<T> | null): Change<T> | null;
}

/** A change, and its caller's wait for the answer. */
export interface PendingChange {
  change: Change<unknown>;
  pending: PendingCall<unknown>;
}

/** Changes of one thing that are sent as one: the later ones hold what the earlier ones asked for. */
class MergedChange {
  readonly parts: PendingChange[];
  /** The change that is sent for all parts. */
  change: Change<unknown>;

  constructor(first: PendingChange) {
    this.change = first.change;
    this.parts = [first];
  }

  get isSettled(): boolean {
    return this.parts.every(({ pending }) => pending.isSettled);
  }

  /** Merges later changes into this one; false if the two cannot be sent as one. */
  takeIn(later: { change: Change<unknown>; parts: readonly PendingChange[] }, before: Change<unknown> | null): boolean {
    const merged = later.change.mergedWith?.(this.change, before) ?? null;
    if (!merged) return false;
    this.change = merged;
    // One by one: a call has room for some 100,000 arguments, and an outage may leave more reports than that.
    for (const part of later.parts) this.parts.push(part);
    return true;
  }
}

/**
 * The changes of one thing, sent one after the other in the order they were asked for. Those that wait are merged where their
 * rule lets them, so that however many there are, at most a few requests follow.
 */
export class ChangeLine {
  readonly kind = 'changes';
  /** The thing that is changed, as `task 7`; null for one that has no id yet. */
  readonly thing: string | null;
  /** By the clock: the next attempt is not made before. */
  notBefore = 0;
  /** Attempts made so far of the change under way. */
  attempts = 0;
  #waiting: MergedChange[] = [];
  #current: MergedChange | null = null;
  /** The newest change that was answered. */
  #last: Change<unknown> | null = null;
  #lastFailure: Failure | null = null;

  constructor(thing: string | null) {
    this.thing = thing;
  }

  /** The newest failure of the change under way; null if it has not failed. */
  get lastFailure(): Failure | null {
    return this.#lastFailure;
  }

  /** True once nobody waits for any of its changes. */
  get isSettled(): boolean {
    return (this.#current?.isSettled ?? true) && this.#waiting.every((change) => change.isSettled);
  }

  add(part: PendingChange): void {
    const last = this.#waiting.at(-1);
    const before = this.#waiting.at(-2)?.change ?? this.#current?.change ?? null;
    if (last?.takeIn({ change: part.change, parts: [part] }, before)) return;
    this.#waiting.push(new MergedChange(part));
  }

  /** Makes one attempt of the next change. @returns why it failed; null if it was answered */
  async attempt(client: HttpClient): Promise<Failure | null> {
    const next = this.#next();
    if (!next) return null;
    this.attempts++;
    const pendings = next.parts.map(({ pending }) => pending);
    for (const pending of pendings) pending.sent();
    const answer = await client.attempt(next.change.call, next.change.read, untilSettled(pendings));
    this.#lastFailure = answer.ok ? null : answer.failure;
    if (answer.ok) {
      this.#last = next.change;
      for (const pending of pendings) pending.succeed(answer.value);
    } else if (isFault(answer.failure) && pendings.length > 1) {
      // Of what was merged, only the part at fault is to fail.
      this.#split(next.parts);
    } else {
      for (const pending of pendings) pending.attemptFailed(answer.failure);
    }
    return this.#lastFailure;
  }

  /** The change under way, with what has come to wait behind it, or else the first one that somebody still waits for. */
  #next(): MergedChange | null {
    if (this.#current && !this.#current.isSettled) {
      while (this.#waiting[0] && this.#current.takeIn(this.#waiting[0], this.#last)) this.#waiting.shift();
      return this.#current;
    }
    do this.#current = this.#waiting.shift() ?? null;
    while (this.#current?.isSettled);
    this.attempts = 0;
    return this.#current;
  }

  /** Puts the parts of the change under way back as two halves, which are not merged with each other again. */
  #split(parts: readonly PendingChange[]): void {
    const middle = parts.length >> 1;
    const halves = [parts.slice(0, middle), parts.slice(middle)].flatMap((half) => {
      const line = new ChangeLine(this.thing);
      for (const part of half) line.add(part);
      return line.#waiting;
    });
    this.#current = null;
    this.#waiting.unshift(...halves);
  }
}

/** True if a request was refused for what it holds. */
const isFault = ({ error }: Failure): boolean => error.code === 'bad_request' || error.code === 'payload_too_large';
