import { membershipChangeOf, sameRoles } from '../domain/identity.ts';
import { isRoomTopic } from '../domain/rooms.ts';
import type { CatchUpStore, Page, PageQuery, TopicStore } from '../domain/store/catch-up.ts';
import type { Position } from '../domain/store/history.ts';
import type { PersonalChange } from '../domain/store/records.ts';
import { isShared, userTopic } from '../domain/topics.ts';
import type { Turns } from '../domain/turns.ts';
import type { Hub } from '../fanout/hub.ts';
import { replayedMark, snapshotMark } from '../fanout/record-text.ts';
import type { RecoveryRequest } from './recovery-request.ts';
import type { Session } from './session.ts';

export interface RecoveryOptions {
  /** The number of records in one page. */
  pageSize: number;
  /** The most unread notifications in a snapshot, the newest. */
  recent: number;
  /** Limits the reads of catch-ups that run at a time. */
  reads: Turns;
  /** The same for sessions that are live, which do not wait behind catch-ups. */
  liveReads: Turns;
}

/** The store that is read, and the hub, which says when it has caught up with it. */
export interface Sources {
  store: CatchUpStore & TopicStore;
  hub: Pick<Hub, 'reached'>;
}

/** The members of the first frame that say what a session begins with. */
export interface Begun {
  /** The position of the cursor that is resumed from; null for a snapshot. */
  cursor: Position | null;
  recovered: boolean;
  /** The rev up to which everything is read, as of the snapshot. */
  read_upto?: number;
}

/**
 * Brings a new session up to date and makes it live. Live frames are buffered only while one page is read; after a page that is
 * full, or a buffer that overflows, the buffer is dropped and paging goes on, so that a client far behind a
 * busy stream catches up too. `greet` is called once, before the first frame.
 */
export async function recover(
  session: Session,
  request: RecoveryRequest,
  sources: Sources,
  options: RecoveryOptions,
  greet: (begun: Begun) => void,
): Promise<void> {
  if (request.cursor) {
    const recovery = new Recovery(session, request, sources, options);
    const page = await recovery.read(request.cursor);
    if (page.recovered) {
      session.confirm(request.cursor.rev);
      greet({ cursor: request.cursor, recovered: true });
      return recovery.sendPages(page);
    }
    session.feed.dropBuffer();
  }
  const recovery = new Recovery(session, { ...request, cursor: null, named: [] }, sources, options);
  await recovery.sendInitialSnapshot((read_upto) =>
    greet({ cursor: null, recovered: request.cursor === null && !request.hasBadCursor, read_upto }),
  );
}

/** The user for whom a page is read, and the topics, as far as they are the user's. */
type Reader = Required<Pick<PageQuery, 'userId' | 'topics' | 'granted'>>;

/** Changes that were sent are taken out of their page: those that a slow reader waits for are in memory once, as frames. */
class Recovery {
  readonly #session: Session;
  readonly #request: RecoveryRequest;
  readonly #sources: Sources;
  readonly #options: RecoveryOptions;

  constructor(session: Session, request: RecoveryRequest, sources: Sources, options: RecoveryOptions) {
    this.#session = session;
    this.#request = request;
    this.#sources = sources;
    this.#options = options;
  }

