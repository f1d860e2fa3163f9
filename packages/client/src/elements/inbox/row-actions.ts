import type { TidingsClient } from '../../client.ts';
import type { InboxStrings } from '../strings.ts';
import type { RowAct } from './row.ts';
import type { Row } from './rows.ts';
import { formatUntil } from './snooze-times.ts';
import { UndoBar } from './undo-bar.ts';
import { unreadIds } from './unread-ids.ts';

/** The context of the actions. */
interface ActionUse {
  client(): TidingsClient;
  words(): InboxStrings;
  /** Renders at once. */
  show(): void;
}

/** The actions on rows, and the offer to undo the last one. */
export class RowActions {
  readonly undo = new UndoBar();
  /** True if the last action was refused. */
  isRefused = false;
  readonly #use: ActionUse;

  constructor(use: ActionUse) {
    this.#use = use;
  }

  /** Shows a refusal; the next success removes it. */
  async ask(answer: Promise<void>): Promise<void> {
    this.#use.show();
    this.isRefused = await answer.then(
      () => false,
      () => true,
    );
    if (this.isRefused) this.undo.dismiss();
    this.#use.show();
  }

  async readAll(): Promise<void> {
    // Without the ids that were unread, nothing can be undone.
    const ids = await unreadIds(this.#use.client()).catch(() => null);
    if (ids) this.undo.offer(this.#use.words().allReadNow, () => this.#inbox.markUnread(ids));
    await this.ask(this.#inbox.markAllRead());
  }

  read({ ids, isCalm }: Row): void {
    if (!isCalm) void this.ask(this.#inbox.markRead(ids));
  }

  act(act: RowAct, { ids, newest }: Row): void {
    const inbox = this.#inbox;
    if (act === 'archive') this.undo.offer(this.#use.words().archivedNow, () => inbox.unarchive(ids));
    const acts = {
      read: () => inbox.markRead(ids),
      unread: () => inbox.markUnread(newest.id),
      archive: () => inbox.archive(ids),
      unarchive: () => inbox.unarchive(ids),
      unsnooze: () => inbox.unsnooze(ids),
    };
    void this.ask(acts[act]());
  }

  snooze({ ids }: Row, until: Date): void {
    const words = this.#use.words();
    const time = formatUntil(until, new Date(this.#use.client().now()), words.locale);
    this.undo.offer(words.snoozedNow(time), () => this.#inbox.unsnooze(ids));
    void this.ask(this.#inbox.snooze(ids, until));
  }

  get #inbox(): TidingsClient['inbox'] {
    return this.#use.client().inbox;
  }
}
