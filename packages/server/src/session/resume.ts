import { type Cursor, formatCursor } from '@tidings/protocol';
import type { Page, PersonalChange, Store } from '../domain/ports.ts';
import { inboxTopics, userTopic } from '../domain/topics.ts';
import { replayedMark, snapshotMark } from '../fanout/frame.ts';
import type { CatchUps } from './catch-ups.ts';
import type { Session } from './session.ts';

export interface ResumeOptions {
  /** Records one page reads. */
  pageSize: number;
  /** Newest unread notifications that a client without a cursor is sent. */
  recent: number;
  /** Whose turn it is to read. */
  turns: CatchUps;
}

/** What a client asked for on connecting. */
export interface Entry {
  /** The topics its path stands for. */
  topics: readonly string[];
  /** The topics it followed besides, when its cursor was earned. */
  named: readonly string[];
  cursor: Cursor | null;
  /** Whether a client without a cursor is sent anything. */
  replay: boolean;
}

type Reader = Pick<Store, 'changesSince' | 'fresh'>;

/**
 * Brings a new session up to date and makes it live. Live frames are held only while one page is read; a page that is
 * full, or a hold that overflows, means that the hold is thrown away and paging goes on, so that a client far behind a
 * busy stream catches up too. `greet` is called once, before the first frame.
 */
export async function resume(
  session: Session,
  entry: Entry,
  store: Reader,
  options: ResumeOptions,
  greet: (resumed: { cursor: string | null; recovered: boolean }) => void,
): Promise<void> {
  const walk = new CatchUp(session, store, options);
  if (entry.cursor) {
    const topics = [...entry.topics, ...entry.named];
    const page = await walk.read(topics, entry.cursor);
    if (page.recovered) {
      greet({ cursor: formatCursor(entry.cursor), recovered: true });
      return walk.follow(topics, page);
    }
    session.dropHold();
  }
  await walk.fresh(entry, () => greet({ cursor: null, recovered: entry.cursor === null }));
}

class CatchUp {
  readonly #session: Session;
  readonly #store: Reader;
  readonly #options: ResumeOptions;

  constructor(session: Session, store: Reader, options: ResumeOptions) {
    this.#session = session;
    this.#store = store;
    this.#options = options;
  }

  /** Reads a page while what comes live is held. */
  read(topics: readonly string[], cursor: Cursor): Promise<Page> {
    const { id: userId } = this.#session.identity;
    const query = { userId, topics, inboxTopics: this.#inbox(), after: cursor.rev, cursor };
    return this.#options.turns.run(() => {
      this.#session.holdFor(topics);
      return this.#store.changesSince({ ...query, limit: this.#options.pageSize });
    });
  }

  /** Sends pages until a short one whose hold was kept, then goes live. */
  async follow(topics: readonly string[], first: Page): Promise<void> {
    for (let page = first; ; page = await this.read(topics, page.upTo)) {
      if (!page.recovered) return this.#session.historyChanged();
      this.#session.sendStored(page.changes, [replayedMark]);
      if (!page.full && this.#finish(page)) return;
      this.#session.sendCursor(page.upTo);
      this.#session.dropHold();
      await this.#session.drained();
      if (!this.#session.isOpen) return;
    }
  }

  /** What a client without a cursor is sent: a snapshot, whose cursor is the head read before its first page. */
  async fresh(entry: Entry, greet: () => void): Promise<void> {
    const session = this.#session;
    if (!entry.replay) session.leaveOutOlder();
    const [unread, limit] = entry.replay ? [this.#options.recent, this.#options.pageSize] : [0, 0];
    const { id: userId } = session.identity;
    const query = { userId, topics: entry.topics, inboxTopics: this.#inbox(), unread, limit };
    const page = await this.#options.turns.run(() => {
      session.holdFor(entry.topics);
      return this.#store.fresh(query);
    });
    greet();
    if (!page.full) {
      session.sendStored(page.changes, snapshotMarks);
      if (this.#finish(page)) return;
    }
    session.dropHold();
    if (page.full) await this.#undelivered(page);
    if (!session.isOpen) return;
    await this.follow(entry.topics, await this.read(entry.topics, { term: page.term, rev: page.head }));
  }

  /**
   * Sends a snapshot of many pages, oldest first, up to the head of the first: what was never delivered, and among it the
   * newest unread, which that page brought.
   */
  async #undelivered(first: Page): Promise<void> {
    const { id: userId } = this.#session.identity;
    const query = { userId, topics: [userTopic(userId)], inboxTopics: [], limit: this.#options.pageSize };
    let waiting = first.changes;
    for (let page = first; ; ) {
      const upTo = page.full ? Math.min(page.upTo.rev, first.head) : first.head;
      const due = waiting.filter(({ rev }) => rev <= upTo);
      this.#session.sendStored(inRevOrder(due), snapshotMarks);
      waiting = waiting.filter(({ rev }) => rev > upTo);
      await this.#session.drained();
      if (upTo === first.head || !this.#session.isOpen) return;
      page = await this.#options.turns.run(() => this.#store.changesSince({ ...query, after: upTo, cursor: null }));
      const found = page.changes.filter(({ rev, kind }) => rev <= first.head && kind !== 'receipts');
      waiting = [...waiting.filter(({ id }) => !found.some((change) => change.id === id)), ...found];
    }
  }

  /** Says that all is there and goes live, unless too much was held meanwhile. */
  #finish(page: Page): boolean {
    const session = this.#session;
    if (session.isHoldLost) return false;
    const cursor = formatCursor({ term: page.term, rev: page.head });
    session.send({ type: 'synced', cursor, unread_count: page.counts.unread, categories: page.counts.categories });
    return session.release(page.head);
  }

  #inbox(): string[] {
    return inboxTopics(this.#session.identity);
  }
}

const snapshotMarks = [replayedMark, snapshotMark];

const inRevOrder = (changes: readonly PersonalChange[]): PersonalChange[] => [...changes].sort((a, b) => a.rev - b.rev);
