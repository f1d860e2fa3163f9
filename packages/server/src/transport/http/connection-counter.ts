import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { KeyCounter } from '../../domain/key-counter.ts';
import { networkOf } from '../../domain/network.ts';

/** Connections of one address that carry no session, besides as many as it may have sessions. */
const spare = 100;

/** Counts the connections of each address that carry no session: an address that has its share gets no more of them. */
export class ConnectionCounter {
  readonly #most: number;
  readonly #isProxy: (address: string) => boolean;
  readonly #counts = new KeyCounter();
  readonly #addresses = new WeakMap<object, string>();
  /** The listener of all connections, which is shared since each would keep one of its own for as long as it lives. */
  readonly #onClose: (this: Duplex) => void;

  /**
   * @param sessions the most sessions of one address
   * @param isProxy true for an address that many people share, which is not counted
   */
  constructor(sessions: number, isProxy: (address: string) => boolean) {
    this.#most = sessions + spare;
    this.#isProxy = isProxy;
    const release = (socket: Duplex): void => this.release(socket);
    this.#onClose = function onClose() {
      release(this);
    };
  }

  /** Counts a connection until it closes or becomes a session's, or ends it at once. */
  add(socket: Socket): void {
    const remote = socket.remoteAddress ?? '';
    if (this.#isProxy(remote)) return;
    const address = networkOf(remote);
    if (this.#counts.of(address) >= this.#most) {
      socket.destroy();
      return;
    }
    this.#counts.add(address);
    this.#addresses.set(socket, address);
    socket.on('close', this.#onClose);
  }

  /** Counts a connection no more: sessions are counted elsewhere. */
  release(socket: Duplex): void {
    socket.off('close', this.#onClose);
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    this.#counts.remove(address);
  }
}
