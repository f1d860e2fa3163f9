import type { Receipt } from '@tidings/protocol';
import { expect } from 'vitest';
import type { InboxModel, ModelNote } from './inbox-model.ts';
import type { ReferenceClient } from './reference-client.ts';

interface ListPage {
  items: { title: string; category?: string; expired?: boolean; receipt?: Receipt }[];
  next_before: number | null;
}

/** Has an action done for a person, as over HTTP. */
export type Ask = (action: object) => Promise<ListPage>;

/** A notification as a person sees it. */
interface Line {
  title: string;
  category: string;
  expired: boolean;
  read: boolean;
  archived: boolean;
  snoozedUntil: number | null;
}

const lineOf = ({ title, category, expired, read, archived, snoozedUntil }: Line): string =>
  [title, category, read ? 'read' : 'unread', expired && 'expired', archived && 'archived']
    .concat(snoozedUntil === null ? [] : [`until ${snoozedUntil}`])
    .filter(Boolean)
    .join(', ');

const lineOfItem = ({ title, category = '', expired = false, receipt }: ListPage['items'][number]): string =>
  lineOf({
    ...{ title, category, expired, read: (receipt?.read_at ?? null) !== null },
    archived: (receipt?.archived_at ?? null) !== null,
    snoozedUntil: receipt?.snoozed_until ? Date.parse(receipt.snoozed_until) : null,
  });

/** The unread counts of a device. */
const badgeOf = ({ count, categories }: ReferenceClient) => ({
  unread_count: count,
  categories: Object.fromEntries(Object.entries(categories).sort()),
});

async function pages(ask: Ask, filter: object, limit: number): Promise<string[]> {
  const lines: string[] = [];
  for (let before: number | null = null; ; ) {
    const page: ListPage = await ask({ action: 'list', limit, ...filter, ...(before === null ? {} : { before }) });
    lines.push(...page.items.map(lineOfItem));
    before = page.next_before;
    if (before === null) return lines;
  }
}

/** Compares every view as it is paged, whole and filtered, and the counts as of the store's head. */
export async function compareLists(
  person: string,
  model: InboxModel,
  ask: Ask,
  { limit, head }: { limit: number; head: number },
): Promise<void> {
  const counts = { ...model.counts(person), as_of: head };
  expect(await ask({ action: 'unread_count' }), `counts of ${person}`).toEqual(counts);
  for (const view of ['inbox', 'archived', 'snoozed'] as const) {
    const there = model.list(person, view);
    expect(await pages(ask, { view }, limit), `${view} of ${person}`).toEqual(there.map(lineOf));
    const mail = there.filter(({ category }) => category === 'mail').map(lineOf);
    expect(await pages(ask, { view, category: 'mail' }, limit), `mail in ${view} of ${person}`).toEqual(mail);
  }
  const unread = model.unread(person).map(lineOf);
  expect(await pages(ask, { unread: true }, limit), `unread of ${person}`).toEqual(unread);
}

/**
 * Compares what a device holds: its badge, and of what it holds that all of it is the person's, in order and up to date. `shown` is what the
 * person could ever see: nothing else may have been sent.
 */
export function compareDevice(
  person: string,
  client: ReferenceClient,
  model: InboxModel,
  shown: ReadonlySet<string>,
): void {
  const where = `a device of ${person}`;
  expect(client.disorder, where).toEqual([]);
  expect(client.strangers, where).toEqual([]);
  expect(badgeOf(client), where).toEqual(model.counts(person));
  const views = (['inbox', 'archived', 'snoozed'] as const).flatMap((view) => model.list(person, view));
  const there = new Map(views.sort((a, b) => b.place - a.place).map((item) => [item.id, item]));
  const held = [...client.notes.values()].filter(({ silent }) => !silent).sort((a, b) => b.asked - a.asked);
  const lines = held.map(({ id, frame, snoozed, ...note }) => {
    const snoozedUntil = snoozed ? (there.get(id)?.snoozedUntil ?? 0) : null;
    return `${id} ${lineOf({ ...note, title: String(frame.title), snoozedUntil })}`;
  });
  const ids = new Set(held.map(({ id }) => id));
  const expected = [...there.values()].filter(({ id }) => ids.has(id)).map((item) => `${item.id} ${lineOf(item)}`);
  expect(lines, where).toEqual(expected);
  const sent = client.connection?.received.filter(({ id, title }) => id !== undefined && title !== undefined) ?? [];
  const strange = sent.filter(({ id }) => !shown.has(id as string)).map(({ id, title }) => [id, title]);
  expect(strange, `what ${where} was sent and is not theirs`).toEqual([]);
}

/** The unread notifications of a device when it began with a snapshot, and the moment of that. */
export interface Beginning {
  moment: number;
  unread: ReadonlySet<string>;
}

export const beginningOf = (model: InboxModel, person: string): Beginning => ({
  moment: model.moment,
  unread: new Set(model.unread(person).map(({ id }) => id)),
});

/**
 * Compares the unread of a device that began with all of them: it holds those, and what asked since. What it never held, or gave up with a
 * role, and is unread by its user's own doing, it would page for.
 */
export function compareUnread(person: string, client: ReferenceClient, model: InboxModel, begun: Beginning): void {
  const since = Math.max(begun.moment, model.rightsChangedAt(person));
  const missing = model.unread(person).filter(({ id, place }) => {
    const isPersonal = !('topic' in (model.notes.get(id) as ModelNote).to);
    const isKnown = isPersonal ? place > begun.moment || begun.unread.has(id) : place > since;
    return isKnown && !client.notes.has(id);
  });
  expect(missing, `what a device of ${person} lacks of the unread`).toEqual([]);
}
