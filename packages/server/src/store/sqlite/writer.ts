import type { Receipt } from '@tidings/protocol';
import type Database from 'better-sqlite3';
import { receiptsBody, receiptsRecordId } from '../../domain/inbox/receipts.ts';
import type { BindWrite, Change, Outcome, PutWrite, ReceiptWrite, Write } from '../../domain/ports.ts';
import { usernamePrefix, usernameTopic, userTopic } from '../../domain/topics.ts';
import type { Applied, Row, WriteGroup } from '../engine.ts';
import { receiptOf } from '../rows.ts';
import { type Statements, statements, unreadParams } from '../statements.ts';
import { sqliteCompiler } from './dialect.ts';

/** Undoes an atomic group of which one write cannot be stored. */
class Abort extends Error {}

/**
 * Applies writes in one transaction and gives out revs. Runs in the writer thread, alone with the database's write side;
 * nothing else ever gives out a rev.
 */
export class SqliteWriter {
  readonly #database: Database.Database;
  readonly #prepared = new Map<keyof Statements, Database.Statement>();
  readonly #statements = statements(sqliteCompiler());
  #head = 0;
  #resolved: Applied['resolved'] = [];
  #produced: Change[] = [];

  constructor(database: Database.Database) {
    this.#database = database;
    this.#head = Number((this.#get('sequence') as Row).head);
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
    this.#resolved = [];
    this.#produced = [];
    try {
      this.#database.exec('begin immediate');
      // A single write is whole by itself: it changes nothing before it is sure of its outcome.
      const outcomes = groups.map((group) =>
        group.atomic && group.writes.length > 1 ? this.#whole(group) : group.writes.map((w) => this.#write(w)),
      );
      if (this.#head > before) this.#run('setHead', this.#head);
      this.#database.exec('commit');
      return { from: before + 1, to: this.#head, outcomes, resolved: this.#resolved, produced: this.#produced };
    } catch (error) {
      this.#head = before;
      if (this.#database.inTransaction) this.#database.exec('rollback');
      throw error;
    }
  }

  delivered(marks: readonly [string, number][]): void {
    this.#database.transaction(() => {
      for (const [userId, rev] of marks) this.#run('setDelivered', rev, userId, rev);
    })();
  }

  forgetKeys(before: number, limit: number): number {
    return this.#run('forgetKeys', before, limit).changes;
  }

  #whole(group: WriteGroup): Outcome[] {
    const mark = { head: this.#head, resolved: this.#resolved.length, produced: this.#produced.length };
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
      this.#resolved.length = mark.resolved;
      this.#produced.length = mark.produced;
      const failed = outcomes.at(-1) as Outcome;
      return group.writes.map((_, i) => (i === outcomes.length - 1 ? failed : { status: 'aborted' }));
    }
  }

