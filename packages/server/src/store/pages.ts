import type { FreshQuery, Page, PageQuery, PersonalChange, Position, TaskQuery } from '../domain/ports.ts';
import { isShared, userTopic } from '../domain/topics.ts';
import { countSteps, countsOf, openOf } from './counts.ts';
import type { ReadStep, Row } from './engine.ts';
import { audienceChange, type CutRows, receiptRows, receiptsChange } from './receipt-rows.ts';
import { askedAt, personalOf, userOf, watermarkOf } from './rows.ts';

/** Each read of more than one statement: the steps of one snapshot, and what their rows mean. */

/** A page ends with the record that takes it past this size, so that what waits for a slow reader stays bounded. */
const pageBytes = 524_288;

/** Changes in rev order, each record once, at its newest rev. */
export function inOrder<C extends { id: string; rev: number }>(changes: readonly C[]): C[] {
  const sorted = [...changes].sort((a, b) => a.rev - b.rev);
  const latest = new Map(sorted.map((change) => [change.id, change.rev]));
  return sorted.filter((change, i) => latest.get(change.id) === change.rev && sorted[i - 1]?.rev !== change.rev);
}

/** A page of a catch-up: one limited range per topic, merged, never a sort of the whole backlog. */
export function pageSteps(query: PageQuery): ReadStep[] {
  const { userId, topics, after, limit } = query;
  const isPersonal = topics.includes(userTopic(userId));
  return [
    { name: 'sequence', params: [] },
    { name: 'terms', params: [] },
    { name: 'user', params: [userId] },
    { name: 'receiptsAfter', params: [userId, after, isPersonal ? receiptRows : 0] },
    { name: 'audiences', params: [userId] },
    ...topics.map((topic): ReadStep => {
      const params = [userId, userId, topic, after, userId, topic, openOf(topic), limit];
      return { name: 'topicAfter', params };
    }),
    ...countSteps(userId),
  ];
}

export function pageOf(query: PageQuery, rows: Row[][]): Page {
  const [sequence, terms, [user], receipts, audiences, ...found] = rows as [
    Row[],
    Row[],
    Row[],
    Row[],
    Row[],
    ...Row[][],
  ];
  const watermark = watermarkOf(user);
  const person = { user: userOf(user), since: sinceOf(audiences), readUpto: watermark.rev };
  const at = { ...headOf(terms, sequence), ...person };
  const ranges = found.slice(0, query.topics.length);
  const counts = countsOf(found.slice(query.topics.length));
  if (query.cursor !== null && !isRecoverable(query.cursor, terms, at)) {
    return { ...at, changes: [], full: false, upTo: { term: at.term, rev: at.head }, recovered: false, counts };
  }
  const done = completeReceipts(receipts);
  const ends = ranges.filter((range) => range.length >= query.limit).map((range) => Number(range.at(-1)?.rev));
  const upTo = Math.min(...ends, ...endByBytes(ranges.flat()), done.upTo);
  const state = { counts, asOf: at.head, readUpto: watermark.rev };
  const changes = ranges.flat().map((row) => personalOf(row, watermark));
  const isPersonal = query.topics.includes(userTopic(query.userId));
  const told = isPersonal ? receiptsChange(user, query.userId, done.rows, query.after, upTo, state) : [];
  const moved = isPersonal ? audiences.filter(({ rev }) => Number(rev) > query.after) : [];
  const joined = moved.map((row) => ({ ...audienceChange(row, state, Date.now()), receipt: null }));
  const visible = [...changes, ...told, ...joined].filter((change) => change.rev <= upTo);
  const full = upTo < Infinity;
  const end = full ? { term: termAt(upTo, terms), rev: upTo } : { term: at.term, rev: at.head };
  return { ...at, changes: inOrder<PersonalChange>(visible), full, upTo: end, recovered: true, counts };
}

const headOf = (terms: readonly Row[], sequence: readonly Row[]) => ({
  term: String(terms.at(-1)?.term),
  head: Number(sequence[0]?.head),
  floor: Number(sequence[0]?.floor),
});

/** The term whose part of the history a rev lies in. */
export const termAt = (rev: number, terms: readonly Row[]): string =>
  String(terms.findLast((row) => Number(row.from_rev) <= rev)?.term ?? terms[0]?.term);

