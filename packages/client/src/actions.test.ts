import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TidingsClient } from './client.ts';
import { createTidingsClient } from './create-client.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { taskFrame } from './testing/frames.ts';
import { ProtocolServer } from './testing/protocol-server.ts';
import { until } from './testing/until.ts';

let server: ProtocolServer;
let clock: FakeClock;
let client: TidingsClient;
const logger = { warn: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  server = await ProtocolServer.start((session) => session.welcome());
  clock = new FakeClock();
  client = createTidingsClient({ url: server.url, clock, logger, random: () => 0.5 });
});
afterEach(async () => {
  client.disconnect();
  vi.clearAllMocks();
  await server.stop();
});

async function reconnect(): Promise<void> {
  server.session.terminate();
  await until(() => client.state.status === 'reconnecting');
  clock.advance(500);
  await until(() => client.state.status === 'connected');
}
const named = () => server.session.actions.map(({ action, task_id }) => (task_id ? `${action} ${task_id}` : action));

test('an action asked for before connecting waits, and resolves with the reply', async () => {
  const listed = client.request({ action: 'list', limit: 5 });
  await client.connect();
  expect(await listed).toMatchObject({ type: 'reply' });
  expect(server.session.actions).toEqual([{ action: 'list', limit: 5, ref: expect.anything() }]);
});

test('an error rejects who asked, with the code of the server', async () => {
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  const cancelled = client.tasks.cancel('t1');
  await until(() => server.session.actions.length === 1);
  const { ref } = server.session.actions[0] ?? {};
  server.session.send({ type: 'error', ref, code: 'not_found', message: 'no task t1', docs_url: '' });
  await expect(cancelled).rejects.toMatchObject({ name: 'TidingsError', code: 'not_found', message: 'no task t1' });
});

test('sends again what a lost connection left unanswered, but nothing that would then happen twice', async () => {
  server.onSession = (session) => {
    session.answers = server.sessions.length > 1;
    session.welcome();
  };
  await client.connect();
  const read = client.inbox.markRead('a');
  const sent = client.request({ action: 'send', room: 'r', event: 'e' });
  const rejected = expect(sent).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await until(() => server.session.actions.length === 2);
  await reconnect();
  await read;
  await rejected;
  expect(named()).toEqual(['mark_read']);
});

test('what waits is rejected when the client is closed, and so is what is asked then', async () => {
  const waiting = client.request({ action: 'ping' });
  const rejected = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  client.disconnect();
  await rejected;
  await expect(client.request({ action: 'ping' })).rejects.toMatchObject({ code: 'unavailable' });
});

test('follows a task asked for before connecting, once however often it was asked for', async () => {
  const offs = [client.subscribe('t1'), client.subscribe('t1')];
  await client.connect();
  await until(() => server.session.actions.length === 1);
  offs[0]?.();
  offs[0]?.();
  await client.request({ action: 'ping' });
  expect(named()).toEqual(['subscribe t1', 'ping']);
  offs[1]?.();
  await client.request({ action: 'ping' });
  expect(named()).toEqual(['subscribe t1', 'ping', 'unsubscribe t1', 'ping']);
});

test('names a followed task on resuming, and subscribes anew to one whose answer did not come', async () => {
  await client.connect();
  client.subscribe('t1');
  await until(() => server.session.actions.length === 1);
  await client.request({ action: 'ping' });
  server.session.answers = false;
  client.subscribe('t2');
  await until(() => server.session.actions.length === 3);
  await reconnect();
  expect(server.session.query.get('topics')).toBe('task:t1');
  await until(() => named().length > 0);
  expect(named()).toEqual(['subscribe t2']);
});

test('follows anew where the server cannot go on from the cursor', async () => {
  await client.connect();
  client.subscribe('t1');
  await client.request({ action: 'ping' });
  server.onSession = (session) => {
    session.establish({ recovered: false });
    session.sync('new:1');
  };
  await reconnect();
  await until(() => named().includes('subscribe t1'));
});

test('a snapshot that is sent again after resubscribing is no news', async () => {
  const revs: number[] = [];
  client.on('task_update', ({ rev }) => revs.push(rev));
  await client.connect();
  client.subscribe('t1');
  await client.request({ action: 'ping' });
  server.session.send(taskFrame('t1', 3, { snapshot: true }));
  await until(() => client.tasks.get('t1') !== undefined);
  await reconnect();
  server.session.send(taskFrame('t1', 3, { snapshot: true }), taskFrame('t1', 4));
  await until(() => client.tasks.get('t1')?.rev === 4);
  expect(revs).toEqual([3, 4]);
});

test('says that a task cannot be followed, and asks again on the next connection', async () => {
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  client.subscribe('secret');
  await until(() => server.session.actions.length === 1);
  const { ref } = server.session.actions[0] ?? {};
  server.session.send({ type: 'error', ref, code: 'not_found', message: 'no such task', docs_url: '' });
  await until(() => logger.warn.mock.calls.length === 1);
  expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('secret'));
  await reconnect();
  await until(() => named().includes('subscribe secret'));
});

test('subscribes to many tasks at the pace a server allows, and to those again that it had no room for', async () => {
  server.onSession = (session) => {
    session.answers = false;
    session.welcome();
  };
  await client.connect();
  for (let n = 0; n < 150; n++) client.subscribe(`t${n}`);
  await until(() => server.session.actions.length === 20);
  const [first, ...others] = server.session.actions;
  server.session.send({ type: 'error', ref: first?.ref, code: 'too_many', message: 'slow down', docs_url: '' });
  for (const { ref } of others) server.session.send({ type: 'reply', ref });
  const last = new Promise<void>((resolve) => client.on('reply', ({ ref }) => ref === others.at(-1)?.ref && resolve()));
  await last;
  server.session.answers = true;
  await client.request({ action: 'ping' });
  expect(server.session.actions).toHaveLength(21);
  clock.advance(2_000);
  await until(() => server.session.actions.length >= 150);
  clock.advance(1_000);
  await until(() => server.session.actions.length === 152);
  expect(named().filter((name) => name === 'subscribe t0')).toHaveLength(2);
});

test('names no more topics in an address than fit, and subscribes to the rest', async () => {
  await client.connect();
  const tasks = Array.from({ length: 100 }, (_, n) => `${n}-${'x'.repeat(100)}`);
  for (const task of tasks) client.subscribe(task);
  await until(() => named().length === 100);
  await client.request({ action: 'ping' });
  await reconnect();
  const topics = server.session.query.get('topics') ?? '';
  expect(topics.length).toBeLessThanOrEqual(4_000);
  await until(() => named().length + topics.split(',').length === 100);
});
