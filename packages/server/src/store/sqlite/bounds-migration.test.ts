import { expect, test } from 'vitest';
import { beforeBounds, migrated } from '../../../testing/older-schema.ts';
import { StorePerson } from '../../../testing/store-person.ts';
import { put, receipt, rights } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';

test('what users had marked and not is counted and named as before, on shared topics too', async ({
  onTestFinished,
}) => {
  const staff = { topics: ['role:staff'], category: 'news' };
  const fill = async (before: Store) => {
    await before.commit([rights('1', ['staff'])]);
    await before.commit([
      put({ id: 'own', externalId: 'order-1' }),
      put({ id: 'hidden', ...staff, expired: true }),
      ...['a', 'b', 'c', 'd'].map((id) => put({ id, ...staff, externalId: `order-${id}` })),
    ]);
    await new StorePerson(before, '1', ['staff']).readAll(6);
    const where = { topics: ['role:staff'] };
    await before.commit([receipt('1', { ids: ['a'], mark: 'unread', ...where })]);
    await before.commit([receipt('1', { ids: ['c'], mark: 'archive', ...where })]);
  };
  const after = await migrated(onTestFinished, fill, beforeBounds);
  const ann = new StorePerson(after, '1', ['staff']);
  expect(await ann.counts()).toEqual({ unread: 2, categories: { news: 2 } });
  expect(await ann.mark('read', ['order-a', 'order-1'])).toMatchObject({ status: 'stored', marked: 1 });
  expect(await ann.list({ unread: true })).toEqual(['d']);
});
