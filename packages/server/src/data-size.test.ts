import type { Task } from '@tidings/protocol';
import { toOutbox } from '@tidings/sender';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestDatabase } from '../testing/postgres.ts';
import { RunningServer } from '../testing/running-server.ts';
import { until } from '../testing/world.ts';

let database: TestDatabase;
let server: RunningServer;
beforeAll(async () => {
  database = await TestDatabase.create();
  server = await RunningServer.start({ database: database.url });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

/** An object of so many bytes as JSON. */
const dataOf = (bytes: number): Record<string, unknown> => ({ x: 'y'.repeat(bytes - 8) });
const atMost = 262_144;
const [largest, tooLarge] = [dataOf(atMost), dataOf(atMost + 1)];
const to = { user: 'ann' };
const sentence = (name: string) =>
  `"${name}" has ${atMost + 1} bytes as JSON, more than ${atMost}; keep it where it can be fetched, and send its address`;

test('data and results of more than 256 KiB are refused with a sentence, however they come, and 256 KiB are taken', async () => {
  const { tidings } = server;
  const { body } = await server.call('POST', '/api/v1/notifications', { to, data: largest });
  expect(body).toMatchObject({ id: expect.any(String) });
  await tidings.tasks.report('t', { data: largest });
  const byHttp: [string, string, object | object[], string][] = [
    ['POST', 'notifications', { to, data: tooLarge }, sentence('data')],
    ['POST', 'notifications/batch', [{ to }, { to, data: tooLarge }], `item 1: ${sentence('data')}`],
    ['PATCH', `notifications/${body.id}`, { data: tooLarge }, sentence('data')],
    ['POST', 'tasks', { data: tooLarge }, sentence('data')],
    ['PATCH', 'tasks/t', { data: tooLarge }, sentence('data')],
    ['PATCH', 'tasks/t', { status: 'completed', result: tooLarge }, sentence('result')],
  ];
  for (const [method, path, given, message] of byHttp) {
    const answer = await server.call(method, `/api/v1/${path}`, given);
    expect(answer, `${method} ${path}`).toMatchObject({ status: 413, body: { code: 'payload_too_large', message } });
  }
  const each = await server.call('POST', '/api/v1/notifications/batch?atomic=false', [{ to, data: tooLarge }, { to }]);
  expect(each.body.results).toMatchObject([{ error: { code: 'payload_too_large' } }, { id: expect.any(String) }]);

  const refused = (name: string) => ({ code: 'payload_too_large', message: sentence(name), retryable: false });
  await expect(tidings.notify({ to, data: tooLarge })).rejects.toMatchObject(refused('data'));
  await expect(tidings.tasks.report('t', { data: tooLarge })).rejects.toMatchObject(refused('data'));
  tidings.tasks.define('large', (context) => context.progress({ data: tooLarge }));
  const { task_id } = await tidings.tasks.start('large', null, {});
  const stateOf = async () => (await server.call('GET', `/api/v1/tasks/${task_id}`)).body;
  await expect.poll(stateOf).toMatchObject({ status: 'failed', error: sentence('data') });
});

test('what an application left in the database is refused alike, and stays with the reason', async () => {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(toOutbox({ to, data: tooLarge }));
  let left: { error: string | null }[] = [];
  while (!left[0]?.error) left = (await client.query('select error from tidings_outbox')).rows;
  await client.end();
  expect(left).toEqual([{ error: sentence('data') }]);
});

test('the largest frame there can be has less than 1,000,000 bytes', async () => {
  // Each of these characters has six bytes as JSON.
  const long = (length: number): string => '\u0001'.repeat(length);
  const sizes = new Map<string, number>();
  const socket = await server.join('big', { roles: ['ü'.repeat(256)], username: long(256) });
  socket.ws.on('message', (text) => {
    const { type } = JSON.parse(String(text));
    sizes.set(type, Math.max(sizes.get(type) ?? 0, String(text).length));
  });
  const names = { category: `c${'x'.repeat(63)}`, external_id: long(256), title: long(500), message: long(10_000) };
  const actions = [1, 2, 3, 4, 5].map((n) => ({ id: `a${'x'.repeat(62)}${n}`, label: long(80), style: 'primary' }));
  const task_id = long(256);
  const everything = { ...names, actions, task_id, expires_at: '2036-01-31T09:30:00Z', data: largest };
  const type = `t${'x'.repeat(63)}`;
  for (const kind of [type, 'notification']) {
    const sent = { to: { role: 'ü'.repeat(256) }, type: kind, ...everything };
    expect((await server.call('POST', '/api/v1/notifications', sent)).status).toBe(201);
  }
  const frame = await socket.got(type);
  socket.say({ action: 'answer', id: frame.id, action_id: actions[0]?.id, comment: long(1_000), ref: 1 });
  expect(await socket.got('reply')).toMatchObject({ ref: 1 });
  const report = { name: long(500), step: long(500), message: long(10_000), data: largest, owner: 'big' };
  for (const end of [
    { status: 'failed', error: long(10_000) },
    { status: 'processing' },
    { status: 'completed', result: largest },
  ]) {
    await server.tidings.tasks.report(task_id, { ...report, ...end } as object);
  }
  const isOver = () => socket.of(type).some(({ answer, task }) => answer && (task as Task).status === 'completed');
  await until(isOver);
  const largestOfAll = Math.max(...sizes.values());
  expect(sizes.get(type)).toBe(largestOfAll);
  expect(largestOfAll).toBeLessThan(1_000_000);
  expect(largestOfAll).toBeGreaterThan(900_000);
});
