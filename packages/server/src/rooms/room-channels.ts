import type { Ephemeral } from '../domain/ports.ts';
import { Frame } from '../fanout/frame.ts';

/** Receives a frame that passes through a room without being stored. */
type Listener = (frame: Frame) => void;

/**
 * Carries what passes through rooms without being stored, by the topics of the rooms: from any node to the sessions of this one. A frame is read once for
 * all of them, and may be lost.
 */
export class RoomChannels {
  readonly #ephemeral: Pick<Ephemeral, 'publish' | 'subscribe'>;
  readonly #channels = new Map<string, { listeners: Set<Listener>; leave: () => void }>();

  constructor(ephemeral: Pick<Ephemeral, 'publish' | 'subscribe'>) {
    this.#ephemeral = ephemeral;
  }

  /** Sends a frame, as JSON, to those who follow a room now. Throws RangeError where it is too long. */
  broadcast(topic: string, frame: string): void {
    this.#ephemeral.publish(topic, frame);
  }

  /** @returns what ends it */
  listen(topic: string, listener: Listener): () => void {
    const channel = this.#channels.get(topic) ?? this.#open(topic);
    channel.listeners.add(listener);
    return () => {
      if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
      channel.leave();
      this.#channels.delete(topic);
    };
  }

  #open(topic: string) {
    const listeners = new Set<Listener>();
    const leave = this.#ephemeral.subscribe(topic, (text) => {
      const frame = new Frame(text, { origin: 'session' });
      for (const listener of listeners) listener(frame);
    });
    const channel = { listeners, leave };
    this.#channels.set(topic, channel);
    return channel;
  }
}
