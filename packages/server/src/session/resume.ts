import { type Cursor, formatCursor } from '@tidings/protocol';
import type { Page, Store } from '../domain/ports.ts';
import { inboxTopics, userTopic } from '../domain/topics.ts';
import { replayedMark, snapshotMark } from '../fanout/frame.ts';
import type { Session } from './session.ts';

export interface ResumeOptions {
  /** Records one page reads. */
  pageSize: number;
  /** Newest unread notifications that a client without a cursor is sent. */
  recent: number;
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
    const page = await walk.read(topics, entry.cursor.rev, entry.cursor);
    if (page.recovered) {
      greet({ cursor: formatCursor(entry.cursor), recovered: true });
      return walk.follow(topics, page, [replayedMark]);
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
  read(topics: readonly string[], after: number, cursor: Cursor | null): Promise<Page> {
    this.#session.holdFor(topics);
    const { id } = this.#session.identity;
    const limit = this.#options.pageSize;
    return this.#store.changesSince({ userId: id, topics, inboxTopics: this.#inbox(), after, cursor, limit });
  }

  /** Sends pages until a short one whose hold was kept, then goes live. */
  async follow(topics: readonly string[], first: Page, marks: readonly string[]): Promise<void> {
    for (let page = first; ; page = await this.read(topics, page.upTo.rev, null)) {
      this.#session.sendStored(page.changes, marks);
      if (!page.full && this.#finish(page)) return;
      this.#session.sendCursor(page.upTo);
      this.#session.dropHold();
      await this.#session.drained();
      if (!this.#session.isOpen) return;
    }
  }

  /** What a client without a cursor is sent: a snapshot, whose cursor is the head read before its first page. */
  async fresh(entry: Entry, greet: () => void): Promise<void> {
    this.#session.holdFor(entry.topics);
    const [unread, limit] = entry.replay ? [this.#options.recent, this.#options.pageSize] : [0, 0];
    const userId = this.#session.identity.id;
    const page = await this.#store.fresh({ userId, topics: entry.topics, inboxTopics: this.#inbox(), unread, limit });
    greet();
    const marks = [replayedMark, snapshotMark];
    this.#session.sendStored(page.changes, marks);
    if (!page.full && this.#finish(page)) return;
    this.#session.dropHold();
    if (page.full) await this.#restOfUndelivered(page.upTo.rev, marks);
    if (!this.#session.isOpen) return;
    await this.follow(entry.topics, await this.read(entry.topics, page.head, null), [replayedMark]);
  }

  async #restOfUndelivered(after: number, marks: readonly string[]): Promise<void> {
    const userId = this.#session.identity.id;
    const query = { userId, topics: [userTopic(userId)], inboxTopics: [], cursor: null, limit: this.#options.pageSize };
    for (let from = after; this.#session.isOpen; ) {
      await this.#session.drained();
      const page = await this.#store.changesSince({ ...query, after: from });
      this.#session.sendStored(page.changes, marks);
      if (!page.full) return;
      from = page.upTo.rev;
    }
  }

  /** Says that all is there and goes live, unless too much was held meanwhile. */
  #finish(page: Page): boolean {
    const session = this.#session;
    if (session.isHoldLost) return false;
    const cursor = formatCursor({ term: page.term, rev: page.head });
    session.send({ type: 'synced', cursor, unread_count: page.unreadCount });
    return session.release(page.head);
  }

  #inbox(): string[] {
    return inboxTopics(this.#session.identity);
  }
}
