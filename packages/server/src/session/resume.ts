import { audienceChangeOf, sameRoles } from '../domain/identity.ts';
import type { Page, PersonalChange, Position, Store } from '../domain/ports.ts';
import { userTopic } from '../domain/topics.ts';
import type { Hub } from '../fanout/hub.ts';
import { replayedMark, snapshotMark } from '../fanout/record-text.ts';
import type { CatchUps } from './catch-ups.ts';
import type { ResumeRequest } from './resume-request.ts';
import type { Session } from './session.ts';

export interface ResumeOptions {
  /** Records one page reads. */
  pageSize: number;
  /** Newest unread notifications that a client without a cursor is sent. */
  recent: number;
  /** Whose turn it is to read. */
  turns: CatchUps;
}

/** What is read from, and what tells when the hub has caught up with it. */
export interface Sources {
  store: Pick<Store, 'changesSince' | 'fresh' | 'current'>;
  hub: Pick<Hub, 'reached'>;
}

/**
 * Brings a new session up to date and makes it live. Live frames are held only while one page is read; a page that is
 * full, or a hold that overflows, means that the hold is thrown away and paging goes on, so that a client far behind a
 * busy stream catches up too. `greet` is called once, before the first frame.
 */
export async function resume(
  session: Session,
  request: ResumeRequest,
  sources: Sources,
  options: ResumeOptions,
  greet: (resumed: { cursor: string | null; recovered: boolean }) => void,
): Promise<void> {
  if (request.cursor) {
    const walk = new CatchUp(session, request, request.named, sources, options);
    const page = await walk.read(request.cursor);
    if (page.recovered) {
      greet({ cursor: session.cursorAt(request.cursor), recovered: true });
      return walk.follow(page);
    }
    session.dropHold();
  }
  const walk = new CatchUp(session, request, [], sources, options);
  await walk.fresh(() => greet({ cursor: null, recovered: request.cursor === null && !request.hasBadCursor }));
}

class CatchUp {
  readonly #session: Session;
  readonly #request: ResumeRequest;
  readonly #named: readonly string[];
  readonly #sources: Sources;
  readonly #options: ResumeOptions;

  constructor(
    session: Session,
    request: ResumeRequest,
    named: readonly string[],
    sources: Sources,
    options: ResumeOptions,
  ) {
    this.#session = session;
    this.#request = request;
    this.#named = named;
    this.#sources = sources;
    this.#options = options;
  }