  #write(write: Write): Outcome {
    if (write.op === 'put') return this.#put(write);
    return write.op === 'receipt' ? this.#receipt(write) : this.#bind(write);
  }

  #put(write: PutWrite): Outcome {
    if (write.key) {
      const known = this.#get('findKey', write.key.key);
      if (known && known.hash !== write.key.hash) return { status: 'mismatch' };
      if (known) return { status: 'duplicate', id: String(known.record_id), rev: Number(known.rev) };
    }
    const current = write.expect === null && write.kind === 'notification' ? undefined : this.#get('placeOf', write.id);
    const currentRev = current ? Number(current.rev) : null;
    if (write.expect !== undefined && write.expect !== currentRev) return { status: 'stale', rev: currentRev };
    if (current) this.#remove(Number(current.rev), JSON.parse(String(current.topics)));
    const rev = ++this.#head;
    const topics = this.#resolve(write.topics, rev);
    this.#insert(rev, rowOf(write), topics, () => (write.alert ? rev : 0));
    if (write.key) this.#run('insertKey', write.key.key, write.key.hash, write.id, rev, write.at);
    return { status: 'stored', id: write.id, rev };
  }

  /** Stores a record at a rev, heard on each topic, with the rev at which it last asked for attention there. */
  #insert(rev: number, row: Row, topics: readonly string[], alertAt: (topic: string) => number): void {
    const { id, kind, audience, body, state, owner, status, external_id, at } = row;
    const heardBy = JSON.stringify(topics);
    this.#run('insertRecord', rev, id, kind, heardBy, audience, body, state, owner, status, external_id, at);
    for (const topic of topics) this.#run('insertTopic', topic, rev, id, alertAt(topic));
  }

  #remove(rev: number, topics: readonly string[]): void {
    this.#run('deleteRecord', rev);
    for (const topic of topics) this.#run('deleteTopic', topic, rev);
  }

  /** Names that are bound become their users; resolved here, so that no binding can slip in between. */
  #resolve(topics: readonly string[], rev: number): readonly string[] {
    if (!topics.some((topic) => topic.startsWith(usernamePrefix))) return topics;
    const resolved = new Set<string>();
    for (const topic of topics) {
      const user = topic.startsWith(usernamePrefix)
        ? this.#get('userByName', topic.slice(usernamePrefix.length))
        : undefined;
      resolved.add(user ? userTopic(String(user.user_id)) : topic);
    }
    const list = [...resolved];
    this.#resolved.push([rev, list]);
    return list;
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
    const alertAt = (topic: string) => Number(this.#get('alertById', row.id as string, topic)?.alert_rev ?? 0);
    const alerts = new Map(topics.map((topic) => [topic, alertAt(topic)]));
    this.#remove(oldRev, topics);
    const rev = ++this.#head;
    const moved = [...new Set(topics.map((topic) => (topic === from ? to : topic)))];
    if (!alerts.has(to)) alerts.set(to, (alerts.get(from) ?? 0) > 0 ? rev : 0);
    this.#insert(rev, row, moved, (topic) => alerts.get(topic) ?? 0);
    const { id, kind, audience, body } = row;
    this.#produced.push({
      ...{ rev, id: String(id), kind: kind as Change['kind'], topics: moved, body: String(body) },
      audience: audience === null ? null : JSON.parse(String(audience)),
    });
  }

  #receipt(write: ReceiptWrite): Outcome {
    const rev = this.#head + 1;
    const items = write.upTo === null ? this.#mark(write, rev) : this.#markUpTo(write, write.upTo, rev);
    if (items === null) return { status: 'unchanged' };
    this.#head = rev;
    const readUpto = Number(this.#get('user', write.userId)?.read_upto ?? 0);
    const count = (topic: string) => Number(this.#get('unreadCount', ...unreadParams(write.userId, topic))?.n);
    const unread = write.topics.reduce((sum, topic) => sum + count(topic), 0);
    const body = receiptsBody(write.userId, items, { unread_count: unread, read_upto: readUpto }, write.at);
    const id = receiptsRecordId(write.userId);
    this.#produced.push({ rev, id, kind: 'receipts', topics: [userTopic(write.userId)], audience: null, body });
    return { status: 'stored', id, rev };
  }

  #mark(write: ReceiptWrite, rev: number): Receipt[] | null {
    const { userId, at } = write;
    const items: Receipt[] = [];
    for (const named of new Set(write.ids)) {
      const found = this.#find(named, write.topics);
      if (!found) continue;
      const [id, alertRev] = [String(found.id), Number(found.alert_rev)];
      const before = this.#get('receipt', userId, id);
      if (before && (write.mark === 'seen' ? before.seen_at !== null : Number(before.read_rev) >= alertRev)) continue;
      if (write.mark === 'seen') this.#run('markSeen', userId, id, rev, at);
      else this.#run('markRead', userId, id, rev, at, at, alertRev);
      items.push(receiptOf(this.#get('receipt', userId, id) as Row, id));
    }
    return items.length > 0 ? items : null;
  }

  #find(id: string, topics: readonly string[]): Row | undefined {
    for (const name of ['alertById', 'alertByExternalId'] as const) {
      for (const topic of topics) {
        const row = this.#get(name, id, topic);
        if (row) return row;
      }
    }
    return undefined;
  }

  #markUpTo(write: ReceiptWrite, upTo: number, rev: number): Receipt[] | null {
    const bounded = Math.min(upTo, this.#head);
    if (Number(this.#get('user', write.userId)?.read_upto ?? 0) >= bounded) return null;
    this.#run('setReadUpto', write.userId, bounded, write.at, rev);
    return [];
  }

  #statement(name: keyof Statements): Database.Statement {
    let statement = this.#prepared.get(name);
    if (!statement) {
      statement = this.#database.prepare(this.#statements[name]);
      this.#prepared.set(name, statement);
    }
    return statement;
  }

  #run = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).run(...params);
  #get = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).get(...params) as Row | undefined;
  #all = (name: keyof Statements, ...params: unknown[]) => this.#statement(name).all(...params) as Row[];
}

const rowOf = ({ externalId, audience, id, kind, body, state, owner, status, at }: PutWrite): Row => ({
  ...{ id, kind, body, state, owner, status, external_id: externalId, at },
  audience: audience === null ? null : JSON.stringify(audience),
});
