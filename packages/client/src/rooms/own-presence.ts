import type { TidingsError } from '@tidings/protocol';
import type { ClientParts } from '../client.ts';

/** The shortest time from one `presence` action to the next, in milliseconds. */
const betweenMs = 200;

/** This session's own state in a room: said again by each connection, the newest only, and no faster than a server passes on. */
export class OwnPresence {
  readonly #room: string;
  readonly #parts: Pick<ClientParts, 'request' | 'clock' | 'logger'>;
  /** Null until it is set: then there is nothing to say. */
  #state: object | null = null;
  #isDue = false;
  #isPaused = false;
  #isFollowed = false;

  constructor(room: string, parts: Pick<ClientParts, 'request' | 'clock' | 'logger'>) {
    this.#room = room;
    this.#parts = parts;
  }

  set(state: object): void {
    this.#state = state;
    this.#isDue = true;
    this.#say();
  }

  /** Nothing is said any more, as for another user. */
  clear(): void {
    this.#state = null;
  }

  /** The server follows the room for this session from now on, and does not know the state; or does not. */
  setFollowed(isFollowed: boolean): void {
    this.#isFollowed = isFollowed;
    this.#isDue = true;
    this.#say();
  }

  #say(): void {
    if (!this.#isFollowed || !this.#isDue || this.#isPaused || !this.#state) return;
    this.#isDue = false;
    this.#isPaused = true;
    this.#parts.clock.after(betweenMs, () => {
      this.#isPaused = false;
      this.#say();
    });
    const state = this.#state as Record<string, unknown>;
    this.#parts.request({ action: 'presence', room: this.#room, state }).catch((error: TidingsError) => {
      // With the connection it is said again.
      if (!error.retryable) this.#parts.logger.warn(`tidings: no presence in room ${this.#room}: ${error.message}`);
    });
  }
}
