import type { PortHealth } from '../../domain/port-health.ts';
import type { Ephemeral } from '../../domain/ports.ts';
import { MemoryEphemeral } from '../memory/memory-ephemeral.ts';
import type { PostgresBus } from './bus.ts';

/**
 * The ephemeral channels of nodes that share a PostgreSQL, over the connections of its broker. Every node is sent every message, and passes on
 * those of the channels that it has subscribers of. A message is lost where a connection is broken at that moment, where more than 10,000 wait, and
 * where the same one is sent twice in one moment. Its text and its channel's name must together be shorter than 7,900 bytes; more is a RangeError.
 */
export class PostgresEphemeral implements Ephemeral {
  readonly #bus: PostgresBus;
  /** The subscribers on this node. */
  readonly #here = new MemoryEphemeral();
  #isClosed = false;

  constructor(bus: PostgresBus) {
    this.#bus = bus;
    bus.onMessage((message) => {
      if (message.kind === 'text' && !this.#isClosed) this.#here.publish(message.channel, message.text);
    });
  }

  publish(channel: string, text: string): void {
    if (this.#isClosed) return;
    this.#here.publish(channel, text);
    this.#bus.send({ kind: 'text', channel, text });
  }

  subscribe(channel: string, listener: (text: string) => void): () => void {
    return this.#here.subscribe(channel, listener);
  }

  health(): PortHealth {
    return this.#bus.health();
  }

  /** The bus is closed by who made it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#here.close();
  }
}
