import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { prepared } from '../../../../../testing/prepared.ts';
import { databases } from '../../../testing/databases.ts';
import { openerOf, type WhenFinished } from '../../../testing/store-fixture.ts';
import { identity, TaskNode } from '../../../testing/task-node.ts';
import { sqliteStore, TempFolder } from '../../../testing/temp-store.ts';
import { tick, until } from '../../../testing/world.ts';
import { answerNotification, answersSince } from '../../commands/answers.ts';
import { retractNotification } from '../../commands/notifications.ts';
import { cancelTask, retryTask } from '../../commands/tasks.ts';
import type { Store } from '../../domain/ports.ts';
import type { TaskContext, TaskQuestion } from '../task-context.ts';

const actions = [
  { id: 'approve', label: 'Approve' },
  { id: 'reject', label: 'Reject' },
];
const question: TaskQuestion = { title: 'Transfer 7', message: 'Book it?', actions };
const transfer = { owner: 'ann', taskId: 't' };

/** The notification that asks for a task, once there is one. */
async function asking(node: TaskNode, taskId = 't', count = 1): Promise<string> {
  for (;;) {
    const task = (await node.tasks.get(taskId))?.state;
    if (task?.status === 'waiting' && task.questions.length >= count) return task.questions.at(-1)?.notification ?? '';
    await tick();
  }
}

async function ended(node: TaskNode, taskId = 't') {
  for (;;) {
    const state = (await node.tasks.get(taskId))?.state;
    if (state?.ended_at) return state;
    await tick();
  }
}

const answer = (node: TaskNode, user: string, id: string, action_id: string) =>
  answerNotification(node.context, identity(user), { id, action_id });

