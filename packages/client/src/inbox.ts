import type { Answer } from '@tidings/protocol';
import { type InboxItem, type ReceiptState, withChange } from './inbox-item.ts';
import { InboxList, type InboxView } from './inbox-list.ts';
import type { Change, InboxRecords } from './records/inbox-records.ts';
import { type ActionRequest, fitting } from './requests.ts';

/** One notification, or several, by their ids. */
export type Ids = string | readonly string[];

/**
 * This user's notifications: what came live, what was replayed on connecting, and what `loadMore()` has brought. Of the first two
 * the newest 500 are kept.
 *
 * Actions show at once, here and in every view, and are rolled back where the server refuses them; the promise then rejects. Without a
 * connection they wait for one. Asking twice does no harm.
 */
export interface Inbox extends Omit<InboxView, 'close'> {
  /** Makes the views of `@tidings/client/inbox-view`. */
  readonly parts: InboxParts;
  /** Runs the actions of further parts of the client, which show at once, too. */
  readonly records: Pick<InboxRecords, 'act'>;
  /** True once the newest page is loaded. Until then what came live and by replay may have gaps. */
  readonly isLoaded: boolean;
  /** Marks as shown, which is less than read: no count changes. What is marked within half a second is sent together. */
  markSeen(ids: Ids): Promise<void>;
  markRead(ids: Ids): Promise<void>;
  markUnread(ids: Ids): Promise<void>;
  /** Marks what is shown here as read, and what is older; never what came later. */
  markAllRead(): Promise<void>;
  archive(ids: Ids): Promise<void>;
  unarchive(ids: Ids): Promise<void>;
  /**
   * Puts off: comes back by itself then, on top and unread. A time as ISO 8601 with its zone, at most a year to come by the server's
   * clock: `new Date(client.now() + 3_600_000)` is in an hour, also on a device whose clock is wrong.
   */
  snooze(ids: Ids, until: Date | string): Promise<void>;
  unsnooze(ids: Ids): Promise<void>;
  /** Answers a notification by one of its buttons. The first answer counts, whoever gives it; `answer` of the item says which it was. */
  answer(id: string, actionId: string, comment?: string): Promise<void>;
}

type MarkAction = 'mark_seen' | 'mark_read' | 'mark_unread' | 'archive' | 'unarchive' | 'snooze' | 'unsnooze';

/** The records of the inbox, for further lists over them. */
export interface InboxParts {
  /**
   * @param query members of the action `list` by which pages are asked for
   * @param fits the same selection among the items
   */
  open(query: object, fits: (item: InboxItem) => boolean): InboxView & { readonly isLoaded: boolean };
}

/** The list of what is neither archived nor snoozed, and the actions of the user. */
export class InboxStore extends InboxList implements Inbox {
  readonly parts: InboxParts = { open: (query, fits) => new InboxList(this.records, query, fits) };

  constructor(records: InboxRecords) {
    super(records, {}, ({ archived, snoozedUntil }) => !archived && !snoozedUntil);
  }

  markSeen = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_seen', { seen: true });

  markRead = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_read', { read: true });

  markUnread = (ids: Ids): Promise<void> => this.#mark(ids, 'mark_unread', { read: false });

  archive = (ids: Ids): Promise<void> => this.#mark(ids, 'archive', { archived: true, snoozedUntil: null });

  unarchive = (ids: Ids): Promise<void> => this.#mark(ids, 'unarchive', { archived: false });

  snooze = (ids: Ids, until: Date | string): Promise<void> =>
    this.#mark(ids, 'snooze', { archived: false, snoozedUntil: new Date(until).toISOString() });

  unsnooze = (ids: Ids): Promise<void> => this.#mark(ids, 'unsnooze', { snoozedUntil: null });

  markAllRead = async (): Promise<void> => {
    const up_to = this.getSnapshot().items[0]?.alertRev;
    if (up_to === undefined) return;
    await this.records.act({ action: 'mark_all_read', up_to }, (item) =>
      item.alertRev > up_to ? item : withChange(item, { read: true }),
    );
  };

  answer = async (id: string, action_id: string, comment?: string): Promise<void> => {
    const item = this.getSnapshot().items.find((one) => one.id === id);
    if (item?.answering || item?.answer) return;
    await this.records.act(
      { action: 'answer', id, action_id, comment },
      changeOf([id], { answering: action_id }),
      ({ answer }) => changeOf([id], { answer: answer as Answer, actions: [] }),
    );
  };

  async #mark(given: Ids, action: MarkAction, effect: Partial<ReceiptState>): Promise<void> {
    const all = [...new Set([given].flat())];
    const until = effect.snoozedUntil ?? undefined;
    const asked = [];
    while (all.length) {
      const ids = all.splice(0, fitting(all));
      asked.push(this.records.act({ action, ids, until } as ActionRequest, changeOf(ids, effect)));
    }
    await Promise.all(asked);
  }
}

/** The change by an action that names its notifications. */
function changeOf(ids: readonly string[], effect: Partial<InboxItem>): Change {
  const changed = new Set(ids);
  return (item) => (changed.has(item.id) ? withChange(item, effect) : item);
}
