import { CloseCode } from '@tidings/protocol';
import type { Clock } from '../domain/ports.ts';
import { Turns } from '../domain/turns.ts';
import type { EncodedFrame } from '../fanout/frame.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Session } from './session.ts';

export interface CatchUpOptions {
  /** Catch-ups that are open at a time; others wait, and users are served in turn. */
  atOnce: number;
  /** Catch-ups of one user that are open at a time. */
  perUser: number;
  /** Time for which a client may read nothing of its catch-up before its session is closed with 4408, ms. */
  stallMs: number;
}

interface OpenCatchUp {
  session: Session;
  /** The first frame that waited when it was last looked at, and since when it has. */
  first: EncodedFrame | null;
  since: number;
  /** Frees its place; null until all is sent. */
  end: (() => void) | null;
}

/**
 * Bounds the catch-ups that are open at a time, and so the pages in memory: in a storm of reconnecting clients each has its turn. One is open
 * from its first read until its client has taken all of it, and one whose client reads nothing is given up.
 */
export class CatchUps {
  readonly #turns: Turns;
  readonly #stallMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #counters: Counters;
  readonly #open = new Set<OpenCatchUp>();

  constructor(
    { atOnce, perUser, stallMs }: CatchUpOptions,
    { clock, counters }: { clock: Pick<Clock, 'now'>; counters: Counters },
  ) {
    this.#turns = new Turns(atOnce, perUser);
    this.#stallMs = stallMs;
    this.#clock = clock;
    this.#counters = counters;
  }

  get waiting(): number {
    return this.#turns.waiting;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Runs the catch-up of a session when its turn comes. Resolves when all of it is sent, which its client may have yet to take. */
  run(session: Session, catchUp: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const runAndDrain = async (): Promise<void> => {
        if (session.isOpen) await this.#run(session, () => catchUp().then(resolve));
        else resolve();
      };
      this.#turns.run(session.identity.id, runAndDrain).catch(reject);
    });
  }

  /** Once a second: gives up those whose clients read nothing, and frees the places of those that have read all of it. */
  sweep(): void {
    const now = this.#clock.now();
    for (const one of this.#open) {
      const { session } = one;
      const { firstWaiting, isDrained } = session.output;
      if (one.end && firstWaiting?.origin !== 'store') one.end();
      else if (isDrained || firstWaiting !== one.first || now < one.since) {
        one.first = firstWaiting;
        one.since = now;
      } else if (now - one.since >= this.#stallMs) {
        this.#counters.refused.catchUpStallMs++;
        session.close(
          CloseCode.tooSlow,
          'nothing of the catch-up was read for long; reconnect with the cursor to resume',
        );
      }
    }
  }

  async #run(session: Session, catchUp: () => Promise<void>): Promise<void> {
    const one: OpenCatchUp = { session, first: null, since: this.#clock.now(), end: null };
    this.#open.add(one);
    try {
      await catchUp();
      // On a busy stream something always waits: the place is free once nothing of the catch-up does.
      await Promise.race([session.output.drained(), new Promise<void>((end) => Object.assign(one, { end }))]);
    } finally {
      this.#open.delete(one);
    }
  }
}
