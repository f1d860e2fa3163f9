import { TidingsError } from '@tidings/protocol';
import type Database from 'better-sqlite3';
import type { InboxState } from '../../domain/inbox/receipts.ts';
import { userTopic } from '../../domain/topics.ts';
import { countSteps, countsOf } from '../counts.ts';
import type { Applied, Attempt, WriteGroup } from '../engine.ts';
import { removalOf } from '../plan/effects.ts';
import { appliedOf, type Plan, planOf } from '../plan/plan.ts';
import { type AnyRow, pageOfOne, type Step, step } from '../steps.ts';
import { EffectWriter } from './effect-writer.ts';
import { PreparedStatements } from './prepared.ts';
import { SqliteSource } from './source.ts';
import type { SqliteStatements } from './statements.ts';

/**
 * Plans writes and applies the plans, each in one transaction. Runs in the writer thread, alone with the database's write side;
 * nothing else ever gives out a rev.
 */
export class SqliteWriter {
  readonly #database: Database.Database;
  readonly #statements: PreparedStatements;
  readonly #source: SqliteSource;
  readonly #effects: EffectWriter;
  /** The newest time for which it is known where the sequence stood. */
  #lastMark: number;
  /** Changes where another connection has written. */
  readonly #version: () => unknown;
  #seenVersion: unknown;
  #term = '';

  constructor(database: Database.Database, statements: SqliteStatements) {
    this.#database = database;
    this.#statements = new PreparedStatements(database, statements.steps);
    this.#source = new SqliteSource(database, statements.source);
    this.#effects = new EffectWriter(database);
    const version = database.prepare('pragma data_version').pluck();
    this.#version = () => version.get();
    this.#seenVersion = this.#version();
    this.#source.head = this.#sequence.head;
    this.#lastMark = this.#statements.run(step('lastMark'))[0]?.at ?? 0;
  }

  get head(): number {
    return this.#source.head;
  }

  get floor(): number {
    return this.#sequence.floor;
  }

  /** Begins a term at the next rev: this writer cannot prove that it continues what another wrote. */
  beginTerm(term: string): void {
    this.#statements.run(step('addTerm', { term, fromRev: this.head + 1 }));
    this.#term = term;
  }

  /** Goes on in a term that this process has begun. Throws `unavailable` if another has begun one since. */
  continueTerm(term: string): void {
    this.#term = term;
    this.#checkTerm();
  }

  /** Throws `unavailable` if another program has moved the sequence, or begun a term: it has given out the same revs. */
  checkOwner(): void {
    const version = this.#version();
    if (version === this.#seenVersion) return;
    this.#checkTerm();
    const { head } = this.#sequence;
    if (head !== this.head) throw notAlone(`its sequence is at ${head}, and was at ${this.head}`);
    this.#seenVersion = version;
  }

  #checkTerm(): void {
    const term = this.#statements.run(step('lastTerm'))[0]?.term;
    if (term !== this.#term) throw notAlone('another server has opened it');
  }

  apply(groups: readonly WriteGroup[]): Applied {
    try {
      this.#database.exec('begin immediate');
      this.checkOwner();
      const plan = this.#planned(groups);
      const states = new Map(plan.usersInFrames.map((userId) => [userId, this.#inboxState(userId, plan.head)]));
      this.#database.exec('commit');
      const applied = appliedOf(plan, plan.seen, states);
      this.#source.head = plan.head;
      for (const { at } of plan.effects.marks) this.#lastMark = at;
      return applied;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw error;
    }
  }

  /** Runs statements that give out no rev. */
  write(steps: readonly Step[]): AnyRow[][] {
    return this.#database.transaction(() => steps.map((one) => this.#statements.run(one)))();
  }

  /** Everything of a transaction but its end. */
  rehearse(attempt: Attempt): void {
    this.#database.exec('begin immediate');
    try {
      if ('groups' in attempt) this.#planned(attempt.groups);
      else for (const one of attempt.steps) this.#statements.run(one);
    } finally {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    }
  }

  delivered(marks: readonly [string, number][]): void {
    this.#database.transaction(() => {
      for (const [userId, rev] of marks) this.#statements.run(step('setDelivered', { userId, rev }));
    })();
  }

  forgetRetractions(before: number, limit: number): number {
    return this.#database.transaction(() => {
      const { rows: old } = this.#statements.page(pageOfOne(step('oldRetractions', { before, limit }), limit));
      this.#effects.write(removalOf(old));
      for (const { id } of old) this.#statements.run(step('forgetReceipts', { recordId: id }));
      const floor = Math.max(0, ...old.map(({ rev }) => rev));
      if (floor > 0) this.#statements.run(step('raiseFloor', { floor }));
      return old.length;
    })();
  }

  #planned(groups: readonly WriteGroup[]): Plan {
    const plan = planOf(groups, this.#source, this.#lastMark);
    if (plan.hasChanges) this.#write(plan);
    return plan;
  }

  #write({ effects, recounted, seen, head }: Plan): void {
    this.#effects.write(effects);
    for (const userId of recounted) this.#recount(userId);
    if (head > seen) this.#statements.run(step('setHead', { head }));
  }

  /** Counts what is unread on a user's own topic. */
  #recount(userId: string): void {
    const topic = userTopic(userId);
    this.#statements.run(step('clearCounts', { userId }));
    const above = this.#statements.run(step('ownAbove', { userId, topic }));
    const below = this.#statements.run(step('ownBelow', { userId, topic }));
    for (const { category, n } of [...above, ...below])
      this.#statements.run(step('addToCount', { userId, category, by: n }));
  }

  #inboxState(userId: string, asOf: number): InboxState {
    const counts = countsOf(countSteps(userId).map((one) => this.#statements.run<CountName>(one)));
    return { counts, asOf, readUpto: this.#source.watermark(userId)?.read_upto ?? 0 };
  }

  get #sequence(): { head: number; floor: number } {
    return this.#statements.run(step('sequence'))[0] as { head: number; floor: number };
  }
}

const notAlone = (how: string): TidingsError =>
  new TidingsError(
    'unavailable',
    `nothing was stored: another program has written into the database (${how}); stop that one, then restart this server`,
  );

type CountName = ReturnType<typeof countSteps>[number]['name'];
