import { type ClientAction, type FrameOf, type ServerFrame, TidingsError } from '@tidings/protocol';
import { errorOf } from './failure.ts';
import type { Clock } from './options.ts';

type WithoutRef<A> = A extends unknown ? Omit<A, 'ref'> : never;
/** A client action of the protocol; its `ref` is the client's own business. */
export type ActionRequest = WithoutRef<ClientAction>;
/** The server's reply: the action's result beside `type` and `ref`. */
export type Reply = FrameOf<'reply'> & Record<string, unknown>;

/** A caller, and the ids that it named. */
interface Caller {
  ids: readonly string[];
  resolve: (reply: Reply) => void;
  reject: (error: TidingsError) => void;
}

interface PendingRequest {
  /** Counts all actions. */
  count: number;
  action: ActionRequest;
  /** Actions with the same key travel as one; empty if none may join. */
  key: string;
  ids: readonly string[];
  /** More than one where several calls were merged before they were sent. */
  callers: Caller[];
  /** True if it is sent again where the connection is lost before its reply. */
  again: boolean;
  /** The size of its JSON. */
  size: number;
}

/** Actions that would happen twice if a lost answer made the client send them again. */
const once: readonly string[] = ['send', 'answer_task', 'retry_task'];

/** Actions sent at once and, beyond that, per second: below the 200 and 50 that a server allows. */
const burst = 150;
const perSecond = 45;
/** The most actions without a reply: a server closes a connection that it refused 50 in a row of. */
const mostUnanswered = 45;
/** The longest time to wait for before an action past a limit of the server is sent again, in milliseconds. */
const longestWaitMs = 60_000;
/** The largest action in bytes, as the server reads it, with room for the `ref`, and the most ids it may have. */
const largest = 65_536 - 64;
const mostIds = 1_000;
/** Ids that every server accepts, so that a merged action is not refused for the id of another caller. */
const validId = /^[\w.:-]{1,100}$/;
/** Time for which `mark_seen` actions are gathered, in milliseconds: nobody waits for them. */
const seenMs = 500;

/**
 * Actions and the replies they wait for, matched by `ref`. They are sent in the order of the calls, at the end of the current
 * microtasks and no faster than a server takes them. Equal marks that follow each other travel as one, and each caller is answered for
 * its own ids.
 */
