import {
  type InboxFilter,
  type InboxItem,
  type InboxPage,
  type MarkResult,
  TidingsError,
  type UnreadCount,
  type UserInbox,
} from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import { timeToCome } from '../domain/inbox/publish.ts';
import { countFields } from '../domain/inbox/receipts.ts';
import { fold } from '../domain/inbox/search.ts';
import { instantOf } from '../domain/instant.ts';
import { type InboxQuery, isSearch, type InboxPage as StoredPage } from '../domain/store/inbox.ts';
import { inboxTopics } from '../domain/topics.ts';
import type { Mark } from '../domain/writes.ts';
import type { CommandContext } from './context.ts';
import { notFound } from './refuse.ts';

/** The work of commands, in units of a user's budget. Rows that are read cost less than ids, which are written. */
const work = { search: 50, rowsOfUnit: 10, markAll: 50, markedPart: 10, count: 5 };

/** One page of a person's inbox. A filtered page may be short, with more to come. Throws TidingsError. */
export async function listInbox(context: CommandContext, person: Reader, filter: InboxFilter): Promise<InboxPage> {
  const query = queryOf(person, filter);
  if (!isSearch(query)) {
    context.limits.work(person.id, Math.ceil(query.limit / work.rowsOfUnit));
    return context.searches.page(person.id, () => pageOf(context, query));
  }
  context.limits.work(person.id, work.search);
  return context.searches.run(person.id, () => pageOf(context, query));
}

async function pageOf({ store }: Pick<CommandContext, 'store'>, query: InboxQuery): Promise<InboxPage> {
  const page = await store.inbox(query);
  return { items: page.items.map(frameOf), next_before: page.nextBefore, ...countFields(page.counts, page.asOf) };
}

/** One notification of a person's inbox, wherever in it. Throws `not_found`, for others' as for what does not exist. */
export async function readInboxItem({ store }: CommandContext, person: Reader, id: string): Promise<InboxItem> {
  for (;;) {
    const record = await store.record(id);
    const topics = inboxTopics(person).filter((topic) => record?.topics.includes(topic));
    if (record?.kind !== 'notification' || topics.length === 0) throw notFound('notification', id);
    // As it is caught up with, so that what was before the person's time is no more theirs here than there.
    const query = { userId: person.id, topics, after: record.rev - 1, cursor: null, limit: 1 };
    const { changes, head } = await store.changesSince(query);
    const item = changes.find((change) => change.id === id);
    if (item?.kind === 'notification') return frameOf(item);
    const now = await store.record(id);
    if (now?.rev === record.rev || head < record.rev) throw notFound('notification', id);
  }
}

/** The same for a user whom a back end names, without effect on the user. Throws `not_found` for a user who was never seen. */
export async function readUserInbox(
  { store }: CommandContext,
  name: { id: string } | { username: string },
  filter: InboxFilter,
): Promise<UserInbox> {
  const id = 'id' in name ? name.id : await store.userId(name.username);
  const user = id === null ? null : await store.user(id);
  if (id === null || user === null) {
    const called = 'id' in name ? name.id : name.username;
    throw new TidingsError('not_found', `no user ${JSON.stringify(called)} was ever seen here; what is sent waits`);
  }
  const page = await pageOf({ store }, queryOf({ id, roles: user.roles ?? [] }, filter));
  return { user_id: id, username: user.username ?? id, ...page };
}

/** A reader: their id, and the roles that hold. */
type Reader = Pick<Identity, 'id' | 'roles'>;

function queryOf(person: Reader, filter: InboxFilter): InboxQuery {
  const { before, limit, view, unread, category, type, since, until, q } = filter;
  const from = since === undefined ? null : instantOf('since', since);
  const to = until === undefined ? null : instantOf('until', until);
  if (from !== null && to !== null && from >= to) {
    throw new TidingsError('bad_request', `"since" must be before "until"; got ${since} and ${until}`);
  }
  return {
    ...{ userId: person.id, topics: inboxTopics(person), before: before ?? null, limit: limit ?? 20 },
    ...{ view: view ?? 'inbox', unread: unread ?? null, category: category ?? null, type: type ?? null },
    ...{ since: from, until: to, text: q === undefined ? null : fold(q) },
  };
}

