import { expect } from 'vitest';
import type { Store } from '../src/domain/ports.ts';
import { inbox, page } from './store-fixture.ts';
import { put } from './temp-store.ts';

/** Everything a server does with an empty database, once. */
export async function useAll(store: Store): Promise<void> {
  const search = '100 %_! \\ done';
  expect(await store.commit([put({ id: 'a', search }), put({ id: 'b', search: '100 xyz' })])).toHaveLength(2);
  const found = await store.inbox(inbox({ text: '%_! \\' }));
  expect(found.items.map(({ id }) => id)).toEqual(['a']);
  expect((await store.changesSince(page())).changes).toHaveLength(2);
  expect(await store.counts('1')).toMatchObject({ unread: 2 });
  await store.revoke({ kind: 'user', value: '7', reason: 'left', at: 1 });
  expect((await store.revocations(0)).items).toMatchObject([{ value: '7' }]);
  await store.markDelivered(new Map([['1', 1]]));
  expect(await store.takeOutbox(10, 1_000)).toEqual([]);
  expect(await store.forgetRetractions(2, 10)).toBe(0);
}
