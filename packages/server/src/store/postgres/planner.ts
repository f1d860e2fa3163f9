import { TidingsError } from '@tidings/protocol';
import type pg from 'pg';
import type { WriteGroup } from '../engine.ts';
import { type Plan, planOf } from '../plan/plan.ts';
import { decodeJson, encodeText } from './characters.ts';
import type { Expectations } from './functions/expectations.ts';
import { Snapshot } from './snapshot.ts';
import { type SnapshotRows, snapshotQuery, Wanted } from './snapshot-query.ts';

/** The most reads for one plan: each finds the rows that a rule asks for after the last. */
const mostReads = 20;

/** Plans batches. Those that touch the same rows are planned one after the other, each from what the one before has left. */
export class Planner {
  readonly #plans: pg.Pool;
  readonly #underWay = new Set<Planning>();
  /** The newest time for which this process has noted where the sequence stood. */
  #lastMark = 0;

  constructor(plans: pg.Pool) {
    this.#plans = plans;
  }

  /** @param seen the head that this process knows of */
  begin(groups: readonly WriteGroup[], seen: number): Planning {
    const planning = new Planning(groups, {
      read: (wanted) => this.#read(wanted),
      lastMark: () => this.#lastMark,
      marked: (at) => {
        this.#lastMark = Math.max(this.#lastMark, at);
      },
      ended: () => this.#underWay.delete(planning),
    });
    planning.begin(seen, [...this.#underWay]);
    this.#underWay.add(planning);
    return planning;
  }

  async #read(wanted: Wanted): Promise<SnapshotRows> {
    const values = wanted
      .params()
      .map((list) => (list as unknown[]).map((one) => (typeof one === 'string' ? encodeText(one) : one)));
    const { rows } = await this.#plans.query<string[]>({
      ...{ name: 'tidings_snapshot', text: snapshotQuery, values, rowMode: 'array' },
    });
    const [head, ...lists] = rows[0] as (string | number | null)[];
    const found = lists.map((json) => (json === null ? null : decodeJson<never>(String(json))));
    const [keys, versions, standings, records, receipts, users, names, audiences, revs] = found as never[];
    return { head: Number(head), keys, versions, standings, records, receipts, users, names, audiences, revs } as never;
  }
}

interface Means {
  read(wanted: Wanted): Promise<SnapshotRows>;
  lastMark(): number;
  marked(at: number): void;
  ended(): void;
}

/** One batch, from its first plan to its commit. */
export class Planning {
  readonly #groups: readonly WriteGroup[];
  readonly #means: Means;
  readonly #wanted = new Wanted();
  readonly #ended = Promise.withResolvers<void>();
  #first: { plan: Plan; snapshot: Snapshot } | null = null;
  #before: readonly Planning[] = [];
  #snapshot: Snapshot | null = null;
  #readsKeys = false;

  constructor(groups: readonly WriteGroup[], means: Means) {
    this.#groups = groups;
    this.#means = means;
  }

  /** Plans without reading anything, which tells what is to be read; plain new notifications need nothing. */
  begin(seen: number, underWay: readonly Planning[]): void {
    this.#first = this.#planFrom(null, seen);
    this.#before = underWay.filter((other) => other.#wanted.touches(this.#wanted));
  }

  /** The batch as it can be applied; once more, where rows were others by then than those it was made from. */
  async plan(seen: number): Promise<Plan> {
    const first = this.#first;
    this.#first = null;
    if (first && this.#isWhole(first)) return this.#take(first);
    // A key that was used is the commonest reason for a plan to fail.
    this.#readsKeys ||= first === null || first.snapshot.isComplete;
    if (first) await Promise.all(this.#before.map((other) => other.#ended.promise));
    else this.#planFrom(null, seen);
    for (let reads = 1; reads <= mostReads; reads++) {
      const planned = this.#planFrom(await this.#means.read(this.#wanted), seen);
      if (this.#isWhole(planned)) return this.#take(planned);
      this.#readsKeys ||= planned.snapshot.isComplete;
    }
    throw new TidingsError(
      'internal',
      `a batch cannot be planned: it asked for more rows in each of ${mostReads} reads`,
    );
  }

  /** Everything that has to be as it was read. */
  get expectations(): Expectations {
    return (this.#snapshot as Snapshot).expectations;
  }

  get isExact(): boolean {
    return (this.#snapshot as Snapshot).isExact;
  }

  end(): void {
    this.#ended.resolve();
    this.#means.ended();
  }

  #planFrom(rows: SnapshotRows | null, seen: number): { plan: Plan; snapshot: Snapshot } {
    const snapshot = new Snapshot(rows, this.#wanted, seen, this.#readsKeys);
    return { plan: planOf(this.#groups, snapshot, this.#means.lastMark()), snapshot };
  }

  /** No commit checks a plan that changes nothing: all of its rows must have been read, its keys as well. */
  #isWhole({ plan, snapshot }: { plan: Plan; snapshot: Snapshot }): boolean {
    return snapshot.isComplete && (plan.hasChanges || this.#readsKeys || !snapshot.assumesKeys);
  }

  #take({ plan, snapshot }: { plan: Plan; snapshot: Snapshot }): Plan {
    this.#snapshot = snapshot;
    for (const { at } of plan.effects.marks) this.#means.marked(at);
    return plan;
  }
}
