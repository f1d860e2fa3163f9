import type { PortHealth } from '../../domain/port-health.ts';
import { type Ephemeral, ephemeralMessageBytes } from '../../domain/ports.ts';

type Listener = (text: string) => void;

/** The channels of one process: every message once, in order, at once. */
export class MemoryEphemeral implements Ephemeral {
  readonly #channels = new Map<string, Set<Listener>>();

  publish(channel: string, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > ephemeralMessageBytes) {
      throw new RangeError(`a message holds at most ${ephemeralMessageBytes} bytes; got ${bytes}`);
    }
    for (const listener of this.#channels.get(channel) ?? []) listener(text);
  }

  subscribe(channel: string, listener: Listener): () => void {
    const listeners = this.#channels.get(channel) ?? new Set();
    // One function may subscribe twice, and ends each subscription by itself.
    const own: Listener = (text) => listener(text);
    this.#channels.set(channel, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#channels.get(channel) === listeners) this.#channels.delete(channel);
    };
  }

  health(): PortHealth {
    return { ok: true, reason: null };
  }

  async close(): Promise<void> {
    for (const listeners of this.#channels.values()) listeners.clear();
    this.#channels.clear();
  }
}
