import type { Broker, Clock, Hint } from '../domain/ports.ts';
import type { Head, HistoryStore, Position } from '../domain/store/history.ts';
import type { Batch, Change } from '../domain/writes.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { SharedFrame } from './shared-frame.ts';

/** Hears changes: each once, in rev order, however many of its topics it has joined. */
export interface Subscriber {
  /** The rev of the newest change that was delivered to it. */
  readonly lastRev: number;
  deliver(frame: SharedFrame): void;
  /** The history took another turn: what was delivered may not be so any more. */
  historyChanged(): void;
}

/** Stands for every topic: every change is delivered to its subscribers. */
export const anyTopic = '*';

/** A range of changes to release, up to a rev, each with the term it belongs to. */
interface Release {
  to: number;
  retractedFor: SharedFrame['retractedFor'];
  termAt: (rev: number) => string;
}

/** The most revs that are read from the store at a time. */
const rangeLimit = 1_000;

export interface HubOptions {
  store: HistoryStore;
  broker: Pick<Broker, 'onBatch' | 'onHint'>;
  clock: Pick<Clock, 'after'>;
  telemetry: Telemetry;
  counters: Counters;
  /** Time for which a range may be late before the store is read for it, ms. */
  gapMs: number;
  /** The most early batches that are held; others are read from the store when their turn comes. */
  holdLimit: number;
}

