import { afterAll, beforeAll } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import type { Store } from '../src/domain/ports.ts';
import { sqliteStore, TempFolder } from './temp-store.ts';

/** A store on SQLite for all tests of a file: open from before the first to after the last. */
export function storeForFile(): Store {
  const folder = new TempFolder();
  const store = sqliteStore(prepared(folder.file()));
  beforeAll(() => store.open());
  afterAll(async () => {
    await store.close();
    folder.remove();
  });
  return store;
}
