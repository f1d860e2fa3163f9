import { createSender, type Task } from '@tidings/sender';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { until } from '../../../testing/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(() => server.stop());

const report = (id: string, body: object) => server.call('PATCH', `/api/v1/tasks/${id}`, body);

describe('the list of tasks', () => {
  test('is of one owner, one status and one name, in pages without gaps', async () => {
    for (const [id, owner, name, status] of [
      ['l1', '42', 'import', 'completed'],
      ['l2', '42', 'import', 'processing'],
      ['l3', '7', 'import', 'completed'],
      ['l4', '42', 'export', 'completed'],
      ['l5', '42', 'import', 'completed'],
      ['l6', '42', 'import', 'completed'],
    ] as const) {
      await report(id, { owner, name, status });
    }
    const sender = createSender({ url: server.url, apiKey });
    for (const { list } of [sender.tasks, server.tidings.tasks]) {
      const ids: string[] = [];
      const filter = { owner: '42', status: 'completed', name: 'import', limit: 2 } as const;
      for (let before: number | undefined; ; ) {
        const page = await list({ ...filter, ...(before === undefined ? {} : { before }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        ids.push(...page.items.map(({ task_id }) => task_id));
        if (page.next_before === null) break;
        before = page.next_before;
      }
      expect(ids).toEqual(['l6', 'l5', 'l1']);
    }
    await sender.close();
  });

  test('of another owner is empty to a user', async () => {
    await report('others', { owner: '42', progress: 1 });
    const listed = await server.callAs('43', 'GET', '/api/v1/tasks?owner=42');
    expect(listed).toMatchObject({ status: 200, body: { items: [], next_before: null } });
  });
});

describe('the wait for a task', () => {
  test('is over when it changes or has ended, and at once for what has changed before', async () => {
    const { rev } = (await report('w', { progress: 5 })).body as Task;
    const changed = server.call('GET', `/api/v1/tasks/w?after=${rev}&wait=60`);
    const ended = server.call('GET', '/api/v1/tasks/w?wait=60');
    const next = (await report('w', { progress: 6 })).body as Task;
    expect((await changed).body).toMatchObject({ progress: 6, rev: next.rev });
    expect((await server.call('GET', `/api/v1/tasks/w?after=${rev}&wait=60`)).body).toMatchObject({ rev: next.rev });
    await report('w', { status: 'completed' });
    expect((await ended).body).toMatchObject({ status: 'completed' });
  });

  test('is not for users, nor for what is not known', async () => {
    await report('mine', { owner: '42', progress: 5 });
    const asUser = await server.callAs('42', 'GET', '/api/v1/tasks/mine?wait=5');
    expect(asUser).toMatchObject({ status: 400, body: { message: expect.stringContaining('is for back ends') } });
    expect((await server.call('GET', '/api/v1/tasks/unheard?wait=60')).status).toBe(404);
  });
});

describe('a watch of a task', () => {
  const senders = [
    ['over HTTP', () => createSender({ url: server.url, apiKey })],
    ['in the process', () => server.tidings],
  ] as const;

  test.each(senders)('%s sees a cancel that is asked for, and resolves with the end', async (where, open) => {
    const { tasks } = open();
    const id = `watched ${where}`;
    await tasks.report(id, { progress: 10 });
    const seen: Task[] = [];
    const end = tasks.watch(id, (task) => seen.push(task));
    await until(() => seen.length === 1);
    await tasks.cancel(id);
    await until(() => seen.some(({ cancel_requested }) => cancel_requested));
    await tasks.report(id, { status: 'cancelled', message: 'As asked' });
    expect(await end).toMatchObject({ status: 'cancelled', message: 'As asked' });
    expect(seen.at(-1)).toEqual(await end);
    expect(seen.map(({ rev }) => rev)).toEqual([...new Set(seen.map(({ rev }) => rev))].sort((a, b) => a - b));
  });

  test.each(senders)(
    '%s ends with its signal, with what its caller throws, and for what is not known',
    async (where, open) => {
      const { tasks } = open();
      const id = `left ${where}`;
      await tasks.report(id, { progress: 10 });
      const leaving = new AbortController();
      const left = tasks.watch(id, () => leaving.abort(new Error('had enough')), { signal: leaving.signal });
      await expect(left).rejects.toThrow('had enough');
      const failed = tasks.watch(id, () => {
        throw new Error('the screen is broken');
      });
      await expect(failed).rejects.toThrow('the screen is broken');
      await expect(tasks.watch('unheard', () => {})).rejects.toMatchObject({ code: 'not_found' });
    },
  );

  test('goes on when the server is back', async () => {
    const warned: string[] = [];
    const sender = createSender({ url: server.url, apiKey, logger: { warn: (text) => warned.push(text) } });
    await sender.tasks.report('long', { progress: 10 });
    const seen: Task[] = [];
    const end = sender.tasks.watch('long', (task) => seen.push(task));
    await until(() => seen.length === 1);
    await server.restart(async () => {});
    await sender.tasks.report('long', { status: 'completed', result: { rows: 3 } });
    expect(await end).toMatchObject({ status: 'completed', result: { rows: 3 } });
    await sender.close();
  });
});
