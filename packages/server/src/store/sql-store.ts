import type { ConsumerLease, Delivery, NewDelivery } from '../domain/deliveries.ts';
import type { InboxState } from '../domain/inbox/receipts.ts';
import type * as ports from '../domain/ports.ts';
import { batchOf } from './batch.ts';
import { countSteps, countsOf } from './counts.ts';
import type { Applied, ReadStep, Row, SqlEngine, WriteGroup } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { inboxOf, inboxSteps } from './inbox-pages.ts';
import * as pages from './pages.ts';
import { Probe } from './probe.ts';
import { audienceChange, receiptsInRange, usersIn } from './receipt-rows.ts';
import { changesOf, personalOf, storedOf, userOf, watermarkOf } from './rows.ts';

/** The store on a SQL database: group commit over the engine's transactions, reads over its snapshots. */
export class SqlStore implements ports.Store {
  readonly #engine: SqlEngine;
  readonly #commits: GroupCommit;
  readonly #listeners: ((batch: ports.Batch) => void)[] = [];
  #term = '';
  readonly #probe = new Probe(() => this.#ask());
  /** Why the last commit failed. */
  #commitFailure: string | null = null;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.#commits = new GroupCommit(
      engine,
      (applied, groups) => this.#stored(applied, groups),
      (error) => {
        this.#commitFailure = (error as Error).message;
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

  async range(from: number, to: number): ReturnType<ports.Store['range']> {
    const names = ['range', 'rangeAlerts', 'receiptsRange', 'watermarksRange', 'audiencesRange'] as const;
    const steps = names.map((name): ReadStep => ({ name, params: [from, to] }));
    const [sequence, terms, ...found] = (await this.#engine.read([
      { name: 'sequence', params: [] },
      { name: 'terms', params: [] },
      ...steps,
    ])) as [Row[], Row[], ...Row[][]];
    const [records, alerts, receipts, marks, audiences] = found as [Row[], Row[], Row[], Row[], Row[]];
    const earlier = Map.groupBy(alerts, (row) => Number(row.rev));
    const states = await this.#inboxStates(usersIn(receipts, marks, audiences));
    const stateOf = (row: Row) => states.get(String(row.user_id)) as InboxState;
    const changes = [
      ...records.flatMap((row) => changesOf(row, earlier.get(Number(row.rev)) ?? [])),
      ...receiptsInRange(from, receipts, marks, states),
      ...audiences.map((row) => audienceChange(row, stateOf(row), Date.now())),
    ];
    const head = Number(sequence[0]?.head);
    return { head, termAt: (rev) => pages.termAt(rev, terms), changes: changes.sort((a, b) => a.rev - b.rev) };
  }

  /** How the inboxes of users stand. */
  async #inboxStates(userIds: readonly string[]): Promise<Map<string, InboxState>> {
    const states = new Map<string, InboxState>();
    for (const userId of userIds) {
      const [sequence, [user], ...counts] = (await this.#engine.read([
        { name: 'sequence', params: [] },
        { name: 'user', params: [userId] },
        ...countSteps(userId),
      ])) as [Row[], Row[], ...Row[][]];
      const [asOf, readUpto] = [Number(sequence[0]?.head), Number(user?.read_upto ?? 0)];
      states.set(userId, { counts: countsOf(counts), asOf, readUpto });
    }
    return states;
  }

  async changesSince(query: ports.PageQuery): Promise<ports.Page> {
    return pages.pageOf(query, await this.#engine.read(pages.pageSteps(query)));
  }

  async fresh(query: ports.FreshQuery): Promise<ports.Page> {
    return pages.freshOf(query, await this.#engine.read(pages.freshSteps(query)));
  }

  async current(topics: readonly string[], limit: number, userId: string) {
    const [sequence, [user], heard, ...found] = (await this.#engine.read([
      { name: 'sequence', params: [] },
      { name: 'user', params: [userId] },
      { name: 'audiences', params: [userId] },
      ...topics.map((topic) => pages.newestStep(topic, userId, limit)),
    ])) as [Row[], Row[], Row[], ...Row[][]];
    const watermark = watermarkOf(user);
    const changes = pages.inOrder(found.flat().map((row) => personalOf(row, watermark)));
    return { head: Number(sequence[0]?.head), changes, since: pages.sinceOf(heard) };
  }

  async inbox(query: ports.InboxQuery): Promise<ports.InboxPage> {
    return inboxOf(query, await this.#engine.read(inboxSteps(query)));
  }

  async record(id: string): Promise<ports.StoredRecord | null> {
    const [rows] = await this.#engine.read([{ name: 'record', params: [id] }]);
    return rows?.[0] ? storedOf(rows[0]) : null;
  }

  async tasks(query: ports.TaskQuery): Promise<ports.StoredRecord[]> {
    const [rows] = await this.#engine.read([pages.taskStep(query)]);
    return (rows ?? []).map(storedOf);
  }

  async counts(userId: string): Promise<ports.Counts & { asOf: number }> {
    const [sequence, ...found] = await this.#engine.read([{ name: 'sequence', params: [] }, ...countSteps(userId)]);
    return { ...countsOf(found), asOf: Number(sequence?.[0]?.head) };
  }

  async scheduled({ after, limit }: ports.ScheduledQuery): Promise<ports.StoredRecord[]> {
    const { dueAt, id } = after ?? { dueAt: 0, id: '' };
    return (await this.#rows({ name: 'scheduled', params: [dueAt, dueAt, id, limit] })).map(storedOf);
  }

  async due(limit: number): Promise<ports.Due> {
    const now = await this.#engine.now();
    const [records, snoozed] = (await this.#engine.read([
      { name: 'dueRecords', params: [now, limit] },
      { name: 'dueReceipts', params: [now, limit] },
    ])) as [Row[], Row[]];
    return {
      now,
      records: records.map(storedOf),
      snoozed: snoozed.map((row) => ({ userId: String(row.user_id), recordId: String(row.record_id) })),
      full: records.length >= limit || snoozed.length >= limit,
    };
  }

  async answered(after: number, limit: number): Promise<ports.StoredRecord[]> {
    return (await this.#rows({ name: 'answered', params: [after, limit] })).map(storedOf);
  }

  async user(userId: string): Promise<ports.StoredUser | null> {
    return userOf((await this.#rows({ name: 'user', params: [userId] }))[0]);
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

  async notificationsBetween(after: number, upTo: number, limit: number): Promise<ports.StoredRecord[]> {
    return (await this.#rows({ name: 'notificationsBetween', params: [after, upTo, limit] })).map(storedOf);
  }

  async revAt(at: number): Promise<number> {
    return Number((await this.#rows({ name: 'markBefore', params: [at] }))[0]?.rev ?? 0);
  }

  async beyond(topic: string, newest: number, limit: number): Promise<{ topic: string; ids: string[] } | null> {
    const [next] = await this.#rows({ name: 'nextTopic', params: [topic] });
    if (!next) return null;
    const rows = await this.#rows({ name: 'beyond', params: [next.topic as string, limit, newest] });
    return { topic: String(next.topic), ids: rows.map((row) => String(row.id)) };
  }

  forgetRetractions(before: number, limit: number): Promise<number> {
    return this.#engine.forgetRetractions(before, limit);
  }

  async forgetKeys(before: number, limit: number): Promise<void> {
    await this.#engine.write([{ name: 'forgetKeys', params: [before, limit] }]);
  }

  async leaseConsumer(consumer: string, ms: number): Promise<ConsumerLease | null> {
    const now = await this.#engine.now();
    const [rows] = await this.#engine.write([{ name: 'leaseConsumer', params: [now + ms, consumer, now] }]);
    const row = rows?.[0];
    return row ? { consumer, token: Number(row.token), cursor: Number(row.cursor) } : null;
  }

  async advanceConsumer(
    lease: ConsumerLease,
    to: number,
    deliveries: readonly NewDelivery[],
    ms: number,
  ): Promise<boolean> {
    const now = await this.#engine.now();
    const { consumer, token } = lease;
    const [rows] = await this.#engine.write([
      { name: 'advanceConsumer', params: [to, now + ms, consumer, token] },
      ...deliveries.map(
        ({ id, channel, target, body, at }): ReadStep => ({
          name: 'addDelivery',
          params: [id, channel, target, body, at, consumer, token],
        }),
      ),
    ]);
    return rows?.length === 1;
  }

  async releaseConsumer({ consumer, token }: ConsumerLease): Promise<void> {
    await this.#engine.write([{ name: 'releaseConsumer', params: [consumer, token] }]);
  }

  async takeDeliveries(channel: string, limit: number, ms: number): Promise<Delivery[]> {
    const now = await this.#engine.now();
    const [rows] = await this.#engine.write([{ name: 'takeDeliveries', params: [now + ms, channel, now, limit, now] }]);
    return (rows ?? []).map((row) => ({
      ...{ id: String(row.id), channel: String(row.channel), target: String(row.target), body: String(row.body) },
      ...{ attempt: Number(row.attempts), at: Number(row.at) },
    }));
  }

  async endDelivery({ id, attempt }: Delivery): Promise<void> {
    await this.#engine.write([{ name: 'endDelivery', params: [id, attempt] }]);
  }

  async postponeDelivery({ id, attempt }: Delivery, dueAt: number): Promise<void> {
    await this.#engine.write([{ name: 'postponeDelivery', params: [dueAt, id, attempt] }]);
  }

  get hasOutbox(): boolean {
    return this.#engine.hasOutbox;
  }

  async takeOutbox(limit: number, lease: number): Promise<ports.OutboxItem[]> {
    const now = await this.#engine.now();
    const [rows = []] = await this.#engine.write([{ name: 'takeOutbox', params: [now + lease, now, now, limit] }]);
    return rows.map(({ id, item }) => ({ id: Number(id), item: String(item) })).sort((a, b) => a.id - b.id);
  }

  async refuseOutbox(id: number, reason: string): Promise<void> {
    await this.#engine.write([{ name: 'refuseOutbox', params: [reason, id] }]);
  }

  async revoke({ kind, value, reason, at }: ports.Revocation): Promise<void> {
    await this.#engine.write([{ name: 'addRevocation', params: [kind, value, reason, at] }]);
  }

  async revocations(after: number): Promise<{ items: ports.Revocation[]; upTo: number }> {
    const rows = await this.#rows({ name: 'revocationsAfter', params: [after] });
    const items = rows.map((row) => ({
      ...{ kind: row.kind as ports.Revocation['kind'], value: String(row.value) },
      ...{ reason: String(row.reason), at: Number(row.at) },
    }));
    return { items, upTo: Number(rows.at(-1)?.ordinal ?? after) };
  }

  async #rows(step: ReadStep): Promise<Row[]> {
    return (await this.#engine.read([step]))[0] ?? [];
  }

  probe(): Promise<void> {
    return this.#probe.run();
  }

  /** Asks the database, and after a commit that failed, as on a full disk, writes too: only that tells that it is over. */
  async #ask(): Promise<void> {
    await this.#engine.probe();
    if (this.#commitFailure === null) return;
    await this.#engine.write([{ name: 'touch', params: [] }]);
    this.#commitFailure = null;
  }

  health(): { ok: boolean; reason: string | null } {
    const reason = this.#engine.trouble() ?? this.#probe.failure ?? this.#commitFailure;
    return { ok: reason === null, reason };
  }

  async close(): Promise<void> {
    await this.#commits.settled();
    await this.#engine.close();
  }

  #stored(applied: Applied, groups: readonly WriteGroup[]): void {
    this.#commitFailure = null;
    this.#term = applied.term ?? this.#term;
    if (applied.to < applied.from) return;
    const batch = batchOf(this.#term, applied, groups);
    for (const listener of this.#listeners) listener(batch);
  }
}
