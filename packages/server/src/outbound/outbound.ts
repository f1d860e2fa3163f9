import type { ConsumerStore } from '../domain/deliveries.ts';
import type { Channel } from './channel.ts';
import type { DelivererParts } from './deliverer.ts';
import { Deliverers } from './deliverers.ts';
import { DurableConsumer } from './durable-consumer.ts';

export interface OutboundParts extends DelivererParts {
  store: ConsumerStore & DelivererParts['store'];
}

/** Runs one channel: its consumer writes deliveries, its deliverers send them. */
export class Outbound {
  readonly #consumer: DurableConsumer;
  readonly #deliverers: Deliverers;

  constructor(channel: Channel, parts: OutboundParts) {
    this.#deliverers = new Deliverers(channel, parts);
    this.#consumer = new DurableConsumer(channel, parts.store, parts.telemetry, (deliveries) =>
      this.#deliverers.begin(deliveries),
    );
  }

  /** A change may concern the channel. */
  changed(): void {
    this.#consumer.wake();
  }

  /** Looks for all there is to do: what waits for another attempt, and what another node has left. */
  wake(): void {
    this.#consumer.wake();
    this.#deliverers.wake();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#consumer.idle();
    await this.#deliverers.idle();
  }

  async close(): Promise<void> {
    await this.#consumer.close();
    await this.#deliverers.close();
  }
}
