import type { Batch, Change } from '../domain/writes.ts';
import type { Applied, WriteGroup } from './engine.ts';
import { withId } from './plan/puts.ts';

/** Joins what callers wrote with the revs it was given: bodies never come back from the database. */
export function batchOf(term: string, applied: Applied, groups: readonly WriteGroup[]): Batch {
  const adjustments = Map.groupBy(applied.adjustments, ({ rev }) => rev);
  const changes: Change[] = [];
  groups.forEach((group, g) => {
    group.writes.forEach((write, w) => {
      const outcome = applied.outcomes[g]?.[w];
      if (write.op !== 'put' || outcome?.status !== 'stored') return;
      const { id, rev } = outcome;
      const { kind, viewers, status, body } = withId(write, id);
      const asked = { topics: write.topics, alertRev: write.alert === 'ask' ? rev : 0, recount: false };
      for (const { topics, alertRev, recount } of adjustments.get(rev) ?? [asked]) {
        changes.push({ rev, id, kind, viewers, body, status, topics, alertRev, recount });
      }
    });
  });
  if (applied.produced.length > 0) {
    changes.push(...applied.produced);
    changes.sort((a, b) => a.rev - b.rev);
  }
  return { term, from: applied.from, to: applied.to, changes };
}