/** The rev at which a page of large records ends before its limit of rows; none where it does not. */
function endByBytes(rows: readonly Row[]): number[] {
  let bytes = 0;
  const inRevOrder = [...rows].sort((a, b) => Number(a.rev) - Number(b.rev));
  const last = inRevOrder.findIndex((row) => {
    bytes += String(row.body).length;
    return bytes > pageBytes;
  });
  return last === -1 || last === rows.length - 1 ? [] : [Number((inRevOrder[last] as Row).rev)];
}

/** Where rows were cut short, those of the last rev are left for the next page, since some of them may be missing. */
function completeReceipts(rows: Row[]): CutRows {
  if (rows.length < receiptRows) return { rows, upTo: Infinity };
  const last = Number(rows.at(-1)?.rev);
  return { rows: rows.filter((row) => Number(row.rev) < last), upTo: last - 1 };
}

/** A cursor is good if its term is known and its rev lies within that term's part of the history, above the floor. */
function isRecoverable(cursor: Position, terms: readonly Row[], at: { head: number; floor: number }): boolean {
  const index = terms.findIndex((row) => row.term === cursor.term);
  if (index === -1 || cursor.rev < at.floor) return false;
  const next = terms[index + 1];
  const to = next ? Number(next.from_rev) - 1 : at.head;
  return cursor.rev >= Number(terms[index]?.from_rev) - 1 && cursor.rev <= to;
}

/** What a person without a cursor is sent. */
export function freshSteps(query: FreshQuery): ReadStep[] {
  const { userId, topics, unread, limit } = query;
  const personal = userTopic(userId);
  return [
    { name: 'sequence', params: [] },
    { name: 'terms', params: [] },
    { name: 'user', params: [userId] },
    { name: 'undelivered', params: [userId, userId, personal, userId, topics.includes(personal) ? limit : 0] },
    { name: 'audiences', params: [userId] },
    ...topics.flatMap((topic): ReadStep[] => {
      const params = [userId, userId, topic, userId, userId, topic, openOf(topic), unread];
      return [
        { name: 'unreadNewest', params },
        { name: 'unreadMovedNewest', params },
        { name: 'unreadAsking', params: [topic, userId, userId, userId, topic, openOf(topic), unread] },
      ];
    }),
    ...countSteps(userId),
  ];
}

const freshStepsOfTopic = 3;

export function freshOf(query: FreshQuery, rows: Row[][]): Page {
  const [sequence, terms, [user], undelivered, heard, ...found] = rows as [
    Row[],
    Row[],
    Row[],
    Row[],
    Row[],
    ...Row[][],
  ];
  const watermark = watermarkOf(user);
  const person = { user: userOf(user), since: sinceOf(heard), readUpto: watermark.rev };
  const at = { ...headOf(terms, sequence), ...person };
  const unread = found
    .slice(0, freshStepsOfTopic * query.topics.length)
    .flat()
    .sort((a, b) => askedAt(b) - askedAt(a))
    .filter((row, i, all) => row.id !== all[i - 1]?.id)
    .slice(0, query.unread);
  const isFull = query.limit > 0 && undelivered.length >= query.limit;
  const ends = [...(isFull ? [Number(undelivered.at(-1)?.rev)] : []), ...endByBytes(undelivered)];
  const last = ends.length > 0 ? Math.min(...ends) : null;
  const first = undelivered.filter((row) => last === null || Number(row.rev) <= last);
  const changes = inOrder([...first, ...unread].map((row) => personalOf(row, watermark)));
  const upTo = last === null ? { term: at.term, rev: at.head } : { term: termAt(last, terms), rev: last };
  const counts = countsOf(found.slice(freshStepsOfTopic * query.topics.length));
  return { ...at, changes, full: last !== null, upTo, recovered: true, counts };
}

/** From rows of a user's audiences, where the shared topics begin that the user hears. */
export const sinceOf = (audiences: readonly Row[]): ReadonlyMap<string, number> =>
  new Map(audiences.flatMap((row) => (row.left_rev === null ? [[String(row.topic), Number(row.since)]] : [])));

/** The newest of one topic: of a shared one as the user sees it. */
export const newestStep = (topic: string, userId: string, limit: number): ReadStep =>
  isShared(topic)
    ? { name: 'sharedNewest', params: [userId, userId, topic, userId, topic, openOf(topic), limit] }
    : { name: 'topicNewest', params: [topic, limit] };

export function taskStep(query: TaskQuery): ReadStep {
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  if (query.owner !== null) return { name: 'tasksOfOwner', params: [query.owner, before, query.limit] };
  if (query.status !== null) return { name: 'tasksOfStatus', params: [query.status, before, query.limit] };
  return { name: 'tasks', params: [before, query.limit] };
}
