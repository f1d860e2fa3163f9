import type { TidingsError } from '@tidings/protocol';
import type { ClientParts } from '../client.ts';

/** The shortest time from one `presence` action to the next, in milliseconds. */
const betweenMs = 200;

/** This session's own state in a room: said again by each connection, the newest only, and no faster than a server passes on and answers. */
export class OwnPresence {
  readonly #room: string;
  readonly #parts: Pick<ClientParts, 'request' | 'clock' | 'logger'>;
  /** Null until it is set: then there is nothing to say. */
  #state: object | null = null;
  #isDue = false;
  /** The reasons not to say anything now: the pause after the last time, and that it is not answered. */
  #waitsFor = 0;
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
    if (!this.#isFollowed || !this.#isDue || this.#waitsFor > 0 || !this.#state) return;
    this.#isDue = false;
    this.#waitsFor = 2;
    const goOn = () => {
      this.#waitsFor--;
      this.#say();
    };
    this.#parts.clock.after(betweenMs, goOn);
    const state = this.#state as Record<string, unknown>;
    const asked = this.#parts.request({ action: 'presence', room: this.#room, state });
    asked
      .catch((error: TidingsError) => {
        // With the connection it is said again.
        if (!error.retryable) this.#parts.logger.warn(`tidings: no presence in room ${this.#room}: ${error.message}`);
      })
      .then(goOn);
  }
}
