import type * as ports from '../domain/ports.ts';
import { batchOf } from './batch.ts';
import type { Applied, Row, SqlEngine, WriteGroup } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import * as pages from './pages.ts';
import { receiptsInRange } from './receipt-rows.ts';
import { changeOf, storedOf } from './rows.ts';

/** The store on a SQL database: group commit over the engine's transactions, reads over its snapshots. */
export class SqlStore implements ports.Store {
  readonly #engine: SqlEngine;
  readonly #commits: GroupCommit;
  readonly #listeners: ((batch: ports.Batch) => void)[] = [];
  #term = '';
  #trouble: string | null = null;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.#commits = new GroupCommit(
      engine,
      (applied, groups) => this.#stored(applied, groups),
      (error) => {
        this.#trouble = (error as Error).message;
      },
    );
  }

  async open(): Promise<ports.Head> {
    const head = await this.#engine.open();
    this.#term = head.term;
    return head;
  }

  commit(writes: readonly ports.Write[], options: { atomic?: boolean } = {}): Promise<ports.Outcome[]> {
    return this.#commits.commit(writes, options.atomic === true);
  }

  onBatch(listener: (batch: ports.Batch) => void): void {
    this.#listeners.push(listener);
  }

  async head(): Promise<ports.Head & { termFrom: number }> {
    const names = ['sequence', 'lastTerm'] as const;
    const [sequence, terms] = await this.#engine.read(names.map((name) => ({ name, params: [] })));
    const [at, last] = [sequence?.[0] as Row, terms?.[0] as Row];
    return { term: String(last.term), termFrom: Number(last.from_rev), head: Number(at.head), floor: Number(at.floor) };
  }

  async range(from: number, to: number): Promise<{ term: string; changes: ports.Change[] }> {
    const names = ['range', 'receiptsRange', 'watermarksRange'] as const;
    const [records, receipts, marks] = await this.#engine.read(names.map((name) => ({ name, params: [from, to] })));
    const changes = [...(records ?? []).map(changeOf), ...receiptsInRange(receipts ?? [], marks ?? [])];
    return { term: this.#term, changes: changes.sort((a, b) => a.rev - b.rev) };
  }

  async changesSince(query: ports.PageQuery): Promise<ports.Page> {
    return pages.pageOf(query, this.#term, await this.#engine.read(pages.pageSteps(query)));
  }

  async fresh(query: ports.FreshQuery): Promise<ports.Page> {
    return pages.freshOf(query, this.#term, await this.#engine.read(pages.freshSteps(query)));
  }

  async current(topics: readonly string[], limit: number): Promise<{ head: number; changes: ports.Change[] }> {
    const steps = topics.map((topic) => ({ name: 'topicNewest' as const, params: [topic, limit] }));
    const [sequence, ...found] = await this.#engine.read([{ name: 'sequence', params: [] }, ...steps]);
    return { head: Number(sequence?.[0]?.head), changes: pages.inOrder(found.flat().map(changeOf)) };
  }

  async inbox(query: ports.InboxQuery): Promise<ports.InboxPage> {
    return pages.inboxOf(query, await this.#engine.read(pages.inboxSteps(query)));
  }

  async record(id: string): Promise<ports.StoredRecord | null> {
    const [rows] = await this.#engine.read([{ name: 'record', params: [id] }]);
    return rows?.[0] ? storedOf(rows[0]) : null;
  }

  async tasks(query: ports.TaskQuery): Promise<ports.StoredRecord[]> {
    const [rows] = await this.#engine.read([pages.taskStep(query)]);
    return (rows ?? []).map(storedOf);
  }

  async username(userId: string): Promise<string | null> {
    const [rows] = await this.#engine.read([{ name: 'user', params: [userId] }]);
    return (rows?.[0]?.username as string | null | undefined) ?? null;
  }

  async userId(username: string): Promise<string | null> {
    const [rows] = await this.#engine.read([{ name: 'userByName', params: [username] }]);
    return (rows?.[0]?.user_id as string | undefined) ?? null;
  }

  async delivered(marks: ReadonlyMap<string, number>): Promise<void> {
    if (marks.size > 0) await this.#engine.delivered([...marks]);
  }

  health(): { ok: boolean; reason: string | null } {
    const reason = this.#engine.trouble() ?? this.#trouble;
    return { ok: reason === null, reason };
  }

  async close(): Promise<void> {
    await this.#commits.settled();
    await this.#engine.close();
  }

  #stored(applied: Applied, groups: readonly WriteGroup[]): void {
    this.#trouble = null;
    if (applied.to < applied.from) return;
    const batch = batchOf(this.#term, applied, groups);
    for (const listener of this.#listeners) listener(batch);
  }
}
