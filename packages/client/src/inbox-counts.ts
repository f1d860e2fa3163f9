import { type InboxItem, isUnread } from './inbox-item.ts';

/** How many unread notifications there are, loaded here or not. */
export interface InboxCounts {
  unread: number;
  /** Of each category that has any. */
  categories: Readonly<Record<string, number>>;
}

export const none: InboxCounts = { unread: 0, categories: {} };

interface Told {
  unread_count: number;
  categories?: InboxCounts['categories'];
}

/** How many that asked for attention are remembered until a count is told. */
const remembered = 10_000;

/**
 * The unread counts: what the server told as of a rev, and what was heard since. A count that comes late takes nothing back that is
 * newer than it.
 */
export class Counts {
  now = none;
  #asOf = -1;
  /** What asked for attention since. */
  readonly #since = new Map<string, InboxItem>();

  /** Takes a count that is exact as of a rev, unless a newer one is held. A truncated frame has no categories. */
  tell(frame: Told, asOf: number): void {
    if (asOf < this.#asOf) return;
    this.#asOf = asOf;
    this.now = { unread: frame.unread_count, categories: frame.categories ?? {} };
    for (const [id, item] of this.#since) {
      if (item.alertRev > asOf) this.now = moved(this.now, null, item);
      else this.#since.delete(id);
    }
  }

  /** A notification asked for attention, live. */
  add(item: InboxItem): void {
    if (item.alertRev <= this.#asOf || this.#since.has(item.id)) return;
    this.now = moved(this.now, null, item);
    if (this.#since.size >= remembered) this.#since.clear();
    this.#since.set(item.id, item);
  }

  forget(): void {
    this.now = none;
    this.#asOf = -1;
    this.#since.clear();
  }
}

/** The counts after an item, null where there was none, became another. */
export function moved(counts: InboxCounts, before: InboxItem | null, after: InboxItem): InboxCounts {
  const by = Number(isUnread(after)) - Number(!!before && isUnread(before));
  const { category } = after;
  if (!by) return counts;
  const each = new Map(Object.entries(counts.categories));
  if (category) each.set(category, (each.get(category) ?? 0) + by);
  return {
    unread: Math.max(0, counts.unread + by),
    categories: Object.fromEntries([...each].filter(([, n]) => n > 0)),
  };
}
