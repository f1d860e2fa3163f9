import { afterEach, expect, test, vi } from 'vitest';
import { getTidingsClient, getWebSocketClient } from './index.ts';

afterEach(() => vi.unstubAllGlobals());

test('without a window each caller gets a client of its own that never connects', async () => {
  const client = getTidingsClient();
  expect(client).not.toBe(getTidingsClient());
  await client.connect('token');
  expect(client.state.status).toBe('idle');
  expect(client.inbox.getSnapshot()).toBe(client.inbox.getSnapshot());
  await expect(client.request({ action: 'ping' })).rejects.toMatchObject({ code: 'unavailable' });
});

test('a page has one client, under both names', () => {
  vi.stubGlobal('window', globalThis);
  const client = getTidingsClient({ url: 'http://127.0.0.1:1' });
  expect(getTidingsClient()).toBe(client);
  expect(getWebSocketClient()).toBe(client);
});
