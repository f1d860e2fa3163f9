import type { TidingsClient } from './client.ts';
import type { InboxItem } from './inbox-item.ts';
import type { InboxView } from './inbox-list.ts';

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
  const list = client.inbox.parts.open(filter, (item) => matches(item, filter));
  const load = () => list.loadMore().catch(() => {});
  const off = client.on('*', ({ type }) => {
    // Anew, or for the first time.
    if (/^(synced|topic_joined)$/.test(type) && !list.isLoaded) load();
  });
  load();
  const { getSnapshot, onChange, loadMore } = list;
  return {
    ...{ getSnapshot, onChange, loadMore },
    close() {
      off();
      list.close();
    },
  };
}

/** As the server folds text: without regard to case, and to how characters are composed. */
const folded = (text: unknown): string => (typeof text === 'string' ? text.normalize('NFKC').toLowerCase() : '');

/** True if an item belongs into a view, as the server judges it. */
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
