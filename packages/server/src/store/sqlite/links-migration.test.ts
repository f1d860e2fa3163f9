import { expect, test } from 'vitest';
import { beforeLinks, migrated } from '../../../testing/older-schema.ts';
import { put } from '../../../testing/temp-store.ts';

test('notifications that stood with their task before stand linked to it, but for those that were retracted', async ({
  onTestFinished,
}) => {
  const task = (id: string, state: object) =>
    put({ id: `task:${id}`, kind: 'task', state: JSON.stringify({ task_id: id, ...state }), alert: 'never' });
  const records = [
    ...['a', 'b', 'c', 'other'].map((id) => put({ id })),
    put({ id: 'gone', kind: 'retracted' }),
    task('t', { living: ['a', 'gone', 'b'] }),
    task('u', { living: ['c'] }),
    task('none', { living: [] }),
    task('older', {}),
  ];
  const after = await migrated(onTestFinished, (before) => before.commit(records), beforeLinks);
  const linkedTo = async (taskId: string) => (await after.linkedTo(taskId)).map(({ id }) => id);
  expect(await linkedTo('t')).toEqual(['a', 'b']);
  expect(await linkedTo('u')).toEqual(['c']);
  expect([await after.linkCount('t'), await after.linkCount('none'), await after.linkCount('older')]).toEqual([
    2, 0, 0,
  ]);
});
