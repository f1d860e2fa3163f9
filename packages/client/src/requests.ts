import { type ClientAction, type FrameOf, type ServerFrame, TidingsError } from '@tidings/protocol';
import { errorOf } from './failure.ts';
import type { Clock } from './options.ts';

type WithoutRef<A> = A extends unknown ? Omit<A, 'ref'> : never;
/** A client action of the protocol; its `ref` is the client's own business. */
export type ActionRequest = WithoutRef<ClientAction>;
/** What the server answered: the action's result beside `type` and `ref`. */
export type Reply = FrameOf<'reply'> & Record<string, unknown>;

/** A caller, and for which of the ids. */
interface Asker {
  ids: readonly string[];
  resolve: (reply: Reply) => void;
  reject: (error: TidingsError) => void;
}

interface Pending {
  /** Its place among all that was ever asked for. */
  number: number;
  action: ActionRequest;
  /** Its effect on its `ids`, by which others may join it; empty where none may. */
  mark: string;
  ids: readonly string[];
  /** More than one where the same mark was asked for more than once before it was sent. */
  askers: Asker[];
  again: boolean;
  /** Of its JSON. */
  bytes: number;
}

/** Actions that would happen twice if a lost answer made the client send them again. */
const once: readonly string[] = ['send', 'answer_task', 'retry_task'];

/** Actions sent at once and, beyond that, per second: below the 200 and 50 that a server allows. */
const burst = 150;
const perSecond = 45;
/** Actions that may wait for their answers, so that a network that stood still does not deliver more than a burst. */
const unanswered = 100;
/** The largest action in bytes, as the server reads it, with room for the `ref`, and the most ids it may have. */
const largest = 65_536 - 64;
const mostIds = 1_000;
/** Ids that no server finds fault with, so that nobody is refused for what another asked for. */
const plain = /^[\w.:-]{1,100}$/;
/** How long what was seen is gathered, in milliseconds: nobody waits for it. */
const seenMs = 500;

/**
 * Actions and the replies they wait for, matched by `ref`. They are sent in the order they were asked for, at the end of the current
 * microtasks and no faster than a server takes them. Marks that follow each other travel as one, and each who asked is answered for
 * their own ids.
 */
