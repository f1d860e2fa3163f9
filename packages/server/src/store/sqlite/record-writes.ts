import type { BindWrite, Change, Outcome, PutWrite } from '../../domain/ports.ts';
import { isShared, usernamePrefix, usernameTopic, userPrefix, userTopic } from '../../domain/topics.ts';
import type { Row } from '../engine.ts';
import { isRead } from '../rows.ts';
import type { Transaction } from './transaction.ts';

/** How a record stands on one topic. */
interface Standing {
  alertRev: number;
  expired: boolean;
  category: string;
}

/** Stores records, and gives users what waited for their names. */
export class RecordWrites {
  readonly #at: Transaction;

  constructor(at: Transaction) {
    this.#at = at;
  }

  put(write: PutWrite): Outcome {
    if (write.key) {
      const known = this.#at.get('findKey', write.key.key);
      if (known && known.hash !== write.key.hash) return { status: 'mismatch' };
      if (known) return { status: 'duplicate', id: String(known.record_id), rev: Number(known.rev) };
    }
    const isNew = write.expect === null && write.kind === 'notification';
    const current = isNew ? undefined : this.#at.get('placeOf', write.id);
    const currentRev = current ? Number(current.rev) : null;
    if (write.expect !== undefined && write.expect !== currentRev) return { status: 'stale', rev: currentRev };
    const older = write.alert === 'ask' ? this.#collapsible(write) : undefined;
    if (older && current) this.#takeOut(current, write.id);
    return this.#store(write, older ?? current, older !== undefined);
  }

  /** The live notification that a newer one takes the place of: not one that its only recipient has read. */
  #collapsible({ id, collapse }: PutWrite): Row | undefined {
    const older = collapse === null ? undefined : this.#at.get('collapsible', collapse);
    if (!older || older.id === id) return undefined;
    const topics = JSON.parse(String(older.topics)) as string[];
    const only = topics.length === 1 && !isShared(topics[0] as string) ? (topics[0] as string) : null;
    if (!only?.startsWith(userPrefix)) return older;
    const standing = this.#at.get('topicAt', only, older.rev) as Row;
    const userId = userOf(only);
    return isRead(this.#at.withReceipt(userId, String(older.id), standing), this.#at.watermark(userId))
      ? undefined
      : older;
  }

