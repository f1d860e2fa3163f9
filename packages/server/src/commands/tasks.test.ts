import { expect, onTestFinished, test } from 'vitest';
import { sqliteFixture } from '../../testing/databases.ts';
import { World } from '../../testing/world.ts';
import type { TaskQuery } from '../domain/store/records.ts';
import { listTasks } from './tasks.ts';

test('a short page of one name costs few reads, and its pages leave none out', async () => {
  const made = await sqliteFixture();
  const store = made.make();
  const world = await new World(store).open();
  onTestFinished(async () => {
    await world.close();
    await made.remove();
  });
  const names = Array.from({ length: 250 }, (_, n) => (n % 100 === 0 ? 'rare' : 'often'));
  for (const [n, name] of names.entries()) await world.context.tasks.report(`t${n}`, { status: 'queued', name });
  const reads: TaskQuery[] = [];
  const tasks = store.tasks.bind(store);
  store.tasks = (query) => {
    reads.push(query);
    return tasks(query);
  };
  const query = { owner: null, status: null, limit: 1 };
  const ids: string[] = [];
  let before: number | null = null;
  do {
    const page = await listTasks(world.context, null, { ...query, name: 'rare', before });
    ids.push(...page.items.map(({ task_id }) => task_id));
    before = page.next_before;
  } while (before !== null);
  expect(ids).toEqual(['t200', 't100', 't0']);
  expect(reads.length).toBeLessThanOrEqual(4);
  reads.length = 0;
  // Of any name no more is read than is shown.
  await listTasks(world.context, null, { ...query, name: null, before: null });
  expect(reads).toMatchObject([{ limit: 1 }]);
});
