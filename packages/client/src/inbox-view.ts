import { Changes } from './changes.ts';
import type { TidingsClient } from './client.ts';
import { type InboxSnapshot, InboxStore, type InboxView, isSame } from './inbox.ts';
import { UnreadCounts } from './inbox-counts.ts';
import type { InboxItem } from './inbox-item.ts';

/** The filter of a view: an item must match every member that is given. */
export interface InboxFilter {
  /** Default `inbox`: what is neither archived nor put off. */
  view?: 'inbox' | 'archived' | 'snoozed';
  /** Only what is unread, or (false) only what is read. */
  unread?: boolean;
  category?: string;
  /** The type of its frame, as `user_file`. */
  type?: string;
  /** Text in title, message or file name, in any case. */
  q?: string;
  /** Published then or later; an instant as ISO 8601 with its zone. */
  since?: string;
  /** Published before. */
  until?: string;
}

/** A part of the client's inbox: asked for page by page, and kept current until it is closed. What `client.inbox` is asked shows here too. */
export function inboxView(client: TidingsClient, filter: InboxFilter): InboxView {
  const { inbox } = client;
  // The inbox itself counts the unread, once.
  const parts = { ...inbox.parts, counts: new UnreadCounts(), query: filter };
  const list = new InboxStore({ ...parts, fits: (item) => matches(item, filter) });
  const shown = new Changes<InboxSnapshot>(parts, (before) => {
    const { counts, unreadCount } = inbox.getSnapshot();
    const after = { ...list.getSnapshot(), counts, unreadCount };
    return before && isSame(before, after) ? before : after;
  });
  const load = () => list.loadMore().catch(() => {});
  const offs = [
    client.on('*', (frame) => {
      if (frame.type === 'connection_established') list.begin(frame.recovered ? frame.cursor : null, frame.read_upto);
      list.apply(frame);
      // Anew, or for the first time.
      if (/^(synced|topic_joined)$/.test(frame.type) && !list.isLoaded) load();
    }),
    client.onState(() => list.changes.release()),
    inbox.parts.changes?.feed(list.changes),
    list.changes.feed(shown),
  ];
  load();
  return {
    getSnapshot: () => shown.snapshot,
    onChange: (listener) => shown.onChange(listener),
    loadMore: list.loadMore,
    close() {
      for (const off of offs) off?.();
    },
  };
}

/** As the server folds text: without regard to case, and to how characters are composed. */
const folded = (text: unknown): string => (typeof text === 'string' ? text.normalize('NFKC').toLowerCase() : '');

/** Whether an item belongs into a view, as the server judges it. */
function matches(item: InboxItem, { view = 'inbox', unread, category, type, q, since, until }: InboxFilter): boolean {
  const { title, message, file_name, timestamp } = item.frame as Partial<Record<string, unknown>>;
  const at = Date.parse(String(timestamp));
  return (
    view === (item.archived ? 'archived' : item.snoozedUntil ? 'snoozed' : 'inbox') &&
    (unread === undefined || unread === !(item.read || item.expired || item.answer)) &&
    (!category || category === item.category) &&
    (!type || type === item.frame.type) &&
    !(since && at < Date.parse(since)) &&
    !(until && at >= Date.parse(until)) &&
    (!q || [title, message, file_name].some((text) => folded(text).includes(folded(q))))
  );
}
