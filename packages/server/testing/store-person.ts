import type { Receipt } from '@tidings/protocol';
import { expect } from 'vitest';
import type { Store } from '../src/domain/ports.ts';
import type { Counts, InboxQuery } from '../src/domain/store/inbox.ts';
import type { PersonalChange } from '../src/domain/store/records.ts';
import { inboxTopics } from '../src/domain/topics.ts';
import type { Change, Mark, Outcome } from '../src/domain/writes.ts';
import { inbox } from './store-fixture.ts';
import { receipt } from './temp-store.ts';

/** One user, who asks a store for an inbox and says what was done with it. */
export class StorePerson {
  readonly #store: Store;
  readonly id: string;
  readonly topics: readonly string[];

  constructor(store: Store, id: string, roles: readonly string[] = []) {
    this.#store = store;
    this.id = id;
    this.topics = inboxTopics({ id, roles });
  }

  async mark(
    mark: Mark,
    ids: string | readonly string[],
    over: { until?: number; at?: number } = {},
  ): Promise<Outcome> {
    return this.#say({ mark, ids: typeof ids === 'string' ? [ids] : ids, ...over });
  }

  /** Part by part. The outcome is `stored` where any part is. */
  async readAll(upTo: number): Promise<Outcome> {
    let last: Outcome | undefined;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { next, ...outcome } = (await this.#say({ upTo, after })) as Outcome & { next?: string };
      if (last?.status !== 'stored' || outcome.status === 'stored') last = outcome as Outcome;
      after = next;
    }
    return last as Outcome;
  }

  async #say(over: Parameters<typeof receipt>[1]): Promise<Outcome> {
    const [outcome] = await this.#store.commit([receipt(this.id, { topics: this.topics, ...over })]);
    return outcome as Outcome;
  }

  /** Reads a whole view, newest first, page by page; throws if a page repeats or reorders what came before. */
  async items(filter: Partial<InboxQuery> = {}): Promise<PersonalChange[]> {
    const items: PersonalChange[] = [];
    for (let before: number | null = null; ; ) {
      const query = inbox({ userId: this.id, topics: this.topics, limit: 3, ...filter, before });
      const found = await this.#store.inbox(query);
      items.push(...found.items);
      if (found.nextBefore === null) break;
      expect(found.nextBefore, 'each page begins further down').toBeLessThan(before ?? Number.MAX_SAFE_INTEGER);
      before = found.nextBefore;
    }
    const ids = items.map(({ id }) => id);
    expect(ids, 'nothing is listed twice').toEqual([...new Set(ids)]);
    return items;
  }

  async list(filter: Partial<InboxQuery> = {}): Promise<string[]> {
    return (await this.items(filter)).map(({ id }) => id);
  }

  /** The unread counts. Every way to read them must give the same, and so must a list of the unread. */
  async counts(): Promise<Counts> {
    const { userId, topics } = { userId: this.id, topics: this.topics };
    const { asOf, ...counts } = await this.#store.counts(userId);
    expect(asOf).toBe((await this.#store.head()).head);
    const page = await this.#store.changesSince({ userId, topics, after: 0, cursor: null, limit: 1 });
    const fresh = await this.#store.initialSnapshot({ userId, topics, unread: 1, limit: 0 });
    const first = await this.#store.inbox(inbox({ userId, topics, limit: 1 }));
    for (const read of [page.counts, fresh.counts, first.counts]) expect(read).toEqual(counts);
    const unread = await this.items({ unread: true });
    expect(counts.unread, `as many as are listed as unread: ${unread.map(({ id }) => id)}`).toBe(unread.length);
    for (const [category, n] of Object.entries(counts.categories)) {
      expect((await this.items({ unread: true, category })).length, category).toBe(n);
    }
    return counts;
  }

  async unread(): Promise<number> {
    return (await this.counts()).unread;
  }

  /** The changes that the person receives on catching up from a rev, with the type of each frame. */
  async since(after: number): Promise<(PersonalChange & { type: string })[]> {
    const found: PersonalChange[] = [];
    for (let at = after, full = true; full; ) {
      const where = { userId: this.id, topics: this.topics };
      const page = await this.#store.changesSince({ ...where, after: at, cursor: null, limit: 4 });
      found.push(...page.changes);
      [at, full] = [page.upTo.rev, page.full];
    }
    return found.map((change) => ({ ...change, type: frameOf(change).type }));
  }

  /** The receipt that comes with a notification on catching up. */
  async receiptOf(id: string): Promise<Receipt | null | undefined> {
    return (await this.since(0)).find((change) => change.id === id)?.receipt;
  }
}

/** A change's frame. */
export const frameOf = (change: Pick<Change, 'body'>): { type: string; [field: string]: unknown } =>
  JSON.parse(change.body);
