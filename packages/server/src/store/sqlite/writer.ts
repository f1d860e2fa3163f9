import type { Receipt } from '@tidings/protocol';
import type Database from 'better-sqlite3';
import { audienceRecordId, type InboxState, receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import type { BindWrite, Change, Outcome, PutWrite, ReceiptWrite, RightsWrite, Write } from '../../domain/ports.ts';
import { isShared, usernamePrefix, usernameTopic, userPrefix, userTopic } from '../../domain/topics.ts';
import { countSteps, countsOf, openOf } from '../counts.ts';
import type { Applied, ReadStep, Row, WriteGroup } from '../engine.ts';
import { marked } from '../marking.ts';
import { audienceChange, returnedFrame } from '../receipt-rows.ts';
import { isRead, isUnread, receiptOf, watermarkOf } from '../rows.ts';
import { type Statements, statements } from '../statements.ts';
import { sqliteCompiler } from './dialect.ts';
import { UnreadDeltas } from './unread-deltas.ts';

/** Undoes an atomic group of which one write cannot be stored. */
class Abort extends Error {}

/** How many receipts one rev changes at most: what a catch-up can tell in one page. */
const receiptsAtOnce = 1_000;

/** How far apart the marks are that turn an age into a rev, ms. */
const markInterval = 60_000;

/** How a record stands on one topic. */
interface Standing {
  alertRev: number;
  expired: boolean;
  category: string;
}

/**
 * Applies writes in one transaction and gives out revs. Runs in the writer thread, alone with the database's write side;
 * nothing else ever gives out a rev.
 */
export class SqliteWriter {
  readonly #database: Database.Database;
  readonly #prepared = new Map<keyof Statements, Database.Statement>();
  readonly #statements = statements(sqliteCompiler());
  readonly #deltas = new UnreadDeltas();
  #head = 0;
  #settled: Applied['settled'] = [];
  #produced: Change[] = [];
  #lastMark: number;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#head = Number((this.#get('sequence') as Row).head);
    this.#lastMark = Number(this.#get('lastMark')?.at ?? 0);
  }

  get head(): number {
    return this.#head;
  }

  get floor(): number {
    return Number((this.#get('sequence') as Row).floor);
  }

  /** Begins a term at the next rev: this writer cannot prove that it continues what another wrote. */
  beginTerm(term: string): void {
    this.#run('addTerm', term, this.#head + 1);
  }

  apply(groups: readonly WriteGroup[]): Applied {
    const before = this.#head;
    this.#settled = [];
    this.#produced = [];
    this.#deltas.clear();
    try {
      this.#database.exec('begin immediate');
      // A single write is whole by itself: it changes nothing before it is sure of its outcome.
      const outcomes = groups.map((group) =>
        group.atomic && group.writes.length > 1 ? this.#whole(group) : group.writes.map((w) => this.#write(w)),
      );
      this.#writeCounts();
      if (this.#head > before) {
        this.#run('setHead', this.#head);
        this.#mark(groups);
      }
      this.#database.exec('commit');
      return { from: before + 1, to: this.#head, outcomes, settled: this.#settled, produced: this.#produced };
    } catch (error) {
      this.#head = before;
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw error;
    }
  }

  /** Runs statements that give out no rev. */
  write(steps: readonly ReadStep[]): Row[][] {
    return this.#database.transaction(() => steps.map(({ name, params }) => this.#either(name, params)))();
  }

  delivered(marks: readonly [string, number][]): void {
    this.#database.transaction(() => {
      for (const [userId, rev] of marks) this.#run('setDelivered', rev, userId, rev);
    })();
  }

  forgetRetractions(before: number, limit: number): number {
    return this.#database.transaction(() => {
      const old = this.#all('oldRetractions', before, limit);
      for (const row of old) {
        this.#remove(Number(row.rev), JSON.parse(String(row.topics)));
        this.#run('forgetReceipts', row.id);
      }
      const floor = Math.max(0, ...old.map((row) => Number(row.rev)));
      if (floor > 0) this.#run('raiseFloor', floor, floor);
      return old.length;
    })();
  }

  /** Notes where the sequence stands, once in a while, by the time of what was written. */
  #mark(groups: readonly WriteGroup[]): void {
    let latest = 0;
    for (const { writes } of groups) for (const write of writes) if ('at' in write) latest = Math.max(latest, write.at);
    if (latest < this.#lastMark + markInterval) return;
    this.#run('addMark', latest, this.#head);
    this.#lastMark = latest;
  }

  #whole(group: WriteGroup): Outcome[] {
    this.#writeCounts();
    const mark = { head: this.#head, settled: this.#settled.length, produced: this.#produced.length };
    const outcomes: Outcome[] = [];
    try {
      this.#database.transaction(() => {
        for (const write of group.writes) {
          const outcome = this.#write(write);
          outcomes.push(outcome);
          if (outcome.status === 'mismatch' || outcome.status === 'stale') throw new Abort();
        }
      })();
      return outcomes;
    } catch (error) {
      if (!(error instanceof Abort)) throw error;
      this.#head = mark.head;
      this.#settled.length = mark.settled;
      this.#produced.length = mark.produced;
      this.#deltas.clear();
      const failed = outcomes.at(-1) as Outcome;
      return group.writes.map((_, i) => (i === outcomes.length - 1 ? failed : { status: 'aborted' }));
    }
  }

  #write(write: Write): Outcome {
    switch (write.op) {
      case 'put':
        return this.#put(write);
      case 'receipt':
        return this.#receipt(write);
      case 'bind':
        return this.#bind(write);
      case 'rights':
        return this.#rights(write);
    }
  }

  // --- records

  #put(write: PutWrite): Outcome {
    if (write.key) {
      const known = this.#get('findKey', write.key.key);
      if (known && known.hash !== write.key.hash) return { status: 'mismatch' };
      if (known) return { status: 'duplicate', id: String(known.record_id), rev: Number(known.rev) };
    }
    const isNew = write.expect === null && write.kind === 'notification';
    const current = isNew ? undefined : this.#get('placeOf', write.id);
    const currentRev = current ? Number(current.rev) : null;
    if (write.expect !== undefined && write.expect !== currentRev) return { status: 'stale', rev: currentRev };
    const older = write.alert === 'ask' ? this.#collapsible(write) : undefined;
    if (older && current) this.#takeOut(current, write.id);
    return this.#store(write, older ?? current, older !== undefined);
  }

  /** The live notification that a newer one takes the place of: not one that its only recipient has read. */
  #collapsible({ id, collapse }: PutWrite): Row | undefined {
    const older = collapse === null ? undefined : this.#get('collapsible', collapse);
    if (!older || older.id === id) return undefined;
    const topics = JSON.parse(String(older.topics)) as string[];
    const only = topics.length === 1 && !isShared(topics[0] as string) ? (topics[0] as string) : null;
    if (!only?.startsWith(userPrefix)) return older;
    const standing = this.#get('topicAt', only, older.rev) as Row;
    const userId = userOf(only);
    return isRead(this.#withReceipt(userId, String(older.id), standing), this.#watermark(userId)) ? undefined : older;
  }

  /** Stores a record at the next rev, in the place of an earlier version, which may be another record's that it takes over. */
  #store(write: PutWrite, current: Row | undefined, collapsed: boolean): Outcome {
    const id = collapsed ? String(current?.id) : write.id;
    const before = current ? this.#takeOut(current, id) : new Map<string, Standing>();
    const rev = ++this.#head;
    const topics = this.#resolve(write.topics);
    const standing = (topic: string): Standing => {
      const kept = write.alert === 'keep' ? before.get(topic)?.alertRev : undefined;
      const alertRev = write.alert === 'never' ? 0 : (kept ?? rev);
      return { alertRev, expired: write.expired, category: write.category };
    };
    this.#insert(rev, collapsed ? inPlaceOf(write, id) : rowOf(write, id), topics, standing);
    if (write.alert === 'ask' && current) this.#run('bringBack', id);
    for (const topic of topics) this.#count(topic, id, standing(topic), current ? 'known' : 'new');
    if (write.key) this.#run('insertKey', write.key.key, write.key.hash, id, rev, write.at);
    if (write.callback) this.#run('addCallback', `${id}:${rev}`, write.callback.url, write.callback.body, 0, write.at);
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
    for (const [alertRev, those] of heard) this.#settled.push({ rev, topics: those, alertRev, recount });
  }

  /** Removes the present version of a record, with what it counted for. @returns how it stood on its topics */
  #takeOut(current: Row, id: string): Map<string, Standing> {
    const rev = Number(current.rev);
    const topics = JSON.parse(String(current.topics)) as string[];
    const before = new Map<string, Standing>();
    for (const topic of topics) {
      const row = this.#get('topicAt', topic, rev);
      if (!row) continue;
      before.set(topic, standingOf(row));
      const isOwn = topic.startsWith(userPrefix);
      if (isOwn && this.#isUnread(userOf(topic), id, row)) this.#deltas.add(userOf(topic), String(row.category), -1);
    }
    this.#remove(rev, topics);
    return before;
  }

  #isUnread(userId: string, id: string, standing: Row): boolean {
    if (Number(standing.alert_rev) === 0 || Number(standing.expired) === 1) return false;
    return isUnread(this.#withReceipt(userId, id, standing), this.#watermark(userId));
  }

  #withReceipt(userId: string, id: string, standing: Row): Row {
    const receipt = this.#get('receipt', userId, id);
    if (!receipt) return standing;
    return { ...receipt, asked_rev: receipt.alert_rev as number, ...standing };
  }

  #watermark(userId: string): number {
    return Number(this.#get('user', userId)?.read_upto ?? 0);
  }

  /** Counts a record as unread for the user whose topic it is. One that is new has been read by nobody. */
  #count(topic: string, id: string, { alertRev, expired, category }: Standing, record: 'new' | 'known'): void {
    if (alertRev === 0 || expired || !topic.startsWith(userPrefix)) return;
    const userId = userOf(topic);
    const row = { alert_rev: alertRev, expired: 0 };
    if (record === 'new' || this.#isUnread(userId, id, row)) this.#deltas.add(userId, category, 1);
  }

  /** Stores a record at a rev, heard on each topic, with how it stands there. */
  #insert(rev: number, row: Row, topics: readonly string[], standing: (topic: string) => Standing): void {
    const { id, kind, audience, body, state, owner, status, external_id, at } = row;
    const { type, search, collapse, due_at, category, expired } = row;
    const on = topics.map((topic) => ({ topic, ...standing(topic) }));
    const alertRev = Math.max(0, ...on.map((one) => one.alertRev));
    const own = [rev, id, kind, JSON.stringify(topics), audience, body, state, owner, status, external_id, at];
    this.#run('insertRecord', ...own, type, search, collapse, due_at, category, alertRev, expired);
    for (const one of on) this.#run('insertTopic', one.topic, rev, id, one.alertRev, one.category, one.expired ? 1 : 0);
  }

  #remove(rev: number, topics: readonly string[]): void {
    this.#run('deleteRecord', rev);
    for (const topic of topics) this.#run('deleteTopic', topic, rev);
  }

  // --- names

  /** Names that are bound become their users; resolved here, so that no binding can slip in between. */
  #resolve(topics: readonly string[]): readonly string[] {
    if (!topics.some((topic) => topic.startsWith(usernamePrefix))) return topics;
    const resolved = new Set<string>();
    for (const topic of topics) {
      const user = topic.startsWith(usernamePrefix)
        ? this.#get('userByName', topic.slice(usernamePrefix.length))
        : undefined;
      resolved.add(user ? userTopic(String(user.user_id)) : topic);
    }
    return [...resolved];
  }

  #bind(write: BindWrite): Outcome {
    const known = this.#get('user', write.userId);
    if (known?.username === write.username) return { status: 'unchanged' };
    this.#run('unnameUser', write.username);
    this.#run('nameUser', write.userId, write.username);
    const waiting = usernameTopic(write.username);
    for (const row of this.#all('revsOfTopic', waiting)) this.#move(Number(row.rev), waiting, userTopic(write.userId));
    return { status: 'stored', id: write.userId, rev: this.#head };
  }

  /** Gives a record another topic, at a new rev; it asks for attention there anew, and nowhere else. */
  #move(oldRev: number, from: string, to: string): void {
    const row = this.#get('recordAt', oldRev) as Row;
    const topics = JSON.parse(String(row.topics)) as string[];
    const before = new Map(topics.map((topic) => [topic, standingOf(this.#get('topicAt', topic, oldRev) as Row)]));
    this.#remove(oldRev, topics);
    const rev = ++this.#head;
    const moved = [...new Set(topics.map((topic) => (topic === from ? to : topic)))];
    const waiting = before.get(from) as Standing;
    const isNew = !before.has(to);
    if (isNew) before.set(to, { ...waiting, alertRev: waiting.alertRev > 0 ? rev : 0 });
    this.#insert(rev, row, moved, (topic) => before.get(topic) as Standing);
    const standing = before.get(to) as Standing;
    if (isNew) this.#count(to, String(row.id), standing, 'known');
    const { id, kind, audience, body } = row;
    this.#produced.push({
      // Nothing is new to those who had it.
      ...{ rev, id: String(id), kind: kind as Change['kind'], topics: [to], body: String(body) },
      ...{ alertRev: standing.alertRev, recount: false },
      audience: audience === null ? null : JSON.parse(String(audience)),
    });
  }

  // --- receipts

  #receipt(write: ReceiptWrite): Outcome {
    if (write.upTo !== null) return this.#readUpTo(write, write.upTo);
    const rev = this.#head + 1;
    const done = this.#markEach(write, rev);
    const missing = done.missing.length > 0 ? { missing: done.missing } : {};
    if (done.items.length === 0) return { status: 'unchanged', ...missing };
    this.#head = rev;
    const state = this.#inboxState(write.userId, write.topics);
    this.#tellReceipts(write, rev, done, state);
    return { status: 'stored', id: receiptsRecordId(write.userId), rev, marked: done.items.length, ...missing };
  }

  #tellReceipts({ userId, at }: ReceiptWrite, rev: number, told: Told, state: InboxState): void {
    const body = receiptsBody(userId, told.items, told.returned, state, at);
    this.#produced.push({
      ...{ rev, id: receiptsRecordId(userId), kind: 'receipts', topics: [userTopic(userId)], audience: null, body },
      ...{ alertRev: 0, recount: false },
    });
  }

  #inboxState(userId: string, topics: readonly string[]): InboxState {
    this.#writeCounts();
    const found = countSteps(userId, topics).map(({ name, params }) => this.#all(name, ...params));
    return { counts: countsOf(found), asOf: this.#head, readUpto: this.#watermark(userId) };
  }

  #markEach(write: ReceiptWrite, rev: number): Marked {
    const { userId } = write;
    const watermark = watermarkOf(this.#get('user', userId));
    const done: Marked = { items: [], returned: [], missing: [] };
    for (const named of new Set(write.ids)) {
      const found = this.#find(userId, named, write.topics);
      if (!found) {
        done.missing.push(named);
        // One that is not the user's any more never comes back.
        if (write.mark === 'return') this.#run('endSnooze', userId, named);
        continue;
      }
      const id = String(found.id);
      const before = this.#withReceipt(userId, id, found);
      const marks = marked(before, watermark.rev, { mark: write.mark, at: write.at, until: write.until, rev });
      if (!marks) continue;
      const { seen_at, read_at, archived_at, snoozed_until, read_rev, asked_rev, marked_unread } = marks;
      const when = [seen_at, read_at, archived_at, snoozed_until];
      this.#run('setReceipt', userId, id, rev, ...when, read_rev, asked_rev, marked_unread);
      const after: Row = { ...found, ...marks };
      this.#recount(userId, found, isUnread(before, watermark.rev), isUnread(after, watermark.rev));
      const receipt = receiptOf(after, id, watermark);
      done.items.push(receipt);
      if (write.mark === 'return') done.returned.push(this.#returned(id, after, receipt));
    }
    return done;
  }

  #returned(id: string, after: Row, receipt: Receipt): object {
    const { rev, body } = this.#get('record', id) as Row;
    return returnedFrame({ ...after, record_rev: rev as number, body: body as string }, receipt);
  }

  #recount(userId: string, { topic, category }: Row, before: boolean, after: boolean): void {
    if (!isShared(String(topic))) this.#deltas.add(userId, String(category), Number(after) - Number(before));
  }

  #find(userId: string, id: string, topics: readonly string[]): Row | undefined {
    for (const name of ['inboxRecord', 'inboxRecordByExternalId'] as const) {
      for (const topic of topics) {
        const row = this.#get(name, id, topic, userId, topic, openOf(topic));
        if (row) return row;
      }
    }
    return undefined;
  }

  #readUpTo(write: ReceiptWrite, upTo: number): Outcome {
    const { userId, at } = write;
    const first = this.#head + 1;
    const bounded = Math.min(upTo, this.#head);
    const before = this.#watermark(userId);
    const unmarked = this.#unmark(userId, bounded);
    if (unmarked === 0 && bounded <= before) return { status: 'unchanged' };
    this.#head = Math.max(this.#head, first);
    this.#run('setReadUpto', userId, Math.max(before, bounded), at, first);
    this.#countAnew(userId);
    const state = this.#inboxState(userId, write.topics);
    for (let rev = first; rev <= this.#head; rev++) {
      const rows = this.#all('receiptsAfter', userId, rev - 1, receiptsAtOnce).filter((row) => row.rev === rev);
      const items = rows.map((row) => receiptOf(row, String(row.record_id), watermarkOf(row)));
      this.#tellReceipts(write, rev, { items, returned: [] }, state);
    }
    return { status: 'stored', id: receiptsRecordId(userId), rev: this.#head };
  }

  /** What was marked as unread is read with the rest, wherever the watermark was already. @returns how many */
  #unmark(userId: string, upTo: number): number {
    for (let unmarked = 0; ; ) {
      const { changes } = this.#run('unmark', this.#head + 1, userId, userId, upTo, receiptsAtOnce);
      if (changes > 0) this.#head++;
      unmarked += changes;
      if (changes < receiptsAtOnce) return unmarked;
    }
  }

  /** Counts what is unread on a user's own topic, when a watermark moved over any number of them. */
  #countAnew(userId: string): void {
    const topic = userTopic(userId);
    this.#writeCounts();
    this.#run('clearCounts', userId);
    const above = this.#all('unreadAbove', userId, userId, topic, userId, userId, userId, topic, 0);
    const below = this.#all('unreadBelow', topic, userId, userId, userId, topic, 0);
    for (const { category, n } of [...above, ...below]) this.#deltas.add(userId, String(category), Number(n));
  }

  #writeCounts(): void {
    this.#deltas.take((userId, category, by) => this.#run('addToCount', userId, category, by));
  }

  // --- rights

  #rights(write: RightsWrite): Outcome {
    const { userId, at } = write;
    const user = this.#get('user', userId);
    if (user && Number(user.roles_at) > write.issuedAt) return { status: 'unchanged' };
    this.#run('setRoles', userId, JSON.stringify(write.roles), write.issuedAt);
    const known = new Map(this.#all('audiences', userId).map((row) => [String(row.topic), row]));
    const changes: Row[] = [];
    for (const [topic, row] of known) {
      if (row.left_rev !== null || write.topics.includes(topic)) continue;
      const rev = ++this.#head;
      this.#run('setAudience', userId, topic, rev, row.since, rev, at);
      changes.push({ user_id: userId, topic, rev, left_rev: rev });
    }
    for (const topic of new Set(write.topics)) {
      const row = known.get(topic);
      if (row && row.left_rev === null) continue;
      const rev = ++this.#head;
      // Who was away for less than the look-back sees what was seen before too.
      const wasHere = row && Number(row.left_at) >= write.since;
      const since = wasHere ? Number(row.since) : Number(this.#get('markBefore', write.since)?.rev ?? 0);
      this.#run('setAudience', userId, topic, rev, since, null, null);
      changes.push({ user_id: userId, topic, rev, left_rev: null });
    }
    if (changes.length === 0) return { status: 'unchanged' };
    const state = this.#inboxState(userId, [userTopic(userId), ...write.topics]);
    this.#produced.push(...changes.map((row) => audienceChange(row, state, at)));
    return { status: 'stored', id: audienceRecordId(userId), rev: this.#head };
  }

  // --- statements

  #statement(name: keyof Statements): Database.Statement {
    let statement = this.#prepared.get(name);
    if (!statement) {
      statement = this.#database.prepare(this.#statements[name]);
      this.#prepared.set(name, statement);
    }
    return statement;
  }

  #either(name: keyof Statements, params: readonly unknown[]): Row[] {
    const statement = this.#statement(name);
    if (statement.reader) return statement.all(...params) as Row[];
    statement.run(...params);
    return [];
  }

  #run = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).run(...params);
  #get = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).get(...params) as Row | undefined;
  #all = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).all(...params) as Row[];
}

/** What a frame of receipts tells. */
interface Told {
  items: Receipt[];
  returned: object[];
}

/** What became of the notifications that a receipt named. */
interface Marked extends Told {
  missing: string[];
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
