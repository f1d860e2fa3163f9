import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings } from '@tidings/server';
import { expect, onTestFinished, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { createTidingsClient } from '../create-client.ts';
import { eventStreamTransport } from './index.ts';

test('a client over HTTP waits for as long as its server says, and does all that it was asked for, in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-limits-'));
  const refused: number[] = [];
  const tidings = await createTidings({
    database: `sqlite:${prepared(join(folder, 'tidings.db'))}`,
    dev: true,
    limits: { workBurst: 100, workPerSecond: 400 },
  });
  const { url } = await tidings.listen({ port: 0 });
  const noting: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    if (response.status === 429) refused.push(Number(response.headers.get('retry-after')));
    return response;
  };
  const client = createTidingsClient({
    ...{ url, query: { user: '1' }, fetch: noting },
    transport: eventStreamTransport(noting),
  });
  onTestFinished(async () => {
    client.disconnect();
    await tidings.close();
    rmSync(folder, { recursive: true });
  });
  const ids = Array.from({ length: 300 }, (_, n) => `n${n}`);
  await Promise.all(ids.map((external_id) => tidings.notify({ to: { user: '1' }, external_id, title: external_id })));
  await client.connect();
  await Promise.all([
    client.inbox.markRead(ids),
    client.inbox.markUnread(ids),
    client.inbox.markRead(ids.slice(0, 200)),
    client.inbox.archive(ids.slice(0, 50)),
  ]);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((seconds) => seconds >= 1)).toBe(true);
  expect(await client.request({ action: 'unread_count' })).toMatchObject({ unread_count: 100 });
});
