import { TidingsError } from '@tidings/protocol';
import type { Outcome, ReceiptWrite, Write } from '../domain/writes.ts';
import type { Counters } from '../telemetry/counters.ts';
import { type Applied, Contended, type SqlEngine, type WriteGroup } from './engine.ts';
import { FairQueue } from './fair-queue.ts';
import { marksAtOnce } from './plan/source.ts';

/**
 * The number of writes in one transaction: half of those that wait, so that while the database stores them, the next are handed over
 * and earlier callers are answered and write again. With fewer, the fsync would cost too much; with more, a commit would last too long.
 */
const batchSize = { least: 400, most: 2_000 };
/**
 * From so many writes on, the next commit is handed over while one is still under way, so that the database need not wait
 * for it. Fewer gather meanwhile: they cost less together.
 */
const overlapFrom = 100;
/** The most writes that may wait; past it callers are asked to try again. */
const queueLimit = 100_000;

interface Waiting {
  group: WriteGroup;
  resolve: (outcomes: Outcome[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: writes that arrive while a commit is under way go into the next one, all in one transaction and one
 * fsync. Each caller is answered after the commit that holds its writes. What people mark goes behind what is published, so much of it
 * in each transaction, and each user has the same share.
 */
export class GroupCommit {
  readonly #engine: Pick<SqlEngine, 'apply'>;
  readonly #counters: Counters;
  readonly #stored: (applied: Applied, groups: readonly WriteGroup[]) => void;
  #waiting: Waiting[] = [];
  #waitingWrites = 0;
  /** Marks that wait, by user. */
  readonly #marks = new FairQueue<Waiting>();
  /** The number of commits in progress; one more is about to begin if `scheduled`. */
  #underWay = 0;
  #scheduled = false;
  #idleListeners: (() => void)[] = [];

  /** `stored` is called for every transaction that stored something, before its callers are answered. */
  constructor(
    engine: Pick<SqlEngine, 'apply'>,
    counters: Counters,
    stored: (applied: Applied, groups: readonly WriteGroup[]) => void,
  ) {
    this.#engine = engine;
    this.#counters = counters;
    this.#stored = stored;
  }

  /** The number of writes that wait for their transaction. */
  get waiting(): number {
    return this.#waitingWrites + this.#marks.size;
  }

  async commit(writes: readonly Write[], atomic: boolean): Promise<Outcome[]> {
    if (this.waiting + writes.length > queueLimit) {
      const message = `${this.waiting} writes wait for the disk already; send this again a little later`;
      throw new TidingsError('unavailable', message);
    }
    const marks = atomic ? [] : marksOf(writes);
    if (marks.length > 0) return (await Promise.all(marks.map((write) => this.#mark(write)))).flat();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ group: { writes, atomic }, resolve, reject });
      this.#waitingWrites += writes.length;
      this.#schedule();
    });
  }

  #mark(write: ReceiptWrite): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      const cost = write.upTo === null ? write.ids.length : marksAtOnce;
      this.#marks.add(write.userId, cost, { group: { writes: [write], atomic: false }, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (!this.#mayBegin || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#begin();
    });
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    if (this.#underWay === 0 && !this.#mayBegin) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  get #mayBegin(): boolean {
    if (this.#underWay === 0) return this.#waiting.length > 0 || this.#marks.size > 0;
    return this.#underWay === 1 && this.#waitingWrites >= overlapFrom;
  }

  #begin(): void {
    while (this.#mayBegin) {
      this.#underWay++;
      void this.#commit(this.#take()).finally(() => {
        this.#underWay--;
        this.#begin();
        if (this.#underWay === 0) for (const resolve of this.#idleListeners.splice(0)) resolve();
      });
    }
  }

  #take(): Waiting[] {
    const limit = Math.min(Math.max(this.#waitingWrites / 2, batchSize.least), batchSize.most);
    let writes = 0;
    const end = this.#waiting.findIndex(({ group }, i) => {
      writes += group.writes.length;
      return i > 0 && writes > limit;
    });
    const taken = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    this.#waitingWrites -= taken.reduce((sum, { group }) => sum + group.writes.length, 0);
    return [...taken, ...this.#marks.take(marksAtOnce)];
  }

  async #commit(taken: readonly Waiting[]): Promise<void> {
    const groups = taken.map(({ group }) => group);
    const begun = performance.now();
    try {
      const applied = await this.#engine.apply(groups);
      this.#counters.commitDurations.observe(performance.now() - begun);
      this.#stored(applied, groups);
      for (const [i, waiting] of taken.entries()) {
        const outcomes = applied.outcomes[i] as Outcome[];
        this.#count(waiting.group.writes, outcomes);
        waiting.resolve(outcomes);
      }
    } catch (error) {
      if (error instanceof Contended && taken.length > 1) {
        // One of them is in contention: the others need not wait with it.
        for (const one of taken) await this.#commit([one]);
        return;
      }
      this.#counters.failedCommits++;
      for (const waiting of taken) waiting.reject(error);
    }
  }

  #count(writes: readonly Write[], outcomes: readonly Outcome[]): void {
    for (let n = 0; n < writes.length; n++) {
      const outcome = outcomes[n] as Outcome;
      if (outcome.status === 'duplicate') this.#counters.duplicates++;
      else if (outcome.status === 'stored') {
        const kind = kindOf(writes[n] as Write);
        if (kind !== null) this.#counters.accepted[kind]++;
        if (outcome.seen !== undefined) this.#counters.seen += outcome.seen;
      }
    }
  }
}

/** The kind under which a write is counted; null for what follows from who connects. */
function kindOf(write: Write): keyof Counters['accepted'] | null {
  if (write.op === 'receipt') return 'receipt';
  if (write.op !== 'put') return null;
  switch (write.kind) {
    case 'notification':
    case 'retracted':
      return 'notification';
    case 'task':
    case 'answer':
      return write.kind;
    default:
      return null;
  }
}

/** The writes of a caller who only marks, for one user; else none. */
function marksOf(writes: readonly Write[]): ReceiptWrite[] {
  const marks = writes.filter((write) => write.op === 'receipt');
  const isOneUsers = marks.every(({ userId }) => userId === marks[0]?.userId);
  return marks.length === writes.length && isOneUsers ? marks : [];
}
