import { isRoomTopic } from '../domain/rooms.ts';
import type { InitialQuery, Page, PageQuery } from '../domain/store/catch-up.ts';
import type { Position } from '../domain/store/history.ts';
import { userTopic } from '../domain/topics.ts';
import { countSteps, countsOf, defaultStartOf } from './counts.ts';
import { type PlainRow, plainPage } from './plain-page.ts';
import { membershipChange, receiptRows, receiptsChange, wholeRevs } from './receipt-frames.ts';
import { personalOf } from './record-rows.ts';
import { mostKeys, newestStep, roomStateStep } from './room-reads.ts';
import { type Found, pageOfAll, pageOfOne, type RowOf, step } from './steps.ts';
import { membershipStartsOf, userOf, watermarkOf } from './user-rows.ts';

/** Pages for catching up: the steps of one snapshot, and the page that their rows make. */

type TermRows = readonly RowOf<'terms'>[];

/** Changes in rev order, each record once, at its newest rev. */
export function inOrder<C extends { id: string; rev: number }>(changes: readonly C[]): C[] {
  const sorted = [...changes].sort((a, b) => a.rev - b.rev);
  const latest = new Map(sorted.map((change) => [change.id, change.rev]));
  return sorted.filter((change, i) => latest.get(change.id) === change.rev && sorted[i - 1]?.rev !== change.rev);
}

/** Steps of every page: the place in the history, and the user. */
const pageBase = (userId: string, after: number) => ({
  sequence: step('sequence'),
  terms: step('terms'),
  user: step('user', { userId }),
  memberships: step('memberships', { userId, after }),
  counts: countSteps(userId),
});

function baseOf({ sequence, terms, user, memberships }: Found<ReturnType<typeof pageBase>>) {
  const watermark = watermarkOf(user[0]);
  const { head = 0, floor = 0 } = sequence[0] ?? {};
  return {
    watermark,
    at: {
      ...{ term: String(terms.at(-1)?.term), head, floor },
      ...{ user: userOf(user[0]), membershipStarts: membershipStartsOf(memberships), readUpto: watermark.rev },
    },
  };
}

/** Steps of every page of a catch-up, beside its records. */
const catchUpBase = ({ userId, topics, after }: PageQuery) => ({
  ...pageBase(userId, after),
  receipts: step('receiptsAfter', { userId, after, limit: topics.includes(userTopic(userId)) ? receiptRows : 0 }),
});

/** A page of a catch-up: one limited range per topic, merged, never a sort of the whole backlog. */
export function pageSteps(query: PageQuery) {
  return {
    ...catchUpBase(query),
    records: pageOfAll(
      query.topics.map((topic) => step('topicAfter', rangeOf(query, topic))),
      query.limit,
      'rev',
      'asc',
    ),
  };
}

const rangeOf = ({ userId, after, limit, granted }: PageQuery, topic: string) => ({
  ...{ userId, topic, defaultStart: defaultStartOf(topic, granted), after, limit },
});

export function pageOf(query: PageQuery, found: Found<ReturnType<typeof pageSteps>>): Page {
  const { rows, full } = found.records;
  const { watermark } = baseOf(found);
  const changes = rows.map((row) => personalOf(row, watermark));
  return catchUpPage(query, found, { changes, plain: [], end: full ? Number(rows.at(-1)?.rev) : Infinity });
}

/** The same page, where all of its records may be plain. */
export const plainSteps = (query: PageQuery) => ({
  ...catchUpBase(query),
  topics: query.topics.map((topic) => step('plainAfter', rangeOf(query, topic))),
});

/** @returns null if some are not, so that the page is to be read as it is */
export function plainPageOf(query: PageQuery, found: Found<ReturnType<typeof plainSteps>>): Page | null {
  const rows = query.topics.map((topic, i) => ({ topic, row: found.topics[i]?.[0] as PlainRow }));
  const page = plainPage(rows, query.limit, userTopic(query.userId));
  if (!page) return null;
  const { plain, full } = page;
  return catchUpPage(query, found, { changes: [], plain, end: full ? Number(plain.at(-1)?.rev) : Infinity });
}

/** The records of a page, which are all there are up to a rev. */
interface PageRecords extends Pick<Page, 'changes' | 'plain'> {
  end: number;
}

