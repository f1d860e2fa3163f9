import { afterAll, beforeAll } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import type { Store } from '../src/domain/ports.ts';
import { TestDatabase } from './postgres.ts';
import type { StoreFixture } from './store-fixture.ts';
import { sqliteStore, TempFolder } from './temp-store.ts';

export function sqliteFixture(): StoreFixture {
  const folder = new TempFolder();
  return {
    make: (now) => sqliteStore(prepared(folder.file()), now),
    loseProof: () => {},
    isShared: false,
    remove: () => folder.remove(),
  };
}

export async function postgresFixture(): Promise<StoreFixture> {
  const database = await TestDatabase.borrow();
  return {
    make: (now) => database.store(now),
    loseProof: () => database.query("update history set place = 'elsewhere'"),
    isShared: true,
    remove: () => database.giveBack(),
  };
}

/** Every database there is, each with how one of its own is made for one test. */
export const databases: readonly { name: string; fixture: () => StoreFixture | Promise<StoreFixture> }[] = [
  { name: 'SQLite', fixture: sqliteFixture },
  { name: 'PostgreSQL', fixture: postgresFixture },
];

/** Opens a store for all tests of a block, and closes it after them. */
export function withStore(fixture: (typeof databases)[number]['fixture'], take: (store: Store) => void): void {
  let made: StoreFixture;
  let store: Store;
  beforeAll(async () => {
    made = await fixture();
    store = made.make();
    await store.open();
    take(store);
  });
  afterAll(async () => {
    await store.close();
    await made.remove();
  });
}
