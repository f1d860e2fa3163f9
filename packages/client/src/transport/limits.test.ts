import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTidings } from '@tidings/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { createTidingsClient } from '../create-client.ts';
import { eventStreamTransport, longPollTransport, webSocketTransport } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidings-limits-'));
let tidings: Awaited<ReturnType<typeof createTidings>>;
let url: string;
let user = 0;

beforeAll(async () => {
  tidings = await createTidings({
    database: `sqlite:${prepared(join(folder, 'tidings.db'))}`,
    dev: true,
    limits: { workBurst: 500, workPerSecond: 200 },
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
    // A machine that is slow for a moment stays below the limit: it is asked for more then.
    do {
      await Promise.all([
        client.inbox.markRead(ids),
        client.inbox.markUnread(ids),
        client.inbox.markRead(ids.slice(0, 200)),
        client.inbox.archive(ids.slice(0, 50)),
      ]);
    } while (refused.length === 0);
    expect(refused.every((ms) => Number(ms) >= 1)).toBe(true);
    expect(await client.request({ action: 'unread_count' })).toMatchObject({ unread_count: 100 });
  },
);

test('a poll that is refused is closed by the code of its limit: connections at once, or in a short time', async () => {
  const other = await createTidings({
    database: `sqlite:${prepared(join(folder, 'other.db'))}`,
    dev: true,
    limits: { maxConnectionsPerUser: 1, workBurst: 25, workPerSecond: 1 },
  });
  const at = (await other.listen({ port: 0 })).url;
  const ends: (() => void)[] = [];
  /** The close of a poll, or null once a frame has come. */
  const poll = (name: string) =>
    new Promise<{ code: number; reason: string } | null>((resolve) => {
      const connection = longPollTransport().connect(
        { url: new URL(at), token: '', query: { user: name } },
        { receive: () => resolve(null), closed: resolve },
      );
      ends.push(() => connection.close());
    });
  try {
    const held = new WebSocket(`${at.replace('http', 'ws')}/ws/?user=one`);
    ends.push(() => held.close());
    await new Promise((opened) => held.addEventListener('message', opened, { once: true }));
    expect(await poll('one')).toEqual({ code: 4409, reason: expect.anything() });
    expect(await poll('many')).toBeNull();
    for (const end of ends.splice(1)) end();
    await poll('many');
    const refused = await poll('many');
    expect(refused?.code).toBe(4429);
    expect(JSON.parse(refused?.reason ?? '').retry_after_ms).toBeGreaterThan(0);
  } finally {
    for (const end of ends) end();
    await other.close();
  }
});
