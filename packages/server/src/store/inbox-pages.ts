import type { InboxPage, InboxQuery } from '../domain/ports.ts';
import { countSteps, countsOf, openOf } from './counts.ts';
import type { ReadStep, Row } from './engine.ts';
import { askedAt, personalOf, watermarkOf } from './rows.ts';

/** How much of a topic one filtered page looks at. */
const scan = 5_000;

/** Where a part ends that a page has looked at; null where it was all of it. */
interface Read {
  steps: ReadStep[];
  /** How many of the steps, from the first, bring items; the others tell where their parts end. */
  lists: number;
}

const textPattern = (text: string | null): string | null =>
  text === null ? null : `%${text.replace(/[!%_]/g, '!$&')}%`;

/** The parameters of `filters`: each stands twice. */
const filterParams = ({ unread, type, since, until, text }: InboxQuery): ReadStep['params'] => {
  const flag = unread === null ? null : Number(unread);
  return [flag, type, since, until, textPattern(text)].flatMap((value) => [value, value]);
};

const isFiltered = ({ unread, category, type, since, until, text }: InboxQuery): boolean =>
  [unread, category, type, since, until, text].some((filter) => filter !== null);

function readOf(query: InboxQuery): Read {
  const { userId, topics, view } = query;
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  const limit = query.limit + 1;
  const byReceipt = (name: 'returned' | 'archived' | 'snoozed') =>
    topics.map((topic): ReadStep => {
      const { category } = query;
      const where = [userId, userId, topic, userId, topic, openOf(topic), before, category, category];
      return { name, params: [...where, ...filterParams(query), limit] };
    });
  if (view !== 'inbox') return { steps: byReceipt(view), lists: topics.length };
  const returned = byReceipt('returned');
  if (isFiltered(query)) return searchOf(query, returned, before, limit);
  const steps = topics.flatMap((topic): ReadStep[] => {
    const params = [userId, userId, topic, before, userId, topic, openOf(topic), limit];
    return [
      { name: 'inbox', params },
      { name: 'inboxMoved', params },
    ];
  });
  return { steps: [...steps, ...returned], lists: steps.length + returned.length };
}

/** A part of a topic: the statement that lists it, the one that tells its end, and where both begin. */
interface Part {
  topic: string;
  names: readonly [ReadStep['name'], ReadStep['name']];
  at: ReadStep['params'];
}

/** A filtered page looks at a bounded part of each topic, and tells where it ended. */
function searchOf(query: InboxQuery, returned: ReadStep[], before: number, limit: number): Read {
  const { userId, topics, category } = query;
  const parts = topics.flatMap((topic): Part[] => {
    if (category !== null)
      return [{ topic, names: ['searchCategory', 'searchCategoryEnd'], at: [topic, category, before] }];
    const at = [topic, before];
    return [
      { topic, names: ['search', 'searchEnd'], at },
      { topic, names: ['searchMoved', 'searchMovedEnd'], at },
    ];
  });
  const lists = parts.map(({ topic, names, at }): ReadStep => {
    const who = [userId, userId, userId, topic, openOf(topic)];
    return { name: names[0], params: [...at, scan, ...who, ...filterParams(query), limit] };
  });
  const ends = parts.map(({ names, at }): ReadStep => ({ name: names[1], params: [...at, scan - 1] }));
  return { steps: [...lists, ...returned, ...ends], lists: lists.length + returned.length };
}

/** A page of the inbox, newest first: the steps of one snapshot. */
export const inboxSteps = (query: InboxQuery): ReadStep[] => [
  { name: 'sequence', params: [] },
  { name: 'user', params: [query.userId] },
  ...countSteps(query.userId),
  ...readOf(query).steps,
];

export function inboxOf(query: InboxQuery, rows: Row[][]): InboxPage {
  const [[sequence], [user], ...rest] = rows as [Row[], Row[], ...Row[][]];
  const counted = countSteps(query.userId).length;
  const found = rest.slice(counted);
  const { lists } = readOf(query);
  const end = Math.max(0, ...found.slice(lists).map(([row]) => Number(row?.alert_rev ?? 0)));
  const all = found
    .slice(0, lists)
    .flat()
    .filter((row) => askedAt(row) >= end)
    .sort((a, b) => askedAt(b) - askedAt(a));
  const shown = all.slice(0, query.limit);
  const watermark = watermarkOf(user);
  const isCut = all.length > shown.length;
  return {
    items: shown.map((row) => personalOf(row, watermark)),
    nextBefore: isCut ? askedAt(shown.at(-1) as Row) : end > 0 ? end : null,
    counts: countsOf(rest.slice(0, counted)),
    asOf: Number(sequence?.head),
  };
}
