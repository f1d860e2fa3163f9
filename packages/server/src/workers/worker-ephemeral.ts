import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { PortHealth } from '../domain/port-health.ts';
import type { Ephemeral } from '../domain/ports.ts';
import type { WorkerChannel } from './messages.ts';

/** The ephemeral channels of the workers of one machine. */
export class WorkerEphemeral implements Ephemeral {
  readonly #channel: WorkerChannel;
  readonly #here = new MemoryEphemeral();
  #isClosed = false;

  constructor(channel: WorkerChannel) {
    this.#channel = channel;
    channel.onMessage((message) => {
      if (message[0] === 'text' && !this.#isClosed) this.#here.publish(message[1], message[2]);
    });
  }

  publish(channel: string, text: string): void {
    if (this.#isClosed) return;
    this.#here.publish(channel, text);
    this.#channel.send(['text', channel, text]);
  }

  subscribe(channel: string, listener: (text: string) => void): () => void {
    return this.#here.subscribe(channel, listener);
  }

  health(): PortHealth {
    return this.#here.health();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#here.close();
  }
}
