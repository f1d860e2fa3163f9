import { MemoryBroker } from '../broker/memory/memory-broker.ts';
import type { PortHealth } from '../domain/port-health.ts';
import type { Broker } from '../domain/ports.ts';
import type { Batch } from '../domain/writes.ts';
import type { WorkerChannel } from './messages.ts';

/** The broker of the workers of one machine: every batch whole, to each of them. */
export class WorkerBroker implements Broker {
  readonly #channel: WorkerChannel;
  readonly #here = new MemoryBroker();
  #isClosed = false;

  constructor(channel: WorkerChannel) {
    this.#channel = channel;
    channel.onMessage(([kind, batch]) => {
      if (kind === 'batch') this.#here.publish(JSON.parse(batch));
    });
  }

  publish(batch: Batch): void {
    if (this.#isClosed) return;
    this.#here.publish(batch);
    this.#channel.send(['batch', JSON.stringify(batch)]);
  }

  onBatch(listener: (batch: Batch) => void): void {
    this.#here.onBatch(listener);
  }

  /** Batches always come whole. */
  onHint(): void {}

  health(): PortHealth {
    return this.#here.health();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#here.close();
  }
}