describe.each(databases)('a handler that asks, on $name', ({ fixture }) => {
  const open = openerOf(fixture);
  async function start(whenFinished: WhenFinished) {
    const opened = await open(whenFinished);
    const begin = async (store: Store) => {
      const node = await TaskNode.begin(store, opened.clock);
      whenFinished(() => node.stop());
      return node;
    };
    const node = await begin(opened.store);
    /** Begins the next process on the same store; the last one is stopped first. */
    async function restart(last: TaskNode): Promise<TaskNode> {
      await last.stop();
      await last.store.close();
      return begin(await opened.again());
    }
    return { ...opened, node, restart };
  }

  test('waits, shows the question as a linked notification, and goes on with the answer', async ({
    onTestFinished,
  }) => {
    const { node } = await start(onTestFinished);
    node.definitions.define('transfer', async ({ ask, progress }) => {
      await progress({ progress: 40 });
      const { action_id, username } = await ask(question);
      await progress({ progress: 80 });
      return `${action_id} by ${username}`;
    });
    await node.runner.start('transfer', null, transfer);
    const id = await asking(node);
    expect(await node.frame(id)).toMatchObject({
      ...{ type: 'user_notification', title: 'Transfer 7', actions, task: { status: 'waiting', progress: 40 } },
    });
    expect(await node.person('ann').list()).toEqual([id]);
    await answer(node, 'ann', id, 'approve');
    expect((await ended(node)).result).toBe('approve by ann@example');
    expect(await node.frame(id)).toMatchObject({ answer: { action_id: 'approve' }, task: { status: 'completed' } });
  });

  test('asks whom it names, whose answer is heard on any node', async ({ onTestFinished }) => {
    const { node, another, clock, store } = await start(onTestFinished);
    const other = await another();
    const there = other === store ? node : await TaskNode.begin(other, clock, node.broker);
    node.definitions.define(
      'transfer',
      async ({ ask }) => (await ask({ ...question, to: { users: ['bob', 'carl'] } })).user_id,
    );
    await node.runner.start('transfer', null, transfer);
    const id = await asking(node);
    await expect(answer(there, 'ann', id, 'approve')).rejects.toMatchObject({ code: 'not_found' });
    await answer(there, 'carl', id, 'reject');
    expect((await ended(node)).result).toBe('carl');
  });

  test('a restart asks nobody twice: the question goes on, and the handler gets its answer', async ({
    onTestFinished,
  }) => {
    const { node, restart } = await start(onTestFinished);
    const attempts: number[] = [];
    const handler = async ({ ask, attempt }: TaskContext<never>) => {
      attempts.push(attempt);
      return (await ask(question)).action_id;
    };
    node.definitions.define('transfer', handler);
    await node.runner.start('transfer', null, transfer);
    const id = await asking(node);
    let next = node;
    // More often than a task that is interrupted at work would be run.
    for (let n = 0; n < 3; n++) {
      next = await restart(next);
      await next.runner.poll();
      next.definitions.define('transfer', handler);
      await until(() => attempts.length === n + 2);
      expect(await asking(next)).toBe(id);
    }
    await answer(next, 'ann', id, 'reject');
    expect(await ended(next)).toMatchObject({ status: 'completed', result: 'reject', attempt: 4 });
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(await next.person('ann').list()).toEqual([id]);
  }, 60_000);

  test('an answer that is given while nothing runs is there when it runs again', async ({ onTestFinished }) => {
    const { node, restart } = await start(onTestFinished);
    const handler = async ({ ask }: TaskContext<never>) => {
      const first = await ask({ ...question, id: 'first' });
      const second = await ask({ ...question, id: 'second' });
      return [first.action_id, second.action_id];
    };
    node.definitions.define('transfer', handler);
    await node.runner.start('transfer', null, transfer);
    await answer(node, 'ann', await asking(node), 'approve');
    const second = await asking(node, 't', 2);
    const next = await restart(node);
    await answer(next, 'ann', second, 'reject');
    await next.runner.poll();
    next.definitions.define('transfer', handler);
    expect((await ended(next)).result).toEqual(['approve', 'reject']);
    expect(await next.person('ann').list()).toHaveLength(2);
  });

  test('what a retry asks is asked anew', async ({ onTestFinished }) => {
    const { node } = await start(onTestFinished);
    node.definitions.define('transfer', async ({ ask }) => {
      const { action_id } = await ask(question);
      if (action_id === 'reject') throw new Error('rejected');
      return action_id;
    });
    await node.runner.start('transfer', { amount: 7 }, transfer);
    const first = await asking(node);
    await answer(node, 'ann', first, 'reject');
    expect(await ended(node)).toMatchObject({ status: 'failed', error: 'rejected', attempt: 1 });
    expect((await node.frame(first)).task?.can_retry).toBe(true);
    const retry = (user: string) => retryTask(node.context, identity(user), 't');
    await expect(retry('eve')).rejects.toMatchObject({ code: 'not_found' });
    const both = await Promise.all([retry('ann'), retry('ann')]);
    expect(both.map(({ attempt }) => attempt)).toEqual([2, 2]);
    const second = await asking(node);
    expect(second).not.toBe(first);
    expect((await node.frame(first)).task).toMatchObject({ status: 'waiting', attempt: 2 });
    await answer(node, 'ann', second, 'approve');
    expect(await ended(node)).toMatchObject({ status: 'completed', result: 'approve', attempt: 2 });
    await expect(retry('ann')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('rejects when the question expires or is retracted, and the task goes on', async ({ onTestFinished }) => {
    const { node, clock } = await start(onTestFinished);
    const said: string[] = [];
    node.definitions.define('transfer', async ({ ask, progress }) => {
      const expires_at = new Date(clock.now + 1_000).toISOString();
      await ask({ ...question, expires_at }).catch((error) => said.push(error.message));
      await ask(question).catch((error) => said.push(error.message));
      await progress({ message: 'nobody cares' });
      return (await ask({ ...question, id: 'again' })).action_id;
    });
    await node.runner.start('transfer', null, transfer);
    await asking(node);
    clock.now += 1_000;
    await node.dueJobs.run();
    await until(() => said.length === 1);
    await retractNotification(node.context, await asking(node));
    await until(() => said.length === 2);
    for (const text of said) expect(text).toContain('nobody answered "Transfer 7"');
    await answer(node, 'ann', await asking(node), 'approve');
    expect(await ended(node)).toMatchObject({ result: 'approve', message: 'nobody cares' });
  });

  test('a task that is cancelled while it waits ends, and nobody can answer it any more', async ({
    onTestFinished,
  }) => {
    const { node, another, clock, store } = await start(onTestFinished);
    const other = await another();
    const there = other === store ? node : await TaskNode.begin(other, clock, node.broker);
    node.definitions.define('transfer', ({ ask }) => ask(question));
    await node.runner.start('transfer', null, transfer);
    const id = await asking(node);
    await cancelTask(there.context, identity('ann'), 't');
    expect((await ended(node)).status).toBe('cancelled');
    expect(await node.frame(id)).toMatchObject({ expired: true, task: { status: 'cancelled', can_retry: true } });
    await expect(answer(node, 'ann', id, 'approve')).rejects.toMatchObject({ code: 'conflict' });
    expect(await node.person('ann').unread()).toBe(0);
    expect((await answersSince(node.context, { after: 0, limit: 10 }, { ms: 0 })).items).toEqual([]);
  });

  test('those that wait take up no room, and those that go on have it before new ones', async ({ onTestFinished }) => {
    const { node } = await start(onTestFinished);
    let working = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setTimeout(resolve, 2));
      working--;
    };
    node.definitions.define<number>('transfer', async ({ ask }) => {
      await work();
      const { action_id } = await ask(question);
      await work();
      return action_id;
    });
    node.definitions.define('plain', async () => work());
    const ids = Array.from({ length: 6 }, (_, n) => `t${n}`);
    for (const taskId of ids) await node.runner.start('transfer', null, { owner: 'ann', taskId });
    const questions = await Promise.all(ids.map((taskId) => asking(node, taskId)));
    await node.runner.start('plain', null, { taskId: 'plain' });
    await Promise.all(questions.map((id) => answer(node, 'ann', id, 'approve')));
    for (const taskId of [...ids, 'plain']) expect((await ended(node, taskId)).status).toBe('completed');
    expect(most).toBeLessThanOrEqual(2);
  });

  test('two questions at once are waited for until both are answered', async ({ onTestFinished }) => {
    const { node } = await start(onTestFinished);
    node.definitions.define('transfer', async ({ ask }) => {
      const of = (user: string) => ask({ ...question, id: user, to: { user } });
      return (await Promise.all([of('ann'), of('bob')])).map(({ user_id }) => user_id);
    });
    await node.runner.start('transfer', null, transfer);
    await asking(node, 't', 2);
    const questions = (await node.tasks.get('t'))?.state.questions ?? [];
    const of = (user: string) => questions.find(({ id }) => id === user)?.notification ?? '';
    await answer(node, 'bob', of('bob'), 'approve');
    expect((await node.tasks.get('t'))?.state.status).toBe('waiting');
    await answer(node, 'ann', of('ann'), 'approve');
    expect((await ended(node)).result).toEqual(['ann', 'bob']);
  });

  test('what cannot be asked is refused with a sentence', async ({ onTestFinished }) => {
    const { node } = await start(onTestFinished);
    node.definitions.define<TaskQuestion>('transfer', ({ input, ask }) => ask(input));
    const error = async (taskId: string, over: object, owner?: string) => {
      await node.runner.start('transfer', { ...question, ...over }, { taskId, owner });
      return (await ended(node, taskId)).error;
    };
    expect(await error('a', {})).toContain('needs "to": the task a has no owner');
    expect(await error('b', { actions: [] }, 'ann')).toMatch(/actions/);
    expect(await error('c', { callback_url: 'https://evil.example/' }, 'ann')).toContain('callbacks.origins');
  });
});

test('kill -9 in the middle of a question: the next process goes on with it', async ({ onTestFinished }) => {
  const folder = new TempFolder();
  onTestFinished(() => folder.remove());
  const script = fileURLToPath(new URL('../../../testing/asking-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=tidings-source', script, folder.file()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const asked = JSON.parse((await lines.next()).value as string) as { id: string };
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;

  const store = sqliteStore(prepared(folder.file()));
  await store.open();
  onTestFinished(() => store.close());
  const node = await TaskNode.begin(store, { now: Date.now() });
  onTestFinished(() => node.stop());
  await node.runner.poll();
  node.definitions.define<{ amount: number }>('transfer', async ({ ask, input, attempt }) => {
    const { action_id } = await ask({ ...question, id: 'book' });
    return [input.amount, attempt, action_id];
  });
  expect(await asking(node)).toBe(asked.id);
  await answer(node, 'ann', asked.id, 'approve');
  expect(await ended(node)).toMatchObject({ status: 'completed', result: [7, 2, 'approve'] });
});