function frameOf(item: StoredPage['items'][number]): InboxItem {
  const frame = JSON.parse(item.body) as InboxItem;
  const { rev, receipt } = item;
  const alert_rev = Math.max(item.alertRev, receipt?.alert_rev ?? 0);
  return { ...frame, rev, ...(alert_rev === rev ? {} : { alert_rev }), ...(receipt ? { receipt } : {}) };
}

/** A person's unread counts. */
export async function countUnread(context: CommandContext, person: Identity): Promise<UnreadCount> {
  context.limits.work(person.id, work.count);
  const { asOf, ...counts } = await context.store.counts(person.id);
  return countFields(counts, asOf);
}

/** Notifications named by their ids or the application's own. */
export interface Named {
  id?: string | undefined;
  ids?: string[] | undefined;
}

/** Notes what a person did with notifications; every device of theirs is sent it. Throws `not_found` if there is none of them. */
export async function markInbox(
  context: CommandContext,
  person: Identity,
  mark: Exclude<Mark, 'return' | 'snooze'>,
  named: Named,
): Promise<MarkResult> {
  return markAll(context, person, mark, idsOf(named, markName(mark)), null);
}

/** Puts notifications off until a time; then they come back by themselves, unread. Throws TidingsError. */
export function snoozeInbox(
  context: CommandContext,
  person: Identity,
  { until, ...named }: Named & { until: string },
): Promise<MarkResult> {
  const at = timeToCome('until', until, context.clock.now());
  return markAll(context, person, 'snooze', idsOf(named, 'snooze'), at);
}

/** The most ids that one write names. More are several, between which others' writes are stored. */
const idsAtOnce = 100;

const markName = (mark: Mark): string =>
  mark === 'seen' || mark === 'read' || mark === 'unread' ? `mark_${mark}` : mark;

function idsOf({ id, ids = [] }: Named, name: string): string[] {
  const all = [...new Set([...ids, ...(id === undefined ? [] : [id])])];
  if (all.length > 0) return all;
  throw new TidingsError('bad_request', `${name} needs "id" or "ids"`);
}

async function markAll(
  context: CommandContext,
  person: Identity,
  mark: Mark,
  ids: readonly string[],
  until: number | null,
): Promise<MarkResult> {
  const { id: userId } = person;
  context.limits.work(userId, ids.length);
  const where = { topics: inboxTopics(person), upTo: null, at: context.clock.now() };
  const parts = Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, n) => n * idsAtOnce);
  const outcomes = await context.store.commit(
    parts.map((from) => ({ op: 'receipt', userId, ...where, ids: ids.slice(from, from + idsAtOnce), mark, until })),
  );
  const missing = outcomes.flatMap((outcome) => ('missing' in outcome ? (outcome.missing ?? []) : []));
  if (missing.length === ids.length) throw notFound('notification', ids[0] as string);
  const marked = outcomes.reduce((sum, outcome) => sum + (outcome.status === 'stored' ? (outcome.marked ?? 0) : 0), 0);
  return { marked, not_found: missing };
}

/** Marks as read everything up to a rev, and nothing that came after it. */
export async function markAllRead(
  context: CommandContext,
  person: Identity,
  upTo: number,
): Promise<{ marked: boolean }> {
  const { id: userId } = person;
  context.limits.work(userId, work.markAll);
  // News that come while the parts are stored are not read by them.
  const { head } = await context.store.head();
  const where = { topics: inboxTopics(person), ids: [], upTo: Math.min(upTo, head), at: context.clock.now() };
  let marked = false;
  // Thousands that were marked as unread are read in parts, between which others' writes are stored.
  for (let after = ''; ; ) {
    const [outcome] = await context.store.commit([
      { op: 'receipt', userId, ...where, after, mark: 'read', until: null },
    ]);
    marked ||= outcome?.status === 'stored';
    const next = outcome && 'next' in outcome ? outcome.next : undefined;
    if (next === undefined) return { marked };
    after = next;
    context.limits.workDone(userId, work.markedPart);
  }
}
