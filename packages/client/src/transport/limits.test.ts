import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings } from '@tidings/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { createTidingsClient } from '../create-client.ts';
import { eventStreamTransport, webSocketTransport } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidings-limits-'));
let tidings: Awaited<ReturnType<typeof createTidings>>;
let url: string;
let user = 0;

beforeAll(async () => {
  tidings = await createTidings({
    database: `sqlite:${prepared(join(folder, 'tidings.db'))}`,
    dev: true,
    limits: { workBurst: 500, workPerSecond: 500 },
  });
  url = (await tidings.listen({ port: 0 })).url;
});
afterAll(async () => {
  await tidings.close();
  rmSync(folder, { recursive: true });
});

test.concurrent.for([
  ['a WebSocket', webSocketTransport],
  ['HTTP', eventStreamTransport],
] as const)(
  'a client over %s waits for as long as its server says, and does all that it was asked for, in order',
  async ([, transport], { onTestFinished }) => {
    const name = `${++user}`;
    const client = createTidingsClient({ url, query: { user: name }, transport: transport() });
    onTestFinished(() => client.disconnect());
    const refused: unknown[] = [];
    const ids = Array.from({ length: 300 }, (_, n) => `${name}-${n}`);
    await Promise.all(
      ids.map((external_id) => tidings.notify({ to: { user: name }, external_id, title: external_id })),
    );
    await client.connect();
    client.on('error', ({ retry_after_ms }) => refused.push(retry_after_ms));
    await Promise.all([
      client.inbox.markRead(ids),
      client.inbox.markUnread(ids),
      client.inbox.markRead(ids.slice(0, 200)),
      client.inbox.archive(ids.slice(0, 50)),
    ]);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((ms) => Number(ms) >= 1)).toBe(true);
    expect(await client.request({ action: 'unread_count' })).toMatchObject({ unread_count: 100 });
  },
);
