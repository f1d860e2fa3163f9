import { expect, test } from 'vitest';
import { storeForFile } from '../../testing/file-store.ts';
import { put } from '../../testing/temp-store.ts';
import { commitInParts } from './parts.ts';

const store = storeForFile();

test('what somebody publishes is stored among the many writes of a job, all of which are stored in their order', async () => {
  const ids = Array.from({ length: 500 }, (_, n) => `of-job-${n}`);
  const job = commitInParts(
    store,
    ids.map((id) => put({ id })),
  );
  const [published] = await store.commit([put({ id: 'published' })]);
  await job;
  const revs = await Promise.all(ids.map(async (id) => (await store.record(id))?.rev as number));
  expect(revs).toEqual([...revs].sort((a, b) => a - b));
  expect((published as { rev: number }).rev).toBeLessThan(revs[100] as number);
});
