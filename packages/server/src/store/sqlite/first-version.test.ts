import { expect, test } from 'vitest';
import { FirstVersion } from '../../../testing/first-version.ts';
import { StorePerson } from '../../../testing/store-person.ts';
import { put, rights, sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { DueJobs } from '../../jobs/due-jobs.ts';

test('a database of the first version is counted, sorted and searched like one of this, and loses nothing', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  const old = await FirstVersion.make(folder.file());
  old.put({ id: 'before', topics: ['user:1'] });
  old.put({ id: 'also-before', topics: ['user:1'], frame: { category: 'jobs' } });
  old.readAll('1', 2);
  old.put({ id: 'read', topics: ['user:1'] });
  old.put({
    id: 'unread',
    topics: ['user:1', 'user:2'],
    frame: { title: 'Ärger', message: '100 %', category: 'jobs' },
  });
  old.put({ id: 'file', topics: ['user:1'], frame: { type: 'user_file', data: { file_name: 'Prüfung.PDF' } } });
  old.put({ id: 'silent', topics: ['user:1'], silent: true, frame: { title: 'Ärger' } });
  old.put({ id: 'all', topics: ['everyone'], frame: { category: 'news' } });
  old.put({ id: 'task', topics: ['user:1', 'task:task'], kind: 'task' });
  old.put({ id: 'over', topics: ['user:1'], frame: { expires_at: '2026-01-01T00:00:00.000Z' } });
  old.put({ id: 'moved', topics: ['user:1'], hasMoved: true });
  old.put({ id: 'odd', topics: ['user:1;'], frame: { category: 7 } });
  old.read('1', 'read', 4);
  old.close();

  let now = Date.parse('2025-01-01T00:00:00Z');
  const store = sqliteStore(folder.file(), () => now);
  await store.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  await store.commit([rights('1', []), rights('2', []), rights('1;', [])]);
  const ann = new StorePerson(store, '1');
  expect(await ann.list()).toEqual(['moved', 'over', 'all', 'file', 'unread', 'read', 'also-before', 'before']);
  expect(await ann.counts()).toEqual({ unread: 5, categories: { jobs: 1, news: 1 } });
  expect(await new StorePerson(store, '2').counts()).toEqual({ unread: 2, categories: { jobs: 1, news: 1 } });
  expect(await new StorePerson(store, '1;').unread()).toBe(2);
  expect(await ann.list({ text: 'ärger' })).toEqual(['unread']);
  expect(await ann.list({ text: 'prüfung.pdf', type: 'user_file' })).toEqual(['file']);
  expect(await ann.list({ category: 'jobs' })).toEqual(['unread', 'also-before']);
  expect(await ann.list({ since: 4_000, until: 8_001 })).toEqual(['all', 'file', 'unread', 'read']);

  await ann.mark('read', 'unread');
  await store.commit([put({ id: 'new', category: 'jobs' })]);
  expect(await ann.counts()).toEqual({ unread: 5, categories: { jobs: 1, news: 1 } });
  now = Date.parse('2026-02-01T00:00:00Z');
  await new DueJobs(store).run();
  expect(await ann.unread()).toBe(4);
  const cursor = { term: 'old', rev: 3 };
  const where = { userId: '1', topics: ann.topics, after: 3, cursor, limit: 100 };
  expect((await store.changesSince(where)).recovered).toBe(true);
});

test('a database of the first version with thousands of records is counted in every part', async ({
  onTestFinished,
}) => {
  const folder = new TempFolder();
  const old = await FirstVersion.make(folder.file());
  const many = 5_001;
  for (let n = 0; n < many; n++)
    old.put({ id: `n${n}`, topics: ['user:1'], frame: { category: n % 2 ? 'odd' : 'even' } });
  old.close();
  const store = sqliteStore(folder.file());
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  await store.open();
  const counts = await store.counts('1');
  expect(counts).toEqual({ unread: many, categories: { even: 2_501, odd: 2_500 }, asOf: many });
});
