import type { ServerResponse } from 'node:http';
import type { Close } from '../../session/close.ts';
import type { Checkpoint, Connection, ConnectionTraits, Written } from '../../session/connection.ts';
import { jsonArrayEncoding } from './json-array-encoding.ts';

const traits: ConnectionTraits = {
  transport: 'long_poll',
  ...{ encoding: jsonArrayEncoding, answersProbes: false, deliveredBy: 'cursor' },
  // It ends by itself before it could seem silent.
  ...{ pingIntervalMs: Number.POSITIVE_INFINITY, maxAgeMs: null },
};

export interface PollConnectionParts {
  response: ServerResponse;
  /** Writes the head of the answer. */
  begin: () => void;
  /** Called when the time of the poll is over, before it is answered: the session sends what alone would not have ended it. */
  timedOut: () => void;
  /** Ends the session, which writes what waits. */
  leave: () => void;
  /** Answers that there is no answer, and why. */
  refuse: (close: Close) => void;
}

/**
 * - `behind`: is sent all that was missed; without news in it, it waits for some
 * - `due`: the same, and the time to wait is over
 * - `waiting`: all that was missed is sent, and there are no news
 * - `ended`: it is answered
 */
type State = 'behind' | 'due' | 'waiting' | 'ended';

/** One long poll: the frames of a session as one JSON array, until there are some and the client can go on from its last cursor. */
export class PollConnection implements Connection {
  readonly traits = traits;
  readonly #parts: PollConnectionParts;
  #state: State;

  /** @param mayWait true if an answer without news may wait for some */
  constructor(parts: PollConnectionParts, mayWait: boolean) {
    this.#parts = parts;
    this.#state = mayWait ? 'behind' : 'due';
  }

  write(parts: readonly Buffer[]): Written {
    const { response } = this.#parts;
    if (!response.writable) return 'taken';
    // The frames of one tick go out together.
    if (this.#state === 'waiting') setImmediate(() => this.#end());
    let rest = parts;
    if (!response.headersSent) {
      this.#parts.begin();
      response.write('[');
      const [first, ...others] = parts as [Buffer, ...Buffer[]];
      rest = [first.subarray(1), ...others];
    }
    let keepsUp = true;
    for (const part of rest) keepsUp = response.write(part);
    if (!keepsUp) return 'full';
    return response.writableLength === 0 ? 'taken' : 'kept';
  }

  checkpoint({ hasNews, isLive }: Checkpoint): void {
    if (hasNews || (isLive && this.#state === 'due')) this.#end();
    else if (isLive && this.#state === 'behind') this.#state = 'waiting';
  }

  /** The time to wait for news is over. */
  stopWaiting(): void {
    const isWaiting = this.#state === 'waiting';
    if (isWaiting || this.#state === 'behind') this.#state = 'due';
    if (isWaiting) this.#end();
  }

  probe(): void {}

  close(code: number, reason: string, retryAfterMs?: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    const last = JSON.stringify({ type: 'connection_closed', code, reason });
    if (this.#parts.response.headersSent) this.#parts.response.end(`,${last}]`);
    else this.#parts.refuse({ code, reason, retryAfterMs });
  }

  destroy(): void {
    this.#parts.response.destroy();
  }

  #end(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'due') this.#parts.timedOut();
    this.#state = 'ended';
    this.#parts.leave();
    this.#parts.response.end(']');
  }
}
