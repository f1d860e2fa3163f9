import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTidingsClient } from './create-client.ts';
import { inboxView } from './inbox-view.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { message, taskFrame } from './testing/frames.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

let server: ProtocolServer;
const unhandled = vi.fn();

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  process.on('unhandledRejection', unhandled);
});
afterEach(async () => {
  process.off('unhandledRejection', unhandled);
  await server.stop();
});

const throws = () => {
  throw new Error('mine');
};
const rejects = async () => {
  await Promise.resolve();
  throw new Error('mine, later');
};

test.each([
  ['told', () => {}],
  ['throwing', throws],
  ['rejecting', rejects],
])('handlers that throw or reject disturb nobody, whatever the logger does: %s', async (_, log) => {
  const logger = { warn: vi.fn(log), error: vi.fn(log) };
  const client = createTidingsClient({ url: server.url, clock: new FakeClock(), logger });
  const view = inboxView(client, { unread: true });
  const heard: string[] = [];
  for (const bad of [throws, rejects]) {
    client.on('user_message', bad);
    client.onState(bad);
    client.inbox.onChange(bad);
    client.tasks.onChange(bad);
    view.onChange(bad);
  }
  client.on('user_message', ({ id }) => heard.push(id));
  await client.connect();
  server.session.send(message('a', 1), taskFrame('t', 2), message('b', 3), { no: 'type' });
  await until(() => heard.length === 2);
  await new Promise((resolve) => setTimeout(resolve));
  expect(heard).toEqual(['a', 'b']);
  expect(client.tasks.get('t')?.rev).toBe(2);
  expect(logger.error.mock.calls.length).toBeGreaterThan(8);
  expect(unhandled).not.toHaveBeenCalled();
  view.close();
  client.disconnect();
});
