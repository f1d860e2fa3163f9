import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { beforeDeliveries, migrated } from '../../../testing/older-schema.ts';
import { put } from '../../../testing/temp-store.ts';

test('callbacks that were yet to be posted become deliveries with the rev in them, and nothing older is posted again', async ({
  onTestFinished,
}) => {
  const event = {
    type: 'notification.answered',
    timestamp: '2026-01-02T03:04:05.000Z',
    data: { id: 'x', comment: '"' },
  };
  const withCallback = (database: Database.Database) => {
    beforeDeliveries(database);
    database
      .prepare('insert into callbacks (id, url, body, attempts, due_at, at) values (?, ?, ?, ?, ?, ?)')
      .run('answer:x:17', 'https://app.example.com/a', JSON.stringify(event), 2, 40, 30);
  };
  const after = await migrated(
    onTestFinished,
    (before) => before.commit([put({ id: 'a' }), put({ id: 'b' })]),
    withCallback,
  );
  expect(await after.dueReceivers('webhooks')).toEqual(['https://app.example.com']);
  expect(await after.takeDeliveries('webhooks', 'https://app.example.com', 10, 1_000)).toEqual([
    {
      ...{ id: 'answer:x:17', channel: 'webhooks', target: 'https://app.example.com/a', attempt: 3, at: 30 },
      receiver: 'https://app.example.com',
      body: JSON.stringify({ ...event, data: { ...event.data, rev: 17 } }),
    },
  ]);
  expect(await after.leaseConsumer('webhooks', 1_000)).toMatchObject({ cursor: 2 });
});
