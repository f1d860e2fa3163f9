import type { Callback, Clock, Store } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { CallbackOrigins } from './callback-origins.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Signature } from './signature.ts';

export interface CallbackParts {
  store: Pick<Store, 'takeCallbacks' | 'settleCallback'>;
  clock: Clock;
  telemetry: Telemetry;
  origins: CallbackOrigins;
  /** Null: nothing can be signed, so nothing is sent. */
  signature: Signature | null;
  /** How long a receiver has to answer, ms; less than the lease. */
  timeout: number;
  /** How long what is under way may take when the server stops, ms. */
  patience: number;
}

/** How many are posted at a time. */
const atOnce = 16;
/** For how long nobody else sends what is being sent, ms. */
const lease = 30_000;
/** How long to wait after each attempt that failed, ms; after the last of them always so long. */
const pauses = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000];
/** A receiver may ask for more than these pauses, up to this, ms. */
const longestPause = 14_400_000;
/** For how long one is tried, ms. */
const giveUpAfter = 24 * 3_600_000;

/** An attempt that failed. */
interface Failed {
  reason: string;
  /** True where its receiver says that there is nobody any more (410). */
  isGone?: boolean;
  /** How long its receiver asks to be left alone, ms. */
  waitMs?: number;
}

/**
 * Posts what commits have left to be posted, each at least once: it is forgotten when its receiver has said 2xx. Of several
 * nodes one sends at a time, as the store leases them.
 */
export class Callbacks {
  readonly #parts: CallbackParts;
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #taking: Promise<void> | null = null;
  #mayBeMore = false;
  #isClosed = false;

  constructor(parts: CallbackParts) {
    this.#parts = parts;
  }

  /** Looks for what is to be posted now, and begins it. */
  wake(): void {
    const { signature } = this.#parts;
    if (signature === null) return;
    this.#mayBeMore = true;
    this.#taking ??= this.#takeAll(signature).finally(() => {
      this.#taking = null;
      // Woken after the last look, and before this.
      if (this.#hasWork()) this.wake();
    });
  }

  /** Resolves when what is under way has come to an end. */
  async settled(): Promise<void> {
    while (this.#taking || this.#sending.size > 0) await Promise.all([this.#taking, ...this.#sending]);
  }

  /** Begins nothing more. What is under way has a moment to finish; else it is sent again by whoever runs next. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const late = setTimeout(() => this.#stopping.abort(), this.#parts.patience);
    await this.settled();
    clearTimeout(late);
  }

  async #takeAll(signature: Signature): Promise<void> {
    try {
      while (this.#hasWork()) await this.#take(signature);
    } catch (error) {
      this.#parts.telemetry.emit({ type: 'failure', where: 'callbacks', error: error as Error });
    }
  }

  #hasWork(): boolean {
    return this.#mayBeMore && !this.#isClosed && this.#sending.size < atOnce;
  }

  async #take(signature: Signature): Promise<void> {
    const room = atOnce - this.#sending.size;
    this.#mayBeMore = false;
    const taken = await this.#parts.store.takeCallbacks(room, lease);
    if (taken.length === room) this.#mayBeMore = true;
    for (const callback of taken) {
      const sending = this.#deliver(callback, signature)
        .catch((error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: 'callbacks', error }))
        .finally(() => {
          this.#sending.delete(sending);
          if (this.#mayBeMore) this.wake();
        });
      this.#sending.add(sending);
    }
  }

  async #deliver(callback: Callback, signature: Signature): Promise<void> {
    const { store, clock, telemetry } = this.#parts;
    const { id, url, attempts, at } = callback;
    const failed = await this.#post(callback, signature);
    if (failed === null) return store.settleCallback(id, null);
    const now = clock.now();
    if (this.#stopping.signal.aborted) return store.settleCallback(id, now);
    const origin = URL.canParse(url) ? new URL(url).origin : '';
    const told = { callback: id, origin, attempt: attempts + 1, reason: failed.reason };
    if (failed.isGone || now - at >= giveUpAfter) {
      telemetry.emit({ type: 'callback_given_up', ...told });
      return store.settleCallback(id, null);
    }
    const usual = pauses[Math.min(attempts, pauses.length - 1)] as number;
    const pause = Math.max(usual, Math.min(failed.waitMs ?? 0, longestPause));
    telemetry.emit({ type: 'callback_failed', ...told, again_in_ms: pause });
    return store.settleCallback(id, now + pause);
  }

  /** Null where its receiver has it; else why not. */
  async #post(callback: Callback, signature: Signature): Promise<Failed | null> {
    const { origins, clock, timeout } = this.#parts;
    const refusal = origins.refusal(callback.url);
    if (refusal !== null) return { reason: `the address ${refusal}` };
    const body = bodyOf(callback);
    const headers = { 'content-type': 'application/json', ...signature.headers(callback.id, body, clock.now()) };
    const signal = AbortSignal.any([AbortSignal.timeout(timeout), this.#stopping.signal]);
    try {
      const response = await fetch(callback.url, { method: 'POST', headers, body, redirect: 'manual', signal });
      // What it has to say beside the status is of no use here, and may be without end.
      await response.body?.cancel();
      if (response.ok) return null;
      return failureOf(response, clock.now());
    } catch (error) {
      const { name, message, cause } = error as Error;
      if (name === 'TimeoutError') return { reason: `it did not answer within ${timeout / 1000} s` };
      return { reason: (cause as { code?: string } | undefined)?.code ?? message };
    }
  }
}

function failureOf({ status, headers }: Response, now: number): Failed {
  if (status === 410) return { reason: 'it answered 410: it wants no more', isGone: true };
  const isRedirect = status >= 300 && status < 400;
  const reason = `it answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
  return { reason, waitMs: retryAfterMs(headers.get('retry-after'), now) };
}

/** The event with the rev of its record, which was not known before the commit. */
function bodyOf({ body, rev }: Callback): string {
  const { data, ...event } = JSON.parse(body) as { data: object };
  return JSON.stringify({ ...event, data: { ...data, rev } });
}