export class Requests {
  /** The number of actions until now. */
  count = 0;
  readonly #clock: Clock;
  /** Sent and not answered, by `ref`. */
  readonly #sent = new Map<unknown, PendingRequest>();
  #queue: PendingRequest[] = [];
  #seen: PendingRequest[] = [];
  #transmit: ((text: string) => void) | null = null;
  /** The number of actions before the last `divide()`. */
  #divided = 0;
  /** The number of actions that may be sent now. Below zero where the server told to wait. */
  #allowance = burst;
  /** True if the allowance grows within a second. */
  #isRefilling = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param again whether it waits for a connection, and is sent again where a connection is lost before its reply; otherwise it is
   * rejected then
   */
  send(action: ActionRequest, again = !once.includes(action.action)): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const size = byteLength(JSON.stringify(action));
      if (size > largest) {
        throw new TidingsError('payload_too_large', `${action.action} has ${size} bytes of at most ${largest}`);
      }
      const { ids = [], until } = action as { ids?: string[]; until?: string };
      const key = ids.length && ids.every((id) => validId.test(id)) ? `${action.action} ${until}` : '';
      const callers = [{ ids, resolve, reject }];
      this.#add({ count: ++this.count, action, key, ids, callers, again, size });
    });
  }

  /** The connection is there: sends all that waits. */
  start(transmit: (text: string) => void): void {
    this.#transmit = transmit;
    this.#allowance = burst;
    this.#pump();
  }

  /** The connection is gone. Actions under way are sent again, unless the close code says that the server could not read them. */
  stop(closeCode?: number): void {
    this.#transmit = null;
    const isUnreadable = closeCode === 1009 || closeCode === 4400;
    const code = isUnreadable ? 'payload_too_large' : 'unavailable';
    const error = new TidingsError(code, 'the connection was lost');
    const sent = new Set(this.#sent.values());
    this.#rejectIf(error, (one) => sent.has(one) && (isUnreadable || !one.again));
  }

  /** Separates the actions until now from later ones, which may be another user's. @returns the number of actions until now */
  divide(): number {
    this.#divided = this.count++;
    return this.#divided;
  }

  /** Rejects all that waits. @param upTo only the first so many actions, as `count` was */
  reject(error: TidingsError, upTo = this.count): void {
    this.#rejectIf(error, ({ count }) => count <= upTo);
  }

  /** Settles the request that a `reply` or an `error` belongs to. */
  apply(frame: ServerFrame): void {
    if (frame.type !== 'reply' && frame.type !== 'error') return;
    const one = this.#sent.get(frame.ref);
    if (!one) return;
    this.#sent.delete(frame.ref);
    const waitMs = (frame as FrameOf<'error'>).retry_after_ms as number;
    if (waitMs <= longestWaitMs) {
      // It is past a limit of the server and has changed nothing: it is sent again, before later ones, when the server accepts actions.
      this.#queue.push(one);
      this.#queue.sort((a, b) => a.count - b.count);
      this.#allowance = -perSecond * Math.ceil(waitMs / 1_000);
    } else {
      for (const caller of one.callers) {
        if (frame.type === 'reply') answer(frame as Reply, caller);
        else caller.reject(errorOf(frame, 'internal'));
      }
    }
    this.#pump();
  }

  #add(one: PendingRequest): void {
    const isSeen = one.action.action === 'mark_seen';
    const list = isSeen ? this.#seen : this.#queue;
    const last = list.at(-1);
    const ids = [...(last?.ids ?? []), ...one.ids];
    const isEqual = last && one.key && last.key === one.key && last.count > this.#divided;
    if (isEqual && last.size + one.size < largest && ids.length <= mostIds) {
      last.ids = ids;
      last.action = { ...last.action, ids } as ActionRequest;
      last.size += one.size;
      last.callers.push(...one.callers);
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

  /** Rejects those that match; the rest waits to be sent again. */
  #rejectIf(error: TidingsError, isMatch: (one: PendingRequest) => unknown): void {
    const all = [...this.#sent.values(), ...this.#queue, ...this.#seen.splice(0)];
    this.#sent.clear();
    this.#queue = all.filter((one) => !isMatch(one));
    for (const one of all) if (isMatch(one)) for (const { reject } of one.callers) reject(error);
  }

  #pump(): void {
    while (this.#transmit && this.#allowance > 0 && this.#sent.size < mostUnanswered) {
      const next = this.#queue.shift();
      if (!next) break;
      const ref = `c${next.count}`;
      this.#allowance--;
      this.#sent.set(ref, next);
      this.#transmit(JSON.stringify({ ...next.action, ref }));
    }
    if (!this.#transmit || this.#allowance === burst || this.#isRefilling) return;
    this.#isRefilling = true;
    this.#clock.after(1_000, () => {
      this.#isRefilling = false;
      this.#allowance = Math.min(burst, this.#allowance + perSecond);
      this.#pump();
    });
  }
}

/** Answers one caller for its own ids. */
function answer(reply: Reply, { ids, resolve, reject }: Caller): void {
  const not_found = ids.filter((id) => (reply.not_found as string[] | undefined)?.includes(id));
  if (ids[0] && not_found.length === ids.length) {
    reject(new TidingsError('not_found', `there is no notification ${ids[0]}`));
  } else resolve(ids[0] ? { ...reply, not_found } : reply);
}

/** The number of ids, from the first on, that one action has room for. */
export const fitting = (ids: readonly string[], count = mostIds): number =>
  count > 1 && byteLength(JSON.stringify(ids.slice(0, count))) > largest - 100 ? fitting(ids, count >> 1) : count;

/** Bytes of a text in UTF-8, where it has no halves of surrogate pairs, as JSON has none. */
const byteLength = (text: string): number => encodeURIComponent(text).replace(/%../g, '.').length;
