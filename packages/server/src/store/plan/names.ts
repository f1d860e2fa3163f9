import { usernameTopic, userTopic } from '../../domain/topics.ts';
import type { BindWrite, Change, Outcome } from '../../domain/writes.ts';
import type { DerivedChange } from './derived-changes.ts';
import { countKnown } from './puts.ts';
import { type RecordRow, type TopicRow, topicsOf, type VersionRow } from './source.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * Gives a user what waited for a name, each record at a new rev, and then the name. Where `waitingAtOnce` records waited there may be more:
 * the name follows with the last of them, so that whoever goes on finds what is left.
 */
export function bind(
  rows: WorkingSet,
  { userId, username }: BindWrite,
  derive: (derived: DerivedChange) => void,
): Outcome {
  if (rows.users.username(userId) === username) return { status: 'unchanged' };
  // A user is called by the id without a name of its own, which takes the name of nobody.
  if (username === userId && rows.users.userId(username) !== undefined) return { status: 'unchanged' };
  const waiting = usernameTopic(username);
  const { versions, hasMore } = rows.records.versionsOnTopic(waiting);
  for (const version of versions) {
    for (const change of move(rows, version, waiting, userTopic(userId))) derive({ kind: 'change', change });
  }
  if (!hasMore) rows.users.setName(userId, username);
  return { status: 'stored', id: userId, rev: rows.head, ...(hasMore && { next: username }) };
}

/** Gives a record another topic, at a new rev; it asks for attention there anew, and nowhere else. */
function move(rows: WorkingSet, version: VersionRow, from: string, to: string): Change[] {
  const row = rows.records.record(version);
  if (!row) return [];
  const topics = topicsOf(version.topics);
  const before = new Map(topics.map((topic) => [topic, rows.records.standing(version, topic)]));
  rows.records.remove(version);
  const rev = ++rows.head;
  const moved = [...new Set(topics.map((topic) => (topic === from ? to : topic)))];
  const isNew = !before.has(to);
  const standings = moved.map((topic): TopicRow => {
    const { alert_rev = 0, category = '', expired = 0 } = before.get(topic === to && isNew ? from : topic) ?? {};
    const asks = topic === to && isNew && alert_rev > 0;
    return {
      topic,
      rev,
      record_id: row.id,
      alert_rev: asks ? rev : alert_rev,
      category,
      expired,
      external_id: row.external_id,
    };
  });
  const alert_rev = Math.max(0, ...standings.map((one) => one.alert_rev));
  rows.records.store({ ...row, rev, topics: JSON.stringify(moved), alert_rev }, standings);
  const own = standings.find(({ topic }) => topic === to) as TopicRow;
  if (isNew) countKnown(rows, own);
  return changesOf(row, rev, standings);
}

/**
 * The changes that announce a moved record. On one topic it asks for attention anew, on the others it only has a later rev. That is
 * announced, too: a node that has missed the former rev cannot read it any more, since the store keeps only the latest.
 */
function changesOf({ id, kind, body, audience }: RecordRow, rev: number, standings: readonly TopicRow[]): Change[] {
  const viewers = audience === null ? null : JSON.parse(audience);
  return [...Map.groupBy(standings, ({ alert_rev }) => alert_rev)].map(([alertRev, those]) => ({
    ...{ rev, id, kind: kind as Change['kind'], topics: those.map(({ topic }) => topic), body, viewers },
    ...{ alertRev, recount: false },
  }));
}
