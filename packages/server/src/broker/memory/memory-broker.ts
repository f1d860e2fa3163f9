import type { PortHealth } from '../../domain/port-health.ts';
import type { Broker } from '../../domain/ports.ts';
import type { Batch } from '../../domain/writes.ts';

/** The broker of one process: every batch once, in order, at once. */
export class MemoryBroker implements Broker {
  #listeners: ((batch: Batch) => void)[] = [];

  publish(batch: Batch): void {
    for (const listener of this.#listeners) listener(batch);
  }

  onBatch(listener: (batch: Batch) => void): void {
    this.#listeners.push(listener);
  }

  /** Nothing is stored that does not come whole. */
  onHint(): void {}

  health(): PortHealth {
    return { ok: true, reason: null };
  }

  async close(): Promise<void> {
    this.#listeners = [];
  }
}