/** Adds what the user did, and the user's memberships, to the records of a page. */
function catchUpPage(query: PageQuery, found: Found<ReturnType<typeof catchUpBase>>, records: PageRecords): Page {
  const { watermark, at } = baseOf(found);
  const { terms, memberships } = found;
  const user = found.user[0];
  const counts = countsOf(found.counts);
  if (query.cursor !== null && !isRecoverable(query.cursor, terms, at)) {
    const upTo = { term: at.term, rev: at.head };
    return { ...at, changes: [], plain: [], full: false, upTo, recovered: false, counts };
  }
  const receipts = wholeRevs(found.receipts);
  const upTo = Math.min(records.end, receipts.upTo);
  const state = { counts, asOf: at.head, readUpto: watermark.rev };
  const isPersonal = query.topics.includes(userTopic(query.userId));
  const marked = isPersonal
    ? receiptsChange(user, query.userId, receipts.rows, { after: query.after, upTo, state })
    : [];
  const moved = isPersonal ? memberships.filter(({ rev }) => rev > query.after) : [];
  const joined = moved.map((row) => ({ ...membershipChange(row, state, Date.now()), receipt: null }));
  const changes = [...records.changes, ...marked, ...joined].filter(({ rev }) => rev <= upTo);
  changes.sort((a, b) => a.rev - b.rev);
  const plain = records.plain.filter(({ rev }) => rev <= upTo);
  const full = upTo < Infinity;
  const position = full ? { term: termAt(upTo, terms), rev: upTo } : { term: at.term, rev: at.head };
  return { ...at, changes, plain, full, upTo: position, recovered: true, counts };
}

/** The term whose part of the history a rev lies in. */
export const termAt = (rev: number, terms: TermRows): string =>
  String((terms.findLast((row) => row.from_rev <= rev) ?? terms[0])?.term);

/** A cursor is good if its term is known and its rev lies within that term's part of the history, above the floor. */
function isRecoverable(cursor: Position, terms: TermRows, at: { head: number; floor: number }): boolean {
  const index = terms.findIndex((row) => row.term === cursor.term);
  const term = terms[index];
  if (!term || cursor.rev < at.floor) return false;
  const next = terms[index + 1];
  return cursor.rev >= term.from_rev - 1 && cursor.rev <= (next ? next.from_rev - 1 : at.head);
}

/** The first page of a user without a cursor. */
export function initialSteps({ userId, topics, granted, unread, events = 0, limit }: InitialQuery) {
  const personal = userTopic(userId);
  const rooms = events > 0 ? topics.filter(isRoomTopic) : [];
  const inbox = topics.filter((topic) => !isRoomTopic(topic));
  const first = topics.includes(personal) ? limit : 0;
  return {
    ...pageBase(userId, Number.MAX_SAFE_INTEGER),
    undelivered: pageOfOne(step('undelivered', { userId, topic: personal, limit: first }), first),
    events: rooms.flatMap((topic) => {
      const defaultStart = defaultStartOf(topic, granted);
      return [
        pageOfOne(newestStep({ userId, topic, defaultStart }, events), events),
        pageOfOne(roomStateStep(topic, userId, defaultStart), mostKeys),
      ];
    }),
    unread: inbox.length === 0 ? [] : [unreadOf(userId, inbox, unread)],
  };
}

/** The newest unread of topics. */
const unreadOf = (userId: string, topics: readonly string[], limit: number) =>
  pageOfAll(
    topics.flatMap((topic) => {
      const params = { userId, topic, defaultStart: defaultStartOf(topic), limit };
      return [step('unreadNewest', params), step('unreadMovedNewest', params), step('unreadAsking', params)];
    }),
    limit,
    'list_rev',
    'desc',
  );

export function initialOf(found: Found<ReturnType<typeof initialSteps>>): Page {
  const { watermark, at } = baseOf(found);
  const { undelivered, unread, events, terms } = found;
  const changes = inOrder(
    [undelivered, ...unread, ...events].flatMap(({ rows }) => rows).map((row) => personalOf(row, watermark)),
  );
  const last = undelivered.full ? Number(undelivered.rows.at(-1)?.rev) : null;
  const upTo = last === null ? { term: at.term, rev: at.head } : { term: termAt(last, terms), rev: last };
  return { ...at, changes, plain: [], full: undelivered.full, upTo, recovered: true, counts: countsOf(found.counts) };
}
