import { afterAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../server/testing/running-server.ts';
import { createSender, type Sender } from './index.ts';

const server = await RunningServer.start();
const warnings: string[] = [];
const logger = { warn: (message: string) => void warnings.push(message) };
const overHttp = createSender({ url: server.url, apiKey, logger });
afterAll(async () => {
  await overHttp.close();
  await server.stop();
});

let made = 0;

describe.each([
  ['over HTTP', () => overHttp],
  ['in process', () => server.tidings as Pick<Sender, 'tasks'>],
])('the log of a task, %s', (_, senderOf) => {
  async function aTask(): Promise<string> {
    const id = `log/${++made}`;
    await senderOf().tasks.report(id, { status: 'processing' });
    return id;
  }

  test('what nobody waits for is stored in order, before the end of the task', async () => {
    const { tasks } = senderOf();
    const id = await aTask();
    const chunks = Array.from({ length: 5_000 }, (_, n) => `${n} 🦉`);
    tasks.log(id, 'begin', { level: 'debug' });
    for (const chunk of chunks) for (const half of [chunk.slice(0, -1), chunk.slice(-1)]) tasks.stream(id, half);
    tasks.log(id, 'end', { level: 'warn' });
    const [ended, restarted] = await Promise.all([
      tasks.report(id, { status: 'completed', result: 1 }),
      tasks.report(id, { status: 'processing', restart: true }),
    ]);
    expect([ended.status, restarted.attempt]).toEqual(['completed', 2]);
    await tasks.log(id, 'again');
    const { items, has_more } = await tasks.readLog(id, { limit: 1_000 });
    expect(has_more).toBe(false);
    expect(items.map(({ text }) => text).join('') === `begin${chunks.join('')}endagain`).toBe(true);
    expect([items[0]?.level, items.at(-2)?.level, items.at(-1)?.attempt]).toEqual(['debug', 'warn', 2]);
    expect(items.length).toBeLessThan(20);
    expect((await tasks.readLog(id, { after: 1, limit: 1 })).items[0]?.seq).toBe(2);
    expect((await tasks.readLog(id, { level: 'warn' })).items).toHaveLength(1);
  });

  test('what is given for an attempt is refused once that is over', async () => {
    const { tasks } = senderOf();
    const id = await aTask();
    await tasks.log(id, 'first', { attempt: 1 });
    await tasks.report(id, { status: 'completed' });
    await tasks.report(id, { status: 'processing', restart: true });
    const added = await Promise.allSettled([
      tasks.log(id, 'late', { attempt: 1 }),
      tasks.stream(id, 'late', { attempt: 1 }),
      tasks.log(id, 'second', { attempt: 2 }),
      tasks.stream(id, 'of any'),
    ]);
    const isOver = { status: 'rejected', reason: { code: 'conflict' } };
    const isStored = { status: 'fulfilled' };
    expect(added).toMatchObject([isOver, isOver, isStored, isStored]);
    const { items } = await tasks.readLog(id);
    expect(items.map(({ text, attempt }) => `${attempt} ${text}`).sort()).toEqual(['1 first', '2 of any', '2 second']);
    const last = [tasks.log(id, 'end', { attempt: 2 }), tasks.log(id, 'end of any')];
    await tasks.report(id, { status: 'completed' });
    await Promise.all(last);
    for (const attempt of [0, 1.5, '2']) {
      const bad = tasks.log(id, 'x', { attempt: attempt as number });
      await expect(bad).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining(`${attempt}`) });
    }
  });

  test('a bad call is refused by itself, with what is wrong', async () => {
    const { tasks } = senderOf();
    const id = await aTask();
    const good = [tasks.log(id, 'a'), tasks.stream(id, 'b')];
    const refused: [unknown, object | undefined, string, string][] = [
      [undefined, undefined, 'bad_request', 'needs a text'],
      [7, undefined, 'bad_request', 'needs a text'],
      ['a\0b', undefined, 'bad_request', 'NUL'],
      ['a\ud83eb', undefined, 'bad_request', 'halves'],
      ['a', { level: Number.NaN }, 'bad_request', 'NaN'],
      ['é'.repeat(32_769), undefined, 'payload_too_large', '65538'],
    ];
    for (const [line, options, code, part] of refused) {
      const error = { code, message: expect.stringContaining(part) };
      await expect(tasks.log(id, line as string, options)).rejects.toMatchObject(error);
      if (code === 'bad_request') await expect(tasks.stream(id, line as string, options)).rejects.toMatchObject(error);
    }
    await Promise.all(good);
    expect((await tasks.readLog(id)).items.map(({ text }) => text)).toEqual(['a', 'b']);
    await expect(tasks.log('unknown', 'a')).rejects.toMatchObject({ code: 'not_found' });
    await expect(tasks.readLog('unknown')).rejects.toMatchObject({ code: 'not_found' });
    await tasks.report(id, { status: 'failed', error: 'x' });
    await expect(tasks.stream(id, 'late')).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('a sender that is closed stores what it was given first, and a failure that nobody awaits is logged', async () => {
  const id = `log/${++made}`;
  const sender = createSender({ url: server.url, apiKey, logger });
  await sender.tasks.report(id, { status: 'processing' });
  sender.tasks.stream(id, 'last words');
  sender.tasks.log('unknown', 'lost');
  await sender.close();
  expect((await overHttp.tasks.readLog(id)).items.map(({ text }) => text)).toEqual(['last words']);
  expect(warnings).toEqual([expect.stringContaining('tasks.log: there is no task "unknown"')]);
});

test('a line that the server finds too large takes no other with it', async () => {
  const strict = await RunningServer.start({ limits: { taskLogEntryBytes: 50_000 } });
  const sender = createSender({ url: strict.url, apiKey, logger });
  await sender.tasks.report('large', { status: 'processing' });
  const lines = ['before', 'y'.repeat(50_001), 'after'].map((line) => sender.tasks.log('large', line));
  expect((await Promise.allSettled(lines)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(lines[1]).rejects.toMatchObject({ code: 'payload_too_large' });
  expect((await sender.tasks.readLog('large')).items.map(({ text }) => text)).toEqual(['before', 'after']);
  await sender.close();
  await strict.stop();
});