  /** Reads a page while what comes live is held. */
  read(cursor: Position): Promise<Page> {
    const limit = this.#options.pageSize;
    return this.#asOfRights((topics, userId) =>
      this.#sources.store.changesSince({ userId, topics, after: cursor.rev, cursor, limit }),
    );
  }

  /** Sends pages until a short one whose hold was kept, then goes live. */
  async follow(first: Page): Promise<void> {
    for (let page = first; ; page = await this.read(page.upTo)) {
      if (!page.recovered) return this.#session.historyChanged();
      const newest = await this.#newestOfJoined(page);
      this.#session.sendStored(page.changes, [replayedMark]);
      this.#session.sendStored(newest, snapshotMarks);
      if (!page.full && this.#finish(page, newest)) return;
      this.#session.sendCursor(page.upTo);
      this.#session.dropHold();
      await this.#session.drained();
      if (!this.#session.isOpen) return;
    }
  }

  /** What a client without a cursor is sent: a snapshot, whose cursor is the head read before its first page. */
  async fresh(greet: () => void): Promise<void> {
    const session = this.#session;
    const { replay } = this.#request;
    if (!replay) session.leaveOutOlder();
    const [unread, limit] = replay ? [this.#options.recent, this.#options.pageSize] : [0, 0];
    const page = await this.#asOfRights((topics, userId) =>
      this.#sources.store.fresh({ userId, topics, unread, limit }),
    );
    greet();
    if (!page.full) {
      session.sendStored(page.changes, snapshotMarks);
      if (this.#finish(page, [])) return;
    }
    session.dropHold();
    if (page.full) await this.#undelivered(page);
    if (!session.isOpen) return;
    await this.follow(await this.read({ term: page.term, rev: page.head }));
  }

  /**
   * Reads a page of the topics that are the user's in its very snapshot: where their roles have changed since it was last known,
   * again. What changes after it is held, or read with the next.
   */
  async #asOfRights(read: (topics: readonly string[], userId: string) => Promise<Page>): Promise<Page> {
    const session = this.#session;
    for (;;) {
      const page = await this.#options.turns.run(() => {
        const user = session.identity;
        const topics = [...session.view.topics(user), ...this.#named];
        session.holdFor(topics);
        return read(topics, user.id);
      });
      session.noteSince(page.since);
      const roles = page.user?.roles ?? session.identity.roles;
      if (sameRoles(roles, session.identity.roles)) return page;
      session.dropHold();
      session.identity = { ...session.identity, roles };
    }
  }

  /**
   * Of shared topics that became the user's on this page the newest records, which may be older than it; those that came after it
   * are sent in their turn.
   */
  async #newestOfJoined(page: Page): Promise<PersonalChange[]> {
    const session = this.#session;
    if (!session.view.isInbox) return [];
    const changes = page.changes.map(audienceChangeOf);
    const topics = changes.flatMap((change) => (change?.joined ? [change.topic] : []));
    if (topics.length === 0) return [];
    const { store, hub } = this.#sources;
    const found = await this.#options.turns.run(() => store.current(topics, this.#options.recent, session.identity.id));
    // Where the hub is behind the store it would release an older version after this newer one.
    await hub.reached(found.head);
    return found.changes.filter(({ alertRev }) => alertRev <= page.upTo.rev);
  }

  /**
   * Sends a snapshot of many pages, oldest first, up to the head of the first: what was never delivered, and among it the
   * newest unread, which that page brought.
   */
  async #undelivered(first: Page): Promise<void> {
    const { id: userId } = this.#session.identity;
    const query = { userId, topics: [userTopic(userId)], limit: this.#options.pageSize };
    const { store } = this.#sources;
    let waiting = first.changes;
    for (let page = first; ; ) {
      const upTo = page.full ? Math.min(page.upTo.rev, first.head) : first.head;
      const due = waiting.filter(({ rev }) => rev <= upTo);
      this.#session.sendStored(inRevOrder(due), snapshotMarks);
      waiting = waiting.filter(({ rev }) => rev > upTo);
      await this.#session.drained();
      if (upTo === first.head || !this.#session.isOpen) return;
      page = await this.#options.turns.run(() => store.changesSince({ ...query, after: upTo, cursor: null }));
      const found = page.changes.filter(({ rev, kind }) => rev <= first.head && isRecord(kind));
      waiting = [...waiting.filter(({ id }) => !found.some((change) => change.id === id)), ...found];
    }
  }

  /** Says that all is there and goes live, unless too much was held meanwhile. */
  #finish(page: Page, newest: readonly PersonalChange[]): boolean {
    const session = this.#session;
    if (session.isHoldLost) return false;
    const at = { term: page.term, rev: page.head };
    const { unread: unread_count, categories } = page.counts;
    const counts = { unread_count, categories, as_of: at.rev };
    session.send({ type: 'synced', cursor: session.cursorAt(at), ...counts, read_upto: page.readUpto });
    return session.goLive(at, newest);
  }
}

const snapshotMarks = [replayedMark, snapshotMark];

/** A snapshot begins with nothing, so that nobody is told how it came to be. */
const isRecord = (kind: PersonalChange['kind']): boolean => kind !== 'receipts' && kind !== 'audience';

const inRevOrder = (changes: readonly PersonalChange[]): PersonalChange[] => [...changes].sort((a, b) => a.rev - b.rev);
