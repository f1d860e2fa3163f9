import type { Delivery, DeliveryStore } from '../domain/deliveries.ts';
import type { Clock } from '../domain/ports.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { Channel, FailedAttempt } from './channel.ts';

export interface DelivererParts {
  store: DeliveryStore;
  clock: Clock;
  telemetry: Telemetry;
  /** Time that running deliveries may take when the server stops, ms. */
  closeMs: number;
}

/** The most deliveries to one receiver that run at a time. */
const concurrency = 4;
/** Time for which a running delivery is leased, ms; longer than any attempt may take. */
const leaseMs = 30_000;
/** Pauses after attempts that failed, ms; the last of them repeats. */
const backoffMs = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000];
/** A receiver may ask for more than that, up to this, ms. */
const longestWaitMs = 14_400_000;
/** Age at which a delivery is given up, ms. */
const giveUpAfterMs = 24 * 3_600_000;

/** Sends a channel's deliveries to one receiver, each at least once, until it has arrived or is given up; of several nodes one at a time. */
export class Deliverer {
  readonly #channel: Channel;
  readonly #receiver: string;
  readonly #parts: DelivererParts;
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #taking: Promise<void> | null = null;
  #mayBeMore = false;
  #isClosed = false;

  constructor(channel: Channel, receiver: string, parts: DelivererParts) {
    this.#channel = channel;
    this.#receiver = receiver;
    this.#parts = parts;
  }

  /** Looks for what is due, and begins it. */
  wake(): void {
    this.#mayBeMore = true;
    this.#taking ??= this.#takeAll().finally(() => {
      this.#taking = null;
      // Woken after the last look, and before this.
      if (this.#hasWork()) this.wake();
    });
  }

  /** Resolves when what is under way has come to an end. */
  async idle(): Promise<void> {
    while (this.#taking || this.#sending.size > 0) await Promise.all([this.#taking, ...this.#sending]);
  }

  /** Begins nothing more. Deliveries under way have a moment to finish; else the next process sends them again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const { clock, closeMs } = this.#parts;
    const stopWaiting = clock.after(closeMs, () => this.#stopping.abort());
    await this.idle();
    stopWaiting();
  }

  async #takeAll(): Promise<void> {
    try {
      while (this.#hasWork()) await this.#take();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #hasWork(): boolean {
    return this.#mayBeMore && !this.#isClosed && this.#sending.size < concurrency;
  }

  async #take(): Promise<void> {
    const room = concurrency - this.#sending.size;
    this.#mayBeMore = false;
    const taken = await this.#parts.store.takeDeliveries(this.#channel.name, this.#receiver, room, leaseMs);
    if (taken.length === room) this.#mayBeMore = true;
    for (const delivery of taken) {
      const sending = this.#attempt(delivery)
        .catch((error: Error) => this.#failed(error))
        .finally(() => {
          this.#sending.delete(sending);
          if (this.#mayBeMore) this.wake();
        });
      this.#sending.add(sending);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, clock } = this.#parts;
    const sent = await this.#channel.send(delivery, this.#stopping.signal);
    if (sent.outcome === 'arrived') return store.endDelivery(delivery);
    const now = clock.now();
    if (this.#stopping.signal.aborted) return store.postponeDelivery(delivery, now);
    const { reason } = sent;
    if (sent.outcome === 'gone' || now - delivery.at >= giveUpAfterMs) {
      this.#channel.report(delivery, { reason, againInMs: null });
      return store.endDelivery(delivery);
    }
    const againInMs = waitAfter(delivery, sent);
    this.#channel.report(delivery, { reason, againInMs });
    return store.postponeDelivery(delivery, now + againInMs);
  }

  #failed(error: Error): void {
    this.#parts.telemetry.emit({ type: 'failure', where: this.#channel.name, error });
  }
}

function waitAfter({ attempt }: Delivery, { waitMs = 0 }: FailedAttempt): number {
  const usual = backoffMs[Math.min(attempt, backoffMs.length) - 1] as number;
  return Math.max(usual, Math.min(waitMs, longestWaitMs));
}