/**
 * Releases every committed change to those who follow its topics, in rev order and without gaps, whatever the broker
 * loses, repeats, delays or turns round: what comes early is held, and what is late is read from the store.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #early = new Map<number, Batch>();
  #released = 0;
  /** The newest term known. */
  #term = '';
  /** The term that `#released` lies in. */
  #releasedTerm = '';
  /** Up to where the store is known to reach. */
  #expected = 0;
  #reading = false;
  #waiting: { rev: number; resolve: () => void }[] = [];
  /** Cancels the look for what is late. */
  #cancelLook: (() => void) | null = null;

  constructor(options: HubOptions) {
    this.#options = options;
    options.broker.onBatch((batch) => this.#receive(batch));
    options.broker.onHint((hint) => this.#receiveHint(hint));
  }

  /** Begins after what is stored already; nobody can have subscribed yet. */
  start(head: Head): void {
    this.#released = head.head;
    this.#term = head.term;
    this.#releasedTerm = head.term;
  }

  /** Up to where everything was released, in the term that this rev belongs to. */
  get position(): Position {
    return { term: this.#releasedTerm, rev: this.#released };
  }

  /** The number of batches that came before those below them. */
  get held(): number {
    return this.#early.size;
  }

  join(topic: string, subscriber: Subscriber): void {
    const set = this.#subscribers.get(topic);
    if (set) set.add(subscriber);
    else this.#subscribers.set(topic, new Set([subscriber]));
  }

  leave(topic: string, subscriber: Subscriber): void {
    const set = this.#subscribers.get(topic);
    if (set?.delete(subscriber) && set.size === 0) this.#subscribers.delete(topic);
  }

  /** Resolves when everything up to this rev was released. */
  reached(rev: number): Promise<void> {
    if (this.#released >= rev) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ rev, resolve }));
  }

  /** Compares with the store's head, once a second: a node that died between commit and publish is noticed by nobody else. */
  async compare(): Promise<void> {
    const found = await this.#options.store.head();
    if (found.term !== this.#term) this.#meetTerm(found);
    if (found.head > this.#released) this.#expect(found.head);
  }

  stop(): void {
    this.#cancelLook?.();
  }

  #receive(batch: Batch): void {
    // Only the store knows which of two terms is the later one; what the batch holds is read from there.
    if (batch.term !== this.#term) {
      this.#compareNow();
      return;
    }
    if (batch.to <= this.#released) return;
    if (batch.from > this.#released + 1) {
      if (this.#early.size < this.#options.holdLimit) this.#early.set(batch.from, batch);
      this.#expect(batch.to);
      return;
    }
    this.#releaseBatch(batch);
    this.#releaseHeld();
  }

  /** Reads at once what another node has stored. Hints that come while a read is under way are answered by one more. */
  #receiveHint(hint: Hint): void {
    if (hint.kind === 'missed' || hint.term !== this.#term) this.#compareNow();
    else if (hint.to > this.#released) {
      this.#expected = Math.max(this.#expected, hint.to);
      void this.#catchUp();
    }
  }

  #compareNow(): void {
    this.compare().catch((error: Error) => this.#failed(error));
  }

  /** A term that starts at or below what was released is another history: sessions must begin anew. */
  #meetTerm({ term, termFrom: from, head }: Head & { termFrom: number }): void {
    this.#term = term;
    this.#early.clear();
    if (from > this.#released) return;
    this.#options.telemetry.emit({ type: 'history_changed', term, from, released: this.#released });
    this.#released = head;
    this.#releasedTerm = term;
    this.#expected = head;
    for (const subscriber of new Set([...this.#subscribers.values()].flatMap((set) => [...set]))) {
      subscriber.historyChanged();
    }
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** Everything up to `to` is stored: what the broker has not brought in a while is read. */
  #expect(to: number): void {
    this.#expected = Math.max(this.#expected, to);
    const { clock, gapMs } = this.#options;
    this.#cancelLook ??= clock.after(gapMs, () => {
      this.#cancelLook = null;
      void this.#catchUp();
    });
  }

  #releaseHeld(): void {
    for (let next = this.#nextHeld(); next; next = this.#nextHeld()) this.#releaseBatch(next);
  }

  #nextHeld(): Batch | undefined {
    for (const [from, batch] of this.#early) {
      if (batch.to <= this.#released) this.#early.delete(from);
      else if (from <= this.#released + 1) {
        this.#early.delete(from);
        return batch;
      }
    }
    return undefined;
  }

  /** Reads what is late. A range may hold fewer records than revs, since they have moved on: it is complete all the same. */
  async #catchUp(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#released < this.#expected) {
        const from = this.#released + 1;
        const held = Math.min(...[...this.#early.keys()].filter((first) => first > from));
        const to = Math.min(this.#expected, this.#released + rangeLimit, held - 1);
        const { upTo, changes, termAt } = await this.#options.store.range(from, to);
        // A server that lags behind the one that committed answered: `compare` asks again.
        if (upTo < from) break;
        this.#options.telemetry.emit({ type: 'gap_filled', from, to: upTo });
        this.#options.counters.releasedFromStore += upTo - this.#released;
        this.#release(changes, { to: upTo, retractedFor: 'former', termAt });
        this.#releaseHeld();
      }
    } catch (error) {
      this.#failed(error as Error);
    } finally {
      this.#reading = false;
    }
  }

  #failed(error: Error): void {
    this.#options.telemetry.emit({ type: 'failure', where: 'hub', error });
  }

  #releaseBatch({ changes, to, term }: Batch): void {
    this.#release(changes, { to, retractedFor: 'leaving', termAt: () => term });
  }

  #release(changes: readonly Change[], { to, retractedFor, termAt }: Release): void {
    for (const change of changes) {
      if (change.rev <= this.#released) continue;
      const frame = new SharedFrame(change, termAt(change.rev), retractedFor);
      for (const topic of change.topics) this.#emit(topic, frame);
      this.#emit(anyTopic, frame);
    }
    if (to <= this.#released) return;
    this.#options.counters.released += to - this.#released;
    this.#released = to;
    this.#releasedTerm = termAt(to);
    if (this.#waiting.length === 0) return;
    for (const { resolve } of this.#waiting.filter(({ rev }) => rev <= to)) resolve();
    this.#waiting = this.#waiting.filter(({ rev }) => rev > to);
  }

  #emit(topic: string, frame: SharedFrame): void {
    const subscribers = this.#subscribers.get(topic);
    if (!subscribers) return;
    const { rev } = frame.change;
    for (const subscriber of subscribers) if (subscriber.lastRev < rev) subscriber.deliver(frame);
  }
}
