import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TestDatabase } from '../../../testing/postgres.ts';
import type { WhenFinished } from '../../../testing/store-fixture.ts';
import { TaskNode } from '../../../testing/task-node.ts';
import { until } from '../../../testing/world.ts';
import { Scheduler } from '../../jobs/scheduler.ts';
import { systemClock } from '../../jobs/system-clock.ts';
import { createTidings } from '../../server.ts';
import { silent } from '../../telemetry/events.ts';

/** Servers on one database, each started when it is asked for. */
async function oneDatabase(whenFinished: WhenFinished) {
  const database = await TestDatabase.create();
  whenFinished(() => database.drop());
  return async (limits: { taskConcurrency?: number } = {}) => {
    const tidings = await createTidings({ database: database.url, limits });
    whenFinished(() => tidings.close());
    return tidings;
  };
}

/** The same with a job that goes on until the test ends it; `begun` says where, and with which input. */
async function serversAtWork(whenFinished: WhenFinished) {
  const start = await oneDatabase(whenFinished);
  const begun: string[] = [];
  const work = Promise.withResolvers<string>();
  const server = async (name: string) => {
    const tidings = await start({ taskConcurrency: 1 });
    tidings.tasks.define('job', ({ input }) => {
      begun.push(`${name}: ${input}`);
      return work.promise;
    });
    return tidings;
  };
  return { server, begun, work };
}

test.concurrent('a second server leaves alone what the first one runs', async ({ onTestFinished, expect }) => {
  const { server, begun, work } = await serversAtWork(onTestFinished);
  const first = await server('first');
  const { task_id } = await first.tasks.start('job', 'at work');
  await until(() => begun.length === 1);
  await first.tasks.start('job', 'queued');
  await server('second');
  // The second server has looked for work by the time that it begins what waits.
  await until(() => begun.length === 2);
  expect(await first.tasks.get(task_id)).toMatchObject({ status: 'processing', attempt: 1 });
  work.resolve('of the first');
  await expect.poll(async () => (await first.tasks.get(task_id)).status).toBe('completed');
  expect(await first.tasks.get(task_id)).toMatchObject({ attempt: 1, result: 'of the first' });
  expect(begun).toEqual(['first: at work', 'second: queued']);
});

test.concurrent('a server that has room takes what another has queued', async ({ onTestFinished, expect }) => {
  const { server, begun, work } = await serversAtWork(onTestFinished);
  const first = await server('first');
  await server('second');
  for (let n = 0; n < 2; n++) await first.tasks.start('job', n);
  await until(() => begun.length === 2);
  expect(begun).toEqual(['first: 0', 'second: 1']);
  work.resolve('done');
});

test.concurrent('what is begun again by a server that cannot run it is run by one that can', async ({
  onTestFinished,
  expect,
}) => {
  const server = await oneDatabase(onTestFinished);
  const [able, other] = [await server(), await server()];
  const attempts: number[] = [];
  able.tasks.define('job', ({ attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw new Error('not yet');
    return 'done';
  });
  const { task_id } = await able.tasks.start('job', null);
  await expect.poll(async () => (await other.tasks.get(task_id)).status).toBe('failed');
  await other.tasks.report(task_id, { status: 'queued' });
  await expect.poll(async () => (await other.tasks.get(task_id)).status).toBe('completed');
  expect(attempts).toEqual([1, 2]);
});

describe.concurrent('a task whose process', () => {
  async function process(whenFinished: WhenFinished) {
    const database = await TestDatabase.create();
    whenFinished(() => database.drop());
    const script = fileURLToPath(new URL('../../../testing/task-process.ts', import.meta.url));
    const child = spawn(execPath, ['--conditions=tidings-source', script, database.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    whenFinished(async () => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async () => (await lines.next()).value as string;
    expect(await line()).toBe('begun');
    return { database, child, line };
  }

  async function takeOver(database: TestDatabase, whenFinished: WhenFinished) {
    const store = database.store();
    await store.open();
    const node = await TaskNode.begin(store, { now: Date.now() }, undefined, 3_000);
    const scheduler = new Scheduler([{ name: 'tasks', everyMs: 300, run: () => node.runner.poll() }], {
      ...{ clock: systemClock, telemetry: silent },
    });
    scheduler.start();
    whenFinished(async () => {
      await scheduler.stop();
      await node.stop();
      await store.close();
    });
    const work = Promise.withResolvers<string>();
    const attempts: number[] = [];
    node.definitions.define('job', ({ attempt }) => {
      attempts.push(attempt);
      return work.promise;
    });
    const state = async () => (await node.tasks.get('t'))?.state;
    return { attempts, work, state };
  }

  test.concurrent('is killed goes on in another one after the lease', async ({ onTestFinished, expect }) => {
    const { database, child } = await process(onTestFinished);
    child.kill('SIGKILL');
    const { attempts, work, state } = await takeOver(database, onTestFinished);
    await until(() => attempts.length === 1);
    expect(attempts).toEqual([2]);
    work.resolve('of the second');
    await expect.poll(state).toMatchObject({ status: 'completed', result: 'of the second', attempt: 2 });
  });

  test.concurrent('is frozen, and comes back too late, ends by the one that took it over', async ({
    onTestFinished,
    expect,
  }) => {
    const { database, child, line } = await process(onTestFinished);
    child.kill('SIGSTOP');
    const { attempts, work, state } = await takeOver(database, onTestFinished);
    await until(() => attempts.length === 1);
    child.kill('SIGCONT');
    expect(await line()).toBe('lost');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await state()).toMatchObject({ status: 'processing', result: null, attempt: 2 });
    work.resolve('of the second');
    await expect.poll(state).toMatchObject({ status: 'completed', result: 'of the second', attempt: 2 });
    expect(attempts).toEqual([2]);
  });
});