  /** Stores a record at the next rev, in the place of an earlier version, which may be another record's that it takes over. */
  #store(write: PutWrite, current: Row | undefined, collapsed: boolean): Outcome {
    const id = collapsed ? String(current?.id) : write.id;
    const before = current ? this.#takeOut(current, id) : new Map<string, Standing>();
    const rev = ++this.#at.head;
    const topics = this.#resolve(write.topics);
    const standing = (topic: string): Standing => {
      const kept = write.alert === 'keep' ? before.get(topic)?.alertRev : undefined;
      const alertRev = write.alert === 'never' ? 0 : (kept ?? rev);
      return { alertRev, expired: write.expired, category: write.category };
    };
    this.#insert(rev, collapsed ? inPlaceOf(write, id) : rowOf(write, id), topics, standing);
    if (write.alert === 'ask' && current) this.#at.run('bringBack', id);
    for (const topic of topics) this.#count(topic, id, standing(topic), current ? 'known' : 'new');
    if (write.key) this.#at.run('insertKey', write.key.key, write.key.hash, id, rev, write.at);
    this.#settle(write, rev, topics, before, standing);
    return { status: 'stored', id, rev, ...(collapsed ? { collapsed } : {}) };
  }

  /** Says in what a put came out otherwise than `batchOf` takes it. */
  #settle(
    write: PutWrite,
    rev: number,
    topics: readonly string[],
    before: ReadonlyMap<string, Standing>,
    standing: (topic: string) => Standing,
  ): void {
    const recount = [...before].some(([topic, was]) => was.alertRev > 0 && !isSame(was, standing(topic)));
    if (topics === write.topics && write.alert !== 'keep' && !recount) return;
    const heard = Map.groupBy(topics, (topic) => standing(topic).alertRev);
    if (topics.length === 0) heard.set(0, []);
    for (const [alertRev, those] of heard) this.#at.settled.push({ rev, topics: those, alertRev, recount });
  }

  /** Removes the present version of a record, with what it counted for. @returns how it stood on its topics */
  #takeOut(current: Row, id: string): Map<string, Standing> {
    const rev = Number(current.rev);
    const topics = JSON.parse(String(current.topics)) as string[];
    const before = new Map<string, Standing>();
    for (const topic of topics) {
      const row = this.#at.get('topicAt', topic, rev);
      if (!row) continue;
      before.set(topic, standingOf(row));
      const isOwn = topic.startsWith(userPrefix);
      if (isOwn && this.#at.isUnread(userOf(topic), id, row))
        this.#at.deltas.add(userOf(topic), String(row.category), -1);
    }
    this.remove(rev, topics);
    return before;
  }

  /** Counts a record as unread for the user whose topic it is. One that is new has been read by nobody. */
  #count(topic: string, id: string, { alertRev, expired, category }: Standing, record: 'new' | 'known'): void {
    if (alertRev === 0 || expired || !topic.startsWith(userPrefix)) return;
    const userId = userOf(topic);
    const row = { alert_rev: alertRev, expired: 0 };
    if (record === 'new' || this.#at.isUnread(userId, id, row)) this.#at.deltas.add(userId, category, 1);
  }

  /** Stores a record at a rev, heard on each topic, with how it stands there. */
  #insert(rev: number, row: Row, topics: readonly string[], standing: (topic: string) => Standing): void {
    const { id, kind, audience, body, state, owner, status, external_id, at } = row;
    const { type, search, collapse, due_at, category, expired } = row;
    const on = topics.map((topic) => ({ topic, ...standing(topic) }));
    const alertRev = Math.max(0, ...on.map((one) => one.alertRev));
    const own = [rev, id, kind, JSON.stringify(topics), audience, body, state, owner, status, external_id, at];
    this.#at.run('insertRecord', ...own, type, search, collapse, due_at, category, alertRev, expired);
    for (const one of on)
      this.#at.run('insertTopic', one.topic, rev, id, one.alertRev, one.category, one.expired ? 1 : 0);
  }

  /** Removes a version of a record from all its topics. */
  remove(rev: number, topics: readonly string[]): void {
    this.#at.run('deleteRecord', rev);
    for (const topic of topics) this.#at.run('deleteTopic', topic, rev);
  }

  // --- names

  /** Names that are bound become their users; resolved here, so that no binding can slip in between. */
  #resolve(topics: readonly string[]): readonly string[] {
    if (!topics.some((topic) => topic.startsWith(usernamePrefix))) return topics;
    const resolved = new Set<string>();
    for (const topic of topics) {
      const user = topic.startsWith(usernamePrefix)
        ? this.#at.get('userByName', topic.slice(usernamePrefix.length))
        : undefined;
      resolved.add(user ? userTopic(String(user.user_id)) : topic);
    }
    return [...resolved];
  }

  bind(write: BindWrite): Outcome {
    const known = this.#at.get('user', write.userId);
    if (known?.username === write.username) return { status: 'unchanged' };
    this.#at.run('unnameUser', write.username);
    this.#at.run('nameUser', write.userId, write.username);
    const waiting = usernameTopic(write.username);
    for (const row of this.#at.all('revsOfTopic', waiting))
      this.#move(Number(row.rev), waiting, userTopic(write.userId));
    return { status: 'stored', id: write.userId, rev: this.#at.head };
  }

  /** Gives a record another topic, at a new rev; it asks for attention there anew, and nowhere else. */
  #move(oldRev: number, from: string, to: string): void {
    const row = this.#at.get('recordAt', oldRev) as Row;
    const topics = JSON.parse(String(row.topics)) as string[];
    const before = new Map(topics.map((topic) => [topic, standingOf(this.#at.get('topicAt', topic, oldRev) as Row)]));
    this.remove(oldRev, topics);
    const rev = ++this.#at.head;
    const moved = [...new Set(topics.map((topic) => (topic === from ? to : topic)))];
    const waiting = before.get(from) as Standing;
    const isNew = !before.has(to);
    if (isNew) before.set(to, { ...waiting, alertRev: waiting.alertRev > 0 ? rev : 0 });
    this.#insert(rev, row, moved, (topic) => before.get(topic) as Standing);
    const standing = before.get(to) as Standing;
    if (isNew) this.#count(to, String(row.id), standing, 'known');
    const { id, kind, audience, body } = row;
    this.#at.produced.push({
      // Nothing is new to those who had it.
      ...{ rev, id: String(id), kind: kind as Change['kind'], topics: [to], body: String(body) },
      ...{ alertRev: standing.alertRev, recount: false },
      audience: audience === null ? null : JSON.parse(String(audience)),
    });
  }
}

const userOf = (topic: string): string => topic.slice(userPrefix.length);

const standingOf = (row: Row): Standing => ({
  alertRev: Number(row.alert_rev),
  expired: Number(row.expired) === 1,
  category: String(row.category),
});

const isSame = (a: Standing, b: Standing): boolean =>
  a.alertRev === b.alertRev && a.expired === b.expired && a.category === b.category;

function rowOf(write: PutWrite, id: string): Row {
  const { audience, kind, body, state, owner, status, at } = write;
  return {
    ...{ id, kind, body, state, owner, status, at, external_id: write.externalId },
    ...{ type: write.type, search: write.search, collapse: write.collapse, due_at: write.dueAt },
    ...{ category: write.category, expired: write.expired ? 1 : 0 },
    audience: audience === null ? null : JSON.stringify(audience),
  };
}

/** The same for one that takes the place of an older, and so bears its id. */
const inPlaceOf = (write: PutWrite, id: string): Row => ({
  ...rowOf(write, id),
  body: write.body.replaceAll(write.id, id),
  state: write.state?.replaceAll(write.id, id) ?? null,
});
