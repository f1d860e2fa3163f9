import type { InboxState } from '../../domain/inbox/receipts.ts';
import type { Outcome, Write } from '../../domain/writes.ts';
import type { Adjustment, Applied, WriteGroup } from '../engine.ts';
import { changeOf, type DerivedChange, usersInFrames } from './derived-changes.ts';
import type { Effects } from './effects.ts';
import { member } from './members.ts';
import { bind } from './names.ts';
import { put } from './puts.ts';
import { receipt } from './receipts.ts';
import { rights } from './rights.ts';
import type { Source } from './source.ts';
import { WorkingSet } from './working-set.ts';

/** Time between two marks, which turn a time into a rev, ms. */
const markInterval = 60_000;

/**
 * The result of a batch, as data. Revs above `seen`, the head at which it was planned, are relative: they move with the head of the
 * sequence when the plan is applied.
 */
export interface Plan {
  seen: number;
  head: number;
  outcomes: Outcome[][];
  adjustments: Adjustment[];
  derived: DerivedChange[];
  /** The users whose counts are counted anew when the effects are applied. */
  recounted: string[];
  /** The users whose inbox state is in the frames. */
  usersInFrames: string[];
  effects: Effects;
  /** True if there is anything to apply. */
  hasChanges: boolean;
}

/** The writes of one transaction, and what follows from them by the rules, which are written nowhere else. */
export function planOf(groups: readonly WriteGroup[], source: Source, lastMark: number): Plan {
  const rows = new WorkingSet(source);
  const adjustments: Adjustment[] = [];
  const derived: DerivedChange[] = [];
  const adjust = (one: Adjustment) => rows.undo.push(adjustments, one);
  const derive = (one: DerivedChange) => rows.undo.push(derived, one);
  const write = (one: Write): Outcome => {
    switch (one.op) {
      case 'put':
        return put(rows, one, adjust);
      case 'receipt':
        return receipt(rows, one, derive);
      case 'bind':
        return bind(rows, one, derive);
      case 'rights':
        return rights(rows, one, derive);
      case 'member':
        return member(rows, one, derive);
    }
  };
  // A single write is whole by itself: it changes nothing before it is sure of its outcome.
  const outcomes = groups.map(({ atomic, writes }) =>
    atomic && writes.length > 1 ? whole(rows, writes, write) : writes.map(write),
  );
  const marks = rows.head > source.head ? marksOf(groups, rows.head, lastMark) : [];
  const effects = rows.effects(marks);
  const { recounted } = rows.users;
  const hasChanges = recounted.length > 0 || Object.values(effects).some((list) => list.length > 0);
  return {
    seen: source.head,
    head: rows.head,
    outcomes,
    adjustments,
    derived,
    recounted,
    usersInFrames: usersInFrames(derived),
    effects,
    hasChanges,
  };
}

/** Stores all writes of a group, or none if one cannot be. */
function whole(rows: WorkingSet, writes: readonly Write[], write: (one: Write) => Outcome): Outcome[] {
  const outcomes: Outcome[] = [];
  const head = rows.head;
  const stored = rows.undo.whole(() => {
    for (const one of writes) {
      const outcome = write(one);
      outcomes.push(outcome);
      const isRefused = ['mismatch', 'stale', 'full'].includes(outcome.status);
      // While rows are missing, all writes are planned, so that the rows they need are read at once.
      if (isRefused && rows.isComplete) return null;
    }
    return outcomes;
  });
  if (stored) return stored;
  rows.head = head;
  const failed = outcomes.at(-1) as Outcome;
  return writes.map((_, i) => (i === outcomes.length - 1 ? failed : { status: 'aborted' }));
}

/** Notes where the sequence stands, once in a while, by the time of what was written. */
function marksOf(groups: readonly WriteGroup[], rev: number, lastMark: number): Effects['marks'] {
  let at = 0;
  for (const { writes } of groups) for (const write of writes) if ('at' in write) at = Math.max(at, write.at);
  return at < lastMark + markInterval ? [] : [{ at, rev, after: at - markInterval }];
}

/** The result of a plan that was stored after `head`. */
export function appliedOf(
  { seen, ...plan }: Plan,
  head: number,
  states: ReadonlyMap<string, InboxState>,
  term?: string,
): Applied {
  const revOf = (planned: number) => (planned > seen ? planned - seen + head : planned);
  const moved = <T extends object>(one: T): T =>
    'rev' in one && typeof one.rev === 'number' ? { ...one, rev: revOf(one.rev) } : one;
  const isMoved = head !== seen;
  return {
    ...{ from: head + 1, to: head + plan.head - seen, ...(term === undefined ? {} : { term }) },
    outcomes: isMoved ? plan.outcomes.map((group) => group.map(moved)) : plan.outcomes,
    adjustments: isMoved
      ? plan.adjustments.map((one) => ({ ...moved(one), alertRev: revOf(one.alertRev) }))
      : plan.adjustments,
    produced: plan.derived.map((one) => changeOf(one, revOf, (userId) => states.get(userId) as InboxState)),
  };
}
