import { TidingsError } from '@tidings/protocol';
import { inTime } from '../domain/in-time.ts';
import { KeyCounter } from '../domain/key-counter.ts';
import { LimitExceeded } from '../domain/limit-exceeded.ts';
import type { Clock } from '../domain/ports.ts';
import { Turns } from '../domain/turns.ts';

export interface SearchOptions {
  /** Searches of one user at once. */
  perUser: number;
  /** Searches of all users that the database runs at once; others wait for their turn. */
  atOnce: number;
  /** The longest time for which a search is waited for, ms. */
  timeoutMs: number;
}

/** The time after which a user with too many searches is told to come again, ms. */
const retryAfterMs = 1_000;

/** The pages of lists that are read at once, of all users and of one. */
const pages = { atOnce: 8, perUser: 2 };

/** Bounds the searches that run at once, so that they leave the database to other reads, and how long each is waited for. */
export class Searches {
  readonly #options: SearchOptions;
  readonly #clock: Clock;
  readonly #refused: { searchesPerUser: number };
  readonly #ofUsers = new KeyCounter();
  readonly #turns: Turns;
  readonly #pages = new Turns(pages.atOnce, pages.perUser);

  /** @param refused counts the searches that are refused */
  constructor(options: SearchOptions, clock: Clock, refused: { searchesPerUser: number }) {
    this.#refused = refused;
    this.#options = options;
    this.#clock = clock;
    this.#turns = new Turns(options.atOnce);
  }

  /** The number of searches that wait for their turn. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /** Reads a page of a list that is no search: most are quick, but not where a user has put thousands away. */
  page<T>(userId: string, read: () => Promise<T>): Promise<T> {
    return this.#pages.run(userId, read);
  }

  /**
   * Runs a search of a user when its turn comes. Throws `too_many` for more of a user than may run, `unavailable` for one that takes too
   * long; that one keeps its place until the database has ended it.
   */
  async run<T>(userId: string, search: () => Promise<T>): Promise<T> {
    const { perUser, timeoutMs } = this.#options;
    if (this.#ofUsers.of(userId) >= perUser) {
      this.#refused.searchesPerUser++;
      throw new LimitExceeded(`a user may have ${perUser} searches under way; wait for their replies`, retryAfterMs);
    }
    this.#ofUsers.add(userId);
    let isOver = false;
    const begin = async () => (isOver ? null : search());
    const found = this.#turns.run(userId, begin).finally(() => this.#ofUsers.remove(userId));
    const result = await inTime(this.#clock, timeoutMs, found, () => {
      isOver = true;
      const message = `the search took longer than ${timeoutMs / 1_000} s; narrow it by "since" or a category, or try again later`;
      throw new TidingsError('unavailable', message);
    });
    return result as T;
  }
}
