import type { InboxPage, InboxQuery } from '../domain/store/inbox.ts';
import { countSteps, countsOf, defaultStartOf } from './counts.ts';
import { personalOf } from './record-rows.ts';
import { type Found, pageOfAll, type Step, step } from './steps.ts';
import { watermarkOf } from './user-rows.ts';

/** The most records that one filtered page scans, of all topics together, and the fewest of each. */
const mostScanned = 5_000;
const fewestScanned = 100;
const scanOf = ({ topics }: InboxQuery): number => Math.max(fewestScanned, Math.floor(mostScanned / topics.length));

const patternOf = (text: string | null): string | null => (text === null ? null : `%${text.replace(/[!%_]/g, '!$&')}%`);

const filtersOf = ({ unread, type, since, until, text }: InboxQuery) => ({
  ...{ unread: unread === null ? null : Number(unread), type },
  ...{ publishedSince: since, publishedUntil: until, textPattern: patternOf(text) },
});

const isFiltered = ({ unread, category, type, since, until, text }: InboxQuery): boolean =>
  [unread, category, type, since, until, text].some((filter) => filter !== null);

/** `lists` bring items; `ends` are the places up to which a page has looked in each part. */
interface TopicSteps {
  lists: Step<ListName>[];
  ends: Step<EndName>[];
}
type ListName = InboxQuery['view'] | 'inboxMoved' | 'returned' | 'search' | 'searchMoved' | 'searchCategory';
type EndName = 'searchEnd' | 'searchMovedEnd' | 'searchCategoryEnd';

/** A part of each topic, of one snapshot. */
function topicSteps(query: InboxQuery, topic: string): TopicSteps {
  const { userId, view, category } = query;
  const before = query.before ?? Number.MAX_SAFE_INTEGER;
  const page = { userId, topic, defaultStart: defaultStartOf(topic), before, limit: query.limit + 1 };
  const filters = filtersOf(query);
  if (view !== 'inbox') return { lists: [step(view, { ...page, ...filters, category })], ends: [] };
  const returned = step('returned', { ...page, ...filters, category });
  if (!isFiltered(query)) return { lists: [step('inbox', page), step('inboxMoved', page), returned], ends: [] };
  const scan = scanOf(query);
  const [part, end] = [
    { ...page, ...filters, scan },
    { topic, before, last: scan - 1 },
  ];
  if (category !== null) {
    return {
      lists: [step('searchCategory', { ...part, category }), returned],
      ends: [step('searchCategoryEnd', { ...end, category })],
    };
  }
  return {
    lists: [step('search', part), step('searchMoved', part), returned],
    ends: [step('searchEnd', end), step('searchMovedEnd', end)],
  };
}

/** A page of the inbox, newest first: the steps of one snapshot. */
export function inboxSteps(query: InboxQuery) {
  const topics = query.topics.map((topic) => topicSteps(query, topic));
  return {
    sequence: step('sequence'),
    user: step('user', { userId: query.userId }),
    counts: countSteps(query.userId),
    page: pageOfAll(
      topics.flatMap(({ lists }) => lists),
      query.limit + 1,
      'list_rev',
      'desc',
    ),
    ends: topics.flatMap(({ ends }) => ends),
  };
}

export function inboxOf(query: InboxQuery, found: Found<ReturnType<typeof inboxSteps>>): InboxPage {
  const { rows, full } = found.page;
  const end = Math.max(0, ...found.ends.flat().map(({ alert_rev }) => alert_rev));
  const all = rows.filter((row) => row.list_rev >= end);
  const shown = all.slice(0, query.limit);
  const watermark = watermarkOf(found.user[0]);
  const hasMore = shown.length < all.length || (full && all.length === rows.length);
  const last = hasMore ? shown.at(-1) : undefined;
  const nextBefore = last ? last.list_rev : end > 0 ? end : null;
  return {
    items: shown.map((row) => personalOf(row, watermark)),
    nextBefore,
    counts: countsOf(found.counts),
    asOf: Number(found.sequence[0]?.head),
  };
}
