import { describe, expect, test } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openerOf } from '../../testing/store-fixture.ts';
import { TaskNode } from '../../testing/task-node.ts';
import type { Store } from '../domain/ports.ts';
import { cancelNotification, getNotification, retractNotification } from './notifications.ts';

describe.each(databases)('taking back, on $name', ({ fixture }) => {
  const open = openerOf(fixture);

  test('what is released while it is being cancelled is out, and stays; retracting takes it back all the same', async ({
    onTestFinished,
  }) => {
    const { store, clock } = await open(onTestFinished);
    const node = await TaskNode.begin(store, clock);
    onTestFinished(() => node.stop());
    const soon = 1_000;
    const schedule = () => node.notify({ deliver_at: new Date(clock.now + soon).toISOString() });
    /** The store, where what is due is released after a record was read and before its next version is written. */
    const slow: Pick<Store, 'record' | 'commit'> = {
      record: (id) => store.record(id),
      async commit(writes, options) {
        clock.now += soon;
        await node.dueJobs.run();
        return store.commit(writes, options);
      },
    };
    const context = { ...node.context, store: slow as Store };
    const cancelled = await schedule();
    const refused = { code: 'conflict', message: expect.stringContaining('was delivered already') };
    await expect(cancelNotification(context, cancelled.id)).rejects.toMatchObject(refused);
    expect((await getNotification(node.context, cancelled.id)).status).toBe('live');
    const other = await schedule();
    await retractNotification(context, other.id);
    expect((await getNotification(node.context, other.id)).status).toBe('retracted');
    expect(await node.person('ann').unread()).toBe(1);
  });
});
