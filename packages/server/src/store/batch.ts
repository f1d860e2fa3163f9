import type { Batch, Change } from '../domain/ports.ts';
import type { Applied, WriteGroup } from './engine.ts';

/** Joins what callers wrote with the revs it was given: bodies never come back from the database's thread. */
export function batchOf(term: string, applied: Applied, groups: readonly WriteGroup[]): Batch {
  const resolved = new Map(applied.resolved);
  const changes: Change[] = [];
  groups.forEach((group, g) => {
    group.writes.forEach((write, w) => {
      const outcome = applied.outcomes[g]?.[w];
      if (write.op !== 'put' || outcome?.status !== 'stored') return;
      const { id, kind, audience, body } = write;
      changes.push({ rev: outcome.rev, id, kind, topics: resolved.get(outcome.rev) ?? write.topics, audience, body });
    });
  });
  if (applied.produced.length > 0) {
    changes.push(...applied.produced);
    changes.sort((a, b) => a.rev - b.rev);
  }
  return { term, from: applied.from, to: applied.to, changes };
}
