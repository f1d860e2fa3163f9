import type { Store } from '../src/domain/ports.ts';
import type { PageQuery } from '../src/domain/store/catch-up.ts';
import type { InboxQuery } from '../src/domain/store/inbox.ts';
import type { Batch, Outcome } from '../src/domain/writes.ts';

/** One database, which may be opened again after it was closed. */
export interface StoreFixture {
  /** @param now the clock by which things are due; without it the database's own */
  make(now?: () => number): Store;
  /** Makes the next opening one that cannot prove that the history goes on. */
  loseProof(): unknown;
  /** True if several stores may be open on it at once. */
  isShared: boolean;
  remove(): unknown;
}

/** A clock that tests move. Epoch milliseconds. */
export interface HandClock {
  now: number;
}

export type WhenFinished = (clean: () => Promise<void>) => void;

/** A database of its own for one test, opened, and what is put away behind it. */
export interface OpenedStore {
  store: Store;
  /** Batches that the store has emitted. */
  batches: Batch[];
  clock: HandClock;
  /** Closes it and opens it anew. */
  again(): Promise<Store>;
  /** The same, as one that cannot prove that it continues. */
  inAnotherTerm(): Promise<Store>;
  /** A second node on the same database; where there can be none, the same store. */
  another(): Promise<Store>;
}

export type OpenStore = (whenFinished: WhenFinished) => Promise<OpenedStore>;

/** Begins at a moment that is easy to read in what tests print. */
const beginning = 1_000_000;

export const openerOf =
  (fixture: () => StoreFixture | Promise<StoreFixture>): OpenStore =>
  async (whenFinished) => {
    const made = await fixture();
    const clock: HandClock = { now: beginning };
    const stores: Store[] = [];
    const open = async () => {
      const store = made.make(() => clock.now);
      await store.open();
      stores.push(store);
      return store;
    };
    whenFinished(async () => {
      for (const store of stores) await store.close();
      await made.remove();
    });
    const store = await open();
    const batches: Batch[] = [];
    store.onBatch((batch) => batches.push(batch));
    return {
      ...{ store, batches, clock },
      async again() {
        await store.close();
        return open();
      },
      async inAnotherTerm() {
        await store.close();
        await made.loseProof();
        return open();
      },
      another: async () => (made.isShared ? open() : store),
    };
  };

/** A page of user 1's catch-up. */
export const page = (over: Partial<PageQuery> = {}): PageQuery => ({
  ...{ userId: '1', topics: ['user:1', 'everyone'] },
  ...{ after: 0, cursor: null, limit: 100 },
  ...over,
});

/** A page of user 1's inbox. */
export const inbox = (over: Partial<InboxQuery> = {}): InboxQuery => ({
  ...{ userId: '1', topics: ['user:1', 'everyone'], before: null, limit: 10, view: 'inbox', unread: null },
  ...{ category: null, type: null, since: null, until: null, text: null, ...over },
});

export const key = (text: string, hash = 'h') => ({ key: text, hash });
export const revOf = (outcome: Outcome | undefined): number => (outcome as { rev: number }).rev;
