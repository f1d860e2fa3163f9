import { expect, test } from 'vitest';
import { beforeDeliveries, migrated } from '../../../testing/older-schema.ts';
import { StorePerson } from '../../../testing/store-person.ts';
import { put, rights } from '../../../testing/temp-store.ts';
import type { Store } from '../../domain/ports.ts';

test('what was answered before it counted no more is taken off the counts, whatever was done with it', async ({
  onTestFinished,
}) => {
  const topics = ['user:1', 'user:2'];
  const answered = { status: 'answered', category: 'approvals' } as const;
  const fill = async (before: Store) => {
    await before.commit([rights('1', ['staff']), rights('2', ['staff'])]);
    await before.commit([
      put({ id: 'open', topics, category: 'approvals' }),
      put({ id: 'unread', topics, ...answered }),
      put({ id: 'read', topics, ...answered }),
      put({ id: 'marked', topics, ...answered }),
      put({ id: 'archived', topics, ...answered }),
      put({ id: 'shared', topics: ['role:staff'], ...answered }),
    ]);
    const ann = new StorePerson(before, '1', ['staff']);
    await ann.mark('read', ['read', 'marked']);
    await ann.mark('unread', 'marked');
    await ann.mark('archive', 'archived');
    expect([await ann.unread(), await new StorePerson(before, '2', ['staff']).unread()]).toEqual([4, 6]);
  };
  const after = await migrated(onTestFinished, fill, (database) => {
    beforeDeliveries(database);
    database.exec("delete from kysely_migration where name >= '0005'");
  });
  for (const id of ['1', '2']) {
    const person = new StorePerson(after, id, ['staff']);
    expect(await person.counts()).toEqual({ unread: 1, categories: { approvals: 1 } });
    expect(await person.list({ unread: true })).toEqual(['open']);
  }
});
