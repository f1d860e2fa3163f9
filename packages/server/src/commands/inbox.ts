import { type FrameName, TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import type { InboxPage } from '../domain/ports.ts';
import { inboxTopics } from '../domain/topics.ts';
import type { CommandContext } from './context.ts';

/** A page of a person's inbox, newest first: the frames as they were sent, each with its receipt. */
export interface InboxView {
  items: { type: FrameName | (string & {}); id: string; rev: number }[];
  next_before: number | null;
  unread_count: number;
}

export async function listInbox(
  context: CommandContext,
  person: Identity,
  query: { before?: number | undefined; limit?: number | undefined },
): Promise<InboxView> {
  const page = await context.store.inbox({
    userId: person.id,
    topics: inboxTopics(person),
    before: query.before ?? null,
    limit: query.limit ?? 20,
    ...{ view: 'inbox', unread: null, category: null, type: null, since: null, until: null, text: null },
  });
  return { items: page.items.map(frameOf), next_before: page.nextBefore, unread_count: page.counts.unread };
}

function frameOf(item: InboxPage['items'][number]): InboxView['items'][number] {
  const frame = JSON.parse(item.body) as { type: string; id: string };
  return { ...frame, rev: item.rev, ...(item.receipt ? { receipt: item.receipt } : {}) };
}

/** Notes that a person has seen or read notifications; every device of theirs is told. */
export async function markInbox(
  context: CommandContext,
  person: Identity,
  mark: 'seen' | 'read',
  named: { id?: string | undefined; ids?: string[] | undefined },
): Promise<{ marked: boolean }> {
  const ids = [...(named.ids ?? []), ...(named.id === undefined ? [] : [named.id])];
  if (ids.length === 0) throw new TidingsError('bad_request', `mark_${mark} needs "id" or "ids"`);
  return write(context, person, { ids, upTo: null, mark, until: null });
}

/** Marks as read everything up to a rev, and nothing that came after it. */
export function markAllRead(context: CommandContext, person: Identity, upTo: number): Promise<{ marked: boolean }> {
  return write(context, person, { ids: [], upTo, mark: 'read', until: null });
}

async function write(
  context: CommandContext,
  person: Identity,
  receipt: { ids: readonly string[]; upTo: number | null; mark: 'seen' | 'read'; until: null },
): Promise<{ marked: boolean }> {
  const at = context.clock.now();
  const topics = inboxTopics(person);
  const [outcome] = await context.store.commit([{ op: 'receipt', userId: person.id, topics, at, ...receipt }]);
  return { marked: outcome?.status === 'stored' };
}
