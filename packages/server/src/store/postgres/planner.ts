import { TidingsError } from '@tidings/protocol';
import type pg from 'pg';
import type { WriteGroup } from '../engine.ts';
import { type Plan, planOf } from '../plan/plan.ts';
import type { Expectations } from './functions/expectations.ts';
import { Snapshot } from './snapshot.ts';
import { readSnapshot, type SnapshotRows, Wanted } from './snapshot-query.ts';

/** The most reads for one plan: each brings the rows that a rule turns out to need after the last. */
const mostReads = 20;

/** Plans batches. Batches that touch the same rows are planned one after the other, each from the result of the one before. */
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
    const planning = new Planning(this, groups, seen, [...this.#underWay]);
    this.#underWay.add(planning);
    return planning;
  }

  read(wanted: Wanted): Promise<SnapshotRows> {
    return readSnapshot(this.#plans, wanted);
  }

  get lastMark(): number {
    return this.#lastMark;
  }

  marked(at: number): void {
    this.#lastMark = Math.max(this.#lastMark, at);
  }

  ended(planning: Planning): void {
    this.#underWay.delete(planning);
  }
}

/** One batch, from its first plan to its commit. */
export class Planning {
  readonly #planner: Planner;
  readonly #groups: readonly WriteGroup[];
  readonly #wanted = new Wanted();
  readonly #ended = Promise.withResolvers<void>();
  readonly #before: readonly Planning[];
  #first: { plan: Plan; snapshot: Snapshot } | null;
  #snapshot: Snapshot | null = null;
  #readsKeys = false;

  /** Plans without reading anything, which shows what is to be read; plain new notifications need nothing. */
  constructor(planner: Planner, groups: readonly WriteGroup[], seen: number, underWay: readonly Planning[]) {
    this.#planner = planner;
    this.#groups = groups;
    this.#first = this.#planFrom(null, seen);
    this.#before = underWay.filter((other) => other.#wanted.touches(this.#wanted));
  }

  /** The plan of the batch, as it can be applied; asked for once more if rows had changed by then. */
  async plan(seen: number): Promise<Plan> {
    const first = this.#first;
    this.#first = null;
    if (first && this.#isWhole(first)) return this.#take(first);
    // A key that was used is the commonest reason for a plan to fail.
    this.#readsKeys ||= first === null || first.snapshot.isComplete;
    if (first) await Promise.all(this.#before.map((other) => other.#ended.promise));
    else this.#planFrom(null, seen);
    for (let reads = 1; reads <= mostReads; reads++) {
      const planned = this.#planFrom(await this.#planner.read(this.#wanted), seen);
      if (this.#isWhole(planned)) return this.#take(planned);
      this.#readsKeys ||= planned.snapshot.isComplete;
    }
    throw new TidingsError(
      'internal',
      `a batch cannot be planned: it asked for more rows in each of ${mostReads} reads`,
    );
  }

  /** The rows that must still be as they were read. */
  get expectations(): Expectations {
    return (this.#snapshot as Snapshot).expectations;
  }

  get isExact(): boolean {
    return (this.#snapshot as Snapshot).isExact;
  }

  end(): void {
    this.#ended.resolve();
    this.#planner.ended(this);
  }

  #planFrom(rows: SnapshotRows | null, seen: number): { plan: Plan; snapshot: Snapshot } {
    const snapshot = new Snapshot(rows, this.#wanted, seen, this.#readsKeys);
    return { plan: planOf(this.#groups, snapshot, this.#planner.lastMark), snapshot };
  }

  /** True if all rows of the plan were read, its keys as well: no commit checks a plan that changes nothing. */
  #isWhole({ plan, snapshot }: { plan: Plan; snapshot: Snapshot }): boolean {
    return snapshot.isComplete && (plan.hasChanges || this.#readsKeys || !snapshot.assumesKeys);
  }

  #take({ plan, snapshot }: { plan: Plan; snapshot: Snapshot }): Plan {
    this.#snapshot = snapshot;
    for (const { at } of plan.effects.marks) this.#planner.marked(at);
    return plan;
  }
}
