import { type ClientAction, type FrameOf, type ServerFrame, TidingsError } from '@tidings/protocol';
import { errorOf } from './failure.ts';

type WithoutRef<A> = A extends unknown ? Omit<A, 'ref'> : never;
/** A client action of the protocol; its `ref` is the client's own business. */
export type ActionRequest = WithoutRef<ClientAction>;
/** What the server answered: the action's result beside `type` and `ref`. */
export type Reply = FrameOf<'reply'> & Record<string, unknown>;

interface Pending {
  action: ActionRequest;
  sent: boolean;
  again: boolean;
  resolve: (reply: Reply) => void;
  reject: (error: TidingsError) => void;
}

/** Actions that would happen twice if a lost answer made the client send them again. */
const once: readonly string[] = ['send', 'answer_task', 'retry_task'];

/** Actions and the replies they wait for, matched by `ref`. */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  #transmit: ((text: string) => void) | null = null;
  #count = 0;

  /**
   * @param again whether it waits for a connection, and is sent once more where a connection went before its answer came;
   * otherwise it is rejected then
   */
  send(action: ActionRequest, again = !once.includes(action.action)): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const ref = `c${++this.#count}`;
      const pending: Pending = { action, sent: false, again, resolve, reject };
      this.#pending.set(ref, pending);
      this.#flush(ref, pending);
    });
  }

  /** The connection is there: what waits is sent, in the order it was asked for. */
  start(transmit: (text: string) => void): void {
    this.#transmit = transmit;
    for (const [ref, pending] of this.#pending) this.#flush(ref, pending);
  }

  /** The connection is gone. */
  stop(): void {
    this.#transmit = null;
    const error = new TidingsError('unavailable', 'the connection was lost before the answer came; try again');
    for (const [ref, pending] of this.#pending) {
      if (pending.sent && !pending.again) this.#take(ref)?.reject(error);
      pending.sent = false;
    }
  }

  /** There will be no connection. */
  rejectAll(error: TidingsError): void {
    for (const ref of this.#pending.keys()) this.#take(ref)?.reject(error);
  }

  /** Hands a `reply` or an `error` to whom it belongs. */
  settle(frame: ServerFrame): void {
    if (frame.type === 'reply') this.#take(frame.ref)?.resolve(frame as Reply);
    if (frame.type === 'error')
      this.#take(frame.ref)?.reject(errorOf({ code: frame.code, message: frame.message }, 'internal'));
  }

  #flush(ref: string, pending: Pending): void {
    if (!this.#transmit || pending.sent) return;
    pending.sent = true;
    this.#transmit(JSON.stringify({ ...pending.action, ref }));
  }

  #take(ref: unknown): Pending | undefined {
    const pending = this.#pending.get(ref as string);
    this.#pending.delete(ref as string);
    return pending;
  }
}