  /** Reads a page while live frames are buffered. */
  read(cursor: Position): Promise<Page> {
    const limit = this.#options.pageSize;
    return this.#readAsOfRoles((reader) =>
      this.#sources.store.changesSince({ ...reader, after: cursor.rev, cursor, limit, takesPlain: true }),
    );
  }

  /** Sends pages until one is short and the buffer did not overflow while it was read, then goes live. */
  async sendPages(first: Page): Promise<void> {
    for (let page = first; ; page = await this.read(page.upTo)) {
      if (!page.recovered) return this.#session.historyChanged();
      const newest = await this.#newestOfJoined(page);
      this.#session.sendPage({ changes: page.changes.splice(0), plain: page.plain.splice(0) }, [replayedMark]);
      this.#session.sendStored(newest, snapshotMarks);
      if (!page.full && this.#finish(page, newest)) return;
      this.#session.output.sendCursor(page.upTo);
      this.#session.feed.dropBuffer();
      await this.#session.output.drained();
      // A snapshot is one whole, with the topics that it subscribes to.
      if (this.#request.cursor) this.#session.checkpoint({ isLive: false, hasNews: false });
      if (!this.#session.isOpen) return;
    }
  }

  /** For a client without a cursor: a snapshot, whose cursor is the head read before its first page. */
  async sendInitialSnapshot(greet: (readUpto: number) => void): Promise<void> {
    const session = this.#session;
    const { replay } = this.#request;
    if (!replay) session.output.omitOlder();
    const [unread, limit] = replay ? [this.#options.recent, this.#options.pageSize] : [0, 0];
    const page = await this.#readAsOfRoles((reader) =>
      this.#sources.store.initialSnapshot({ ...reader, unread, events: unread, limit }),
    );
    greet(page.readUpto);
    if (!page.full) {
      session.sendStored(page.changes.splice(0), snapshotMarks);
      if (this.#finish(page, [])) return;
    }
    session.feed.dropBuffer();
    if (page.full) await this.#undelivered(page);
    if (!session.isOpen) return;
    await this.sendPages(await this.read({ term: page.term, rev: page.head }));
  }

  /**
   * Reads a page of the topics that are the user's in the same snapshot. If the user's roles have changed meanwhile, it reads
   * again. Later changes are buffered, or read with the next page.
   */
  async #readAsOfRoles(read: (reader: Reader) => Promise<Page>): Promise<Page> {
    const session = this.#session;
    for (;;) {
      const page = await this.#options.reads.run(session.identity.id, () => {
        const user = session.identity;
        const named = this.#request.named.filter((topic) => !isRoomTopic(topic) || session.rooms.has(topic));
        const topics = [...session.view.topics(user), ...named];
        session.feed.beginReading(topics);
        return read({ userId: user.id, topics, granted: session.rooms.granted });
      });
      session.viewer.setMembershipStarts(page.membershipStarts);
      const roles = page.user?.roles ?? session.identity.roles;
      if (sameRoles(roles, session.identity.roles)) return page;
      session.feed.dropBuffer();
      session.viewer.setRoles(roles);
    }
  }

  /**
   * Of shared topics that became the user's on this page the newest records, which may be older than it; those that came after it
   * are sent in their turn.
   */
  async #newestOfJoined(page: Page): Promise<PersonalChange[]> {
    const session = this.#session;
    if (!session.view.isInbox) return [];
    const changes = page.changes.map(membershipChangeOf);
    const topics = changes.flatMap((change) => (change?.joined && isShared(change.topic) ? [change.topic] : []));
    if (topics.length === 0) return [];
    const { store, hub } = this.#sources;
    const found = await this.#options.reads.run(session.identity.id, () =>
      store.topicSnapshot(topics, this.#options.recent, session.identity.id),
    );
    // A hub behind the store would release an older version after this newer one.
    await hub.reached(found.head);
    return found.changes.filter(({ alertRev }) => alertRev <= page.upTo.rev);
  }

  /**
   * Sends a snapshot of many pages, oldest first, up to the head of the first: what was never delivered, and among it the
   * newest unread, which that page brought.
   */
  async #undelivered(first: Page): Promise<void> {
    const session = this.#session;
    const { id: userId } = session.identity;
    const query = { userId, topics: [userTopic(userId)], limit: this.#options.pageSize };
    const waiting = new Map(first.changes.splice(0).map((change) => [change.id, change]));
    for (let upTo = Math.min(first.upTo.rev, first.head); ; ) {
      session.sendStored(takeUpTo(upTo, waiting), snapshotMarks);
      await session.output.drained();
      if (upTo === first.head || !session.isOpen) return;
      const after = upTo;
      upTo = await this.#options.reads.run(session.identity.id, async () => {
        const page = await this.#sources.store.changesSince({ ...query, after, cursor: null });
        for (const change of page.changes) {
          if (change.rev <= first.head && isRecord(change.kind)) waiting.set(change.id, change);
        }
        return page.full ? Math.min(page.upTo.rev, first.head) : first.head;
      });
    }
  }

  /** Sends `synced` and goes live, unless too much was buffered meanwhile. */
  #finish(page: Page, newest: readonly PersonalChange[]): boolean {
    const session = this.#session;
    if (session.feed.hasOverflown) return false;
    const at = { term: page.term, rev: page.head };
    const { unread: unread_count, categories } = page.counts;
    const counts = { unread_count, categories, as_of: at.rev };
    session.send({ type: 'synced', ...counts, read_upto: page.readUpto }, at);
    session.feed.goLive(at, newest);
    return true;
  }
}

const snapshotMarks = [replayedMark, snapshotMark];

/** True for a record itself. A snapshot leaves out changes of receipts and memberships, since it replaces everything. */
const isRecord = (kind: PersonalChange['kind']): boolean => kind !== 'receipts' && kind !== 'membership';

/** Takes the changes up to a rev out of a map by id, in rev order. */
function takeUpTo(upTo: number, changes: Map<string, PersonalChange>): PersonalChange[] {
  const taken = [...changes.values()].filter(({ rev }) => rev <= upTo);
  for (const { id } of taken) changes.delete(id);
  return taken.sort((a, b) => a.rev - b.rev);
}
