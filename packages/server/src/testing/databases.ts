import { TestDatabase } from './postgres.ts';
import type { StoreFixture } from './store-fixture.ts';
import { sqliteStore, TempFolder } from './temp-store.ts';

/** Every database there is, each with how one of its own is made for one test. */
export const databases: readonly { name: string; fixture: () => StoreFixture | Promise<StoreFixture> }[] = [
  {
    name: 'SQLite',
    fixture() {
      const folder = new TempFolder();
      return {
        make: (now) => sqliteStore(folder.file(), now),
        loseProof: () => {},
        isShared: false,
        remove: () => folder.remove(),
      };
    },
  },
  {
    name: 'PostgreSQL',
    async fixture() {
      const database = await TestDatabase.create();
      return {
        make: (now) => database.store(now),
        loseProof: () => database.query("update history set place = 'elsewhere'"),
        isShared: true,
        remove: () => database.drop(),
      };
    },
  },
];