export class Requests {
  readonly #clock: Clock;
  /** Sent and not answered, by `ref`. */
  readonly #sent = new Map<unknown, Pending>();
  #queue: Pending[] = [];
  #seen: Pending[] = [];
  #transmit: ((text: string) => void) | null = null;
  #count = 0;
  #allowance = burst;
  #cancelRefill: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many were asked for until now. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param again whether it waits for a connection, and is sent once more where a connection went before its answer came;
   * otherwise it is rejected then
   */
  send(action: ActionRequest, again = !once.includes(action.action)): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const bytes = byteLength(JSON.stringify(action));
      if (bytes > largest) {
        throw new TidingsError('payload_too_large', `${action.action} has ${bytes} bytes of at most ${largest}`);
      }
      const { ids = [], until } = action as { ids?: string[]; until?: string };
      const mark = ids.length > 0 && ids.every((id) => plain.test(id)) ? `${action.action} ${until}` : '';
      const askers = [{ ids, resolve, reject }];
      this.#add({ number: ++this.#count, action, mark, ids, askers, again, bytes });
    });
  }

  /** The connection is there: what waits is sent. */
  start(transmit: (text: string) => void): void {
    this.#transmit = transmit;
    this.#allowance = burst;
    this.#pump();
  }

  /** The connection is gone. What was under way is sent again, unless the server could not read it, as it says by the code of its close. */
  stop(closeCode?: number): void {
    this.#transmit = null;
    this.#cancelRefill?.();
    this.#cancelRefill = null;
    const isUnreadable = closeCode === 1009 || closeCode === 4400;
    const code = isUnreadable ? 'payload_too_large' : 'unavailable';
    const error = new TidingsError(code, 'the connection was lost before its answer');
    const sent = new Set(this.#sent.values());
    this.#reject(error, (one) => sent.has(one) && (isUnreadable || !one.again));
  }

  /** @returns a number that `count` had until now, and has no more: what comes later may be asked for by another user */
  divide(): number {
    for (const last of [this.#queue.at(-1), this.#seen.at(-1)]) if (last) last.bytes = largest;
    return this.#count++;
  }

  /** Rejects what waits. @param upTo of that only what was asked for by then, as `count` was */
  rejectAll(error: TidingsError, upTo = this.#count): void {
    this.#reject(error, ({ number }) => number <= upTo);
  }

  /** Hands a `reply` or an `error` to whom it belongs. */
  settle(frame: ServerFrame): void {
    if (frame.type !== 'reply' && frame.type !== 'error') return;
    const one = this.#sent.get(frame.ref);
    if (!one) return;
    this.#sent.delete(frame.ref);
    for (const asker of one.askers) {
      if (frame.type === 'reply') answer(frame as Reply, asker);
      else asker.reject(errorOf(frame, 'internal'));
    }
    this.#pump();
  }

  #add(one: Pending): void {
    const isSeen = one.action.action === 'mark_seen';
    const list = isSeen ? this.#seen : this.#queue;
    const last = list.at(-1);
    const ids = [...(last?.ids ?? []), ...one.ids];
    if (last && one.mark && last.mark === one.mark && last.bytes + one.bytes < largest && ids.length <= mostIds) {
      last.ids = ids;
      last.action = { ...last.action, ids } as ActionRequest;
      last.bytes += one.bytes;
      last.askers.push(...one.askers);
      return;
    }
    list.push(one);
    if (!isSeen) Promise.resolve().then(() => this.#pump());
    else if (!last) {
      this.#clock.after(seenMs, () => {
        this.#queue.push(...this.#seen.splice(0));
        this.#pump();
      });
    }
  }

  /** Rejects what is over; the rest waits to be sent again. */
  #reject(error: TidingsError, isOver: (one: Pending) => unknown): void {
    const all = [...this.#sent.values(), ...this.#queue, ...this.#seen.splice(0)];
    this.#sent.clear();
    this.#queue = all.filter((one) => !isOver(one));
    for (const one of all) if (isOver(one)) for (const { reject } of one.askers) reject(error);
  }

  #pump(): void {
    while (this.#transmit && this.#allowance > 0 && this.#sent.size < unanswered) {
      const next = this.#queue.shift();
      if (!next) break;
      const ref = `c${next.number}`;
      this.#allowance--;
      this.#sent.set(ref, next);
      this.#transmit(JSON.stringify({ ...next.action, ref }));
    }
    if (!this.#transmit || this.#allowance === burst) return;
    this.#cancelRefill ??= this.#clock.after(1_000, () => {
      this.#cancelRefill = null;
      this.#allowance = Math.min(burst, this.#allowance + perSecond);
      this.#pump();
    });
  }
}

/** Tells one who asked of their own ids. */
function answer(reply: Reply, { ids, resolve, reject }: Asker): void {
  const not_found = ids.filter((id) => (reply.not_found as string[] | undefined)?.includes(id));
  if (ids[0] && not_found.length === ids.length) {
    reject(new TidingsError('not_found', `there is no notification ${ids[0]}`));
  } else resolve(ids[0] ? { ...reply, not_found } : reply);
}

/** How many of the first ids one action has room for. */
export const fitting = (ids: readonly string[], count = mostIds): number =>
  count > 1 && byteLength(JSON.stringify(ids.slice(0, count))) > largest - 100 ? fitting(ids, count >> 1) : count;

/** Bytes of a text in UTF-8, where it has no halves of surrogate pairs, as JSON has none. */
const byteLength = (text: string): number => encodeURIComponent(text).replace(/%../g, '.').length;
