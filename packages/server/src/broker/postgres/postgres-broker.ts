import type { PortHealth } from '../../domain/port-health.ts';
import type { Broker, Hint } from '../../domain/ports.ts';
import type { Batch } from '../../domain/writes.ts';
import type { PostgresBus } from './bus.ts';
import type { Message } from './messages.ts';

type Committed = Extract<Message, { kind: 'committed' }>;

/**
 * The broker of nodes that share a PostgreSQL. This node's batches go straight to its own listeners; the others learn by NOTIFY which revs they
 * hold, and read them from the store. Batches that are committed while a notification is under way share the next one.
 */
export class PostgresBroker implements Broker {
  readonly #bus: PostgresBus;
  #batchListeners: ((batch: Batch) => void)[] = [];
  #hintListeners: ((hint: Hint) => void)[] = [];
  /** The committed range that was not sent to the other nodes yet. */
  #unsent: Committed | null = null;
  #isClosed = false;

  constructor(bus: PostgresBus) {
    this.#bus = bus;
    bus.onMessage((message) => {
      if (message.kind === 'committed') this.#hint(message);
    });
    bus.onConnected(() => this.#hint({ kind: 'missed' }));
  }

  publish(batch: Batch): void {
    if (this.#isClosed) return;
    for (const listener of this.#batchListeners) listener(batch);
    const { term, from, to } = batch;
    const before = this.#unsent;
    // Everything up to `to` is stored, other nodes' revs in between too.
    this.#unsent = { kind: 'committed', term, from: before?.from ?? from, to };
    if (before === null) this.#bus.sendLate(() => this.#takeUnsent());
  }

  onBatch(listener: (batch: Batch) => void): void {
    this.#batchListeners.push(listener);
  }

  onHint(listener: (hint: Hint) => void): void {
    this.#hintListeners.push(listener);
  }

  health(): PortHealth {
    return this.#bus.health();
  }

  /** The bus is closed by who made it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#batchListeners = [];
    this.#hintListeners = [];
  }

  #hint(hint: Hint): void {
    for (const listener of this.#hintListeners) listener(hint);
  }

  #takeUnsent(): Message {
    const unsent = this.#unsent as Committed;
    this.#unsent = null;
    return unsent;
  }
}
