import type { InboxItem } from '../inbox-item.ts';
import type { SnapshotStore } from '../snapshot-store.ts';
import type { InboxCounts } from './unread-counts.ts';

/** A list over the records, and the state of its pages. */
export interface RecordList extends Pick<SnapshotStore<unknown>, 'changed' | 'hold' | 'release'> {
  /** The ids of the records that it holds, which other lists may hold as well. */
  readonly ids: Set<string>;
  /** Members of the action `list` by which its pages are asked for. */
  readonly query: object;
  status: 'waiting' | 'ready' | 'failed';
  /** The place at which the next older page begins: undefined is the top, since replays hold only the unread; null is the end. */
  next: number | null | undefined;
  /** True if its newest page is loaded. */
  readonly isLoaded: boolean;
  /** Asks for the newest page. */
  load(): void;
}

/** The content of a list, with the changes that are pending. */
export interface ListContent {
  /** Newest first, by when they last asked for attention. */
  items: readonly InboxItem[];
  /** The server's own counts of the whole inbox, which include what is not loaded here. */
  counts: InboxCounts;
  /** `counts.unread`. */
  unreadCount: number;
}
