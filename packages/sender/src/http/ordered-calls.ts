import { type BackoffOptions, backoffMs, pause } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Change } from './change.ts';
import { ChangeLine, type Group } from './change-line.ts';
import type { Exchange } from './exchange.ts';
import type { Failure } from './failure.ts';
import { type Outcome, Pending } from './pending.ts';

export interface OrderedCallsOptions {
  exchange: Exchange;
  clock: Clock;
  backoff: BackoffOptions;
  timeoutMs: number;
}

/**
 * Makes the calls about one thing one after the other, each until it is answered or late; calls about others go on. What
 * waits is merged where it may be, so that however many calls are made, at most a few wait.
 */
export class OrderedCalls {
  readonly #options: OrderedCallsOptions;
  readonly #lines = new Map<string, ChangeLine<never>>();

  constructor(options: OrderedCallsOptions) {
    this.#options = options;
  }

  /** @param thing null for what has no id yet, which waits for nothing; changes of one thing are merged by their own rule */
  make<T>(thing: string | null, change: Change<T>): Promise<Outcome<T>> {
    const { clock, timeoutMs } = this.#options;
    const known = thing === null ? undefined : (this.#lines.get(thing) as ChangeLine<T> | undefined);
    const line = known ?? new ChangeLine<T>();
    const pending = new Pending<T>(clock, timeoutMs, change.key, () => line.failure);
    line.add({ change, pending });
    if (!known) void this.#run(thing, line);
    return pending.promise;
  }

  async #run<T>(thing: string | null, line: ChangeLine<T>): Promise<void> {
    if (thing !== null) this.#lines.set(thing, line as unknown as ChangeLine<never>);
    for (let group = line.next(); group; group = line.next()) await this.#send(line, group);
    if (thing !== null) this.#lines.delete(thing);
  }

  /** Sends a group until each who waits for it is answered. */
  async #send<T>(line: ChangeLine<T>, group: Group<T>): Promise<void> {
    const { exchange, clock, backoff } = this.#options;
    for (let attempts = 1; !group.settled; attempts++) {
      const stop = new AbortController();
      void group.done().then(() => stop.abort());
      for (const { pending } of group.asked) pending.sent();
      const answer = await exchange(group.change.call, group.change.read, stop.signal);
      line.failure = answer.ok ? null : answer.failure;
      if (answer.ok) {
        line.last = group.change;
        for (const { pending } of group.asked) pending.succeed(answer.value);
        return;
      }
      // Of what was merged, only what is at fault is to fail.
      if (isFault(answer.failure) && line.split()) return;
      for (const { pending } of group.asked) pending.attemptFailed(answer.failure);
      if (group.settled) return;
      await pause(Math.max(answer.failure.retryAfterMs, backoffMs(attempts, backoff)), clock, stop.signal);
      line.catchUp();
    }
  }
}

/** True where a request was refused for what it holds. */
const isFault = ({ error }: Failure): boolean => error.code === 'bad_request' || error.code === 'payload_too_large';
