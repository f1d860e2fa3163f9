import type { ConsumerLease, ConsumerStore, NewDelivery } from '../domain/deliveries.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { Channel } from './channel.ts';

/** The most changes that are read at a time. */
const pageSize = 100;
/** Time after which another node takes over from a silent one, ms. */
const leaseMs = 30_000;

/**
 * Turns the changes that concern a channel into deliveries: each change once, in rev order, on one node at a time, whatever
 * crashes. It looks where it is woken; a hint that is lost costs only time.
 */
export class DurableConsumer {
  readonly #channel: Channel;
  readonly #store: ConsumerStore;
  readonly #telemetry: Telemetry;
  readonly #stored: (deliveries: readonly NewDelivery[]) => void;
  #lease: ConsumerLease | null = null;
  #running: Promise<void> | null = null;
  #isWoken = false;
  #isClosed = false;

  /** @param stored is called with the deliveries that were stored */
  constructor(
    channel: Channel,
    store: ConsumerStore,
    telemetry: Telemetry,
    stored: (deliveries: readonly NewDelivery[]) => void,
  ) {
    this.#channel = channel;
    this.#store = store;
    this.#telemetry = telemetry;
    this.#stored = stored;
  }

  /** Looks for changes; once more where it is looking already. */
  wake(): void {
    this.#isWoken = true;
    if (this.#isClosed) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Woken after the last look, and before this.
      if (this.#isWoken) this.wake();
    });
  }

  /** Resolves when all that was there has been read. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Ends with what is under way, and lets another node go on at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
    const lease = this.#lease;
    this.#lease = null;
    // A lease that cannot be released ends by itself.
    if (lease) await this.#store.releaseConsumer(lease).catch((error: Error) => this.#failed(error));
  }

  #failed(error: Error): void {
    this.#telemetry.emit({ type: 'failure', where: this.#channel.name, error });
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        this.#lease ??= await this.#store.leaseConsumer(this.#channel.name, leaseMs);
        if (this.#lease) this.#lease = await this.#read(this.#lease);
      }
    } catch (error) {
      // The commit may have succeeded or not: the cursor is read again, with the next lease.
      this.#lease = null;
      this.#failed(error as Error);
    }
  }

  /** Reads on from the cursor. @returns the lease with the cursor behind all there is, null if another node has it by now */
  async #read(lease: ConsumerLease): Promise<ConsumerLease | null> {
    const { records, full } = await this.#channel.changesAfter(lease.cursor, pageSize);
    const last = records.at(-1);
    if (!last) return lease;
    const deliveries = records.flatMap((change) => this.#channel.deliveriesOf(change));
    const isHeld = await this.#store.advanceConsumer(lease, last.rev, deliveries, leaseMs);
    // Another node has it, or had it and is done: the next look tells.
    if (!isHeld || full) this.#isWoken = true;
    if (!isHeld) return null;
    this.#stored(deliveries);
    return { ...lease, cursor: last.rev };
  }
}
