import type { NewDelivery } from '../domain/deliveries.ts';
import type { Channel } from './channel.ts';
import { Deliverer, type DelivererParts } from './deliverer.ts';

/** Sends a channel's deliveries. Each receiver has a deliverer of its own, so that one that is slow holds up no other. */
export class Deliverers {
  readonly #channel: Channel;
  readonly #parts: DelivererParts;
  /** By receiver. They stay: there are few, such as the origins that an operator has named. */
  readonly #deliverers = new Map<string, Deliverer>();
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(channel: Channel, parts: DelivererParts) {
    this.#channel = channel;
    this.#parts = parts;
  }

  /** Begins deliveries that were stored just now. */
  begin(deliveries: readonly NewDelivery[]): void {
    for (const receiver of new Set(deliveries.map(({ receiver }) => receiver))) this.#of(receiver).wake();
  }

  /** Looks for what is due, unless it is looking already, and begins it. */
  wake(): void {
    if (this.#isClosed) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
  }

  /** Resolves when what is under way has come to an end. */
  async idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#all().map((deliverer) => deliverer.idle()));
  }

  /** Begins nothing more. Deliveries under way have a moment to finish; else the next process sends them again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looking;
    await Promise.all(this.#all().map((deliverer) => deliverer.close()));
  }

  #all(): Deliverer[] {
    return [...this.#deliverers.values()];
  }

  async #look(): Promise<void> {
    try {
      const receivers = await this.#parts.store.dueReceivers(this.#channel.name);
      for (const receiver of receivers) this.#of(receiver).wake();
    } catch (error) {
      this.#parts.telemetry.emit({ type: 'failure', where: this.#channel.name, error: error as Error });
    }
  }

  #of(receiver: string): Deliverer {
    const deliverer = this.#deliverers.get(receiver) ?? new Deliverer(this.#channel, receiver, this.#parts);
    this.#deliverers.set(receiver, deliverer);
    return deliverer;
  }
}
