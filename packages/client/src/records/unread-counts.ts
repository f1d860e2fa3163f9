import { BoundedMap } from '../bounded-map.ts';
import { type InboxItem, isUnread } from '../inbox-item.ts';

/** The number of unread notifications, loaded here or not. */
export interface InboxCounts {
  unread: number;
  /** Of each category that has any. */
  categories: Readonly<Record<string, number>>;
}

export const noCounts: InboxCounts = { unread: 0, categories: {} };

/** The members of a frame that brings the counts. A truncated frame has no categories. */
interface CountsFrame {
  unread_count: number;
  categories?: InboxCounts['categories'];
  as_of: number;
}

/** The number of live notifications that are remembered until the server's next counts. */
const remembered = 10_000;

/** The unread counts: the server's as of a rev, plus the live notifications since. Counts that come late undo nothing newer. */
export class UnreadCounts {
  now = noCounts;
  #asOf = -1;
  /** The live notifications that the server's counts do not include yet. */
  readonly #newer = new BoundedMap<InboxItem>(remembered);

  /** Takes the server's counts, which are exact as of a rev, unless newer ones are held. */
  set({ unread_count, categories = {}, as_of }: CountsFrame): void {
    if (as_of < this.#asOf) return;
    this.#asOf = as_of;
    this.now = { unread: unread_count, categories };
    for (const [id, item] of this.#newer) {
      if (item.alertRev > as_of) this.now = countsAfter(this.now, null, item);
      else this.#newer.delete(id);
    }
  }

  /** Adds a notification that came live. */
  add(item: InboxItem): void {
    if (item.alertRev <= this.#asOf || this.#newer.has(item.id)) return;
    this.now = countsAfter(this.now, null, item);
    this.#newer.set(item.id, item);
  }
}

/** The counts after an item changed. @param before null if there was none */
export function countsAfter(counts: InboxCounts, before: InboxItem | null, after: InboxItem): InboxCounts {
  const by = +isUnread(after) - +(!!before && isUnread(before));
  const { category } = after;
  if (!by) return counts;
  const each = new Map(Object.entries(counts.categories));
  if (category) each.set(category, (each.get(category) ?? 0) + by);
  return {
    unread: Math.max(0, counts.unread + by),
    categories: Object.fromEntries([...each].filter(([, n]) => n > 0)),
  };
}
