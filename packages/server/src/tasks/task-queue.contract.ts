import { describe, expect, test } from 'vitest';
import type { WhenFinished } from '../../testing/store-fixture.ts';
import { newTask, type TaskState } from './task.ts';
import type { TaskClaim, TaskQueue } from './task-queue.ts';

/** A deployment whose runners share a queue. */
export interface QueueFixture {
  /** One more runner, in a process of its own where the queue can be shared; its leases last 1,000 ms. */
  runner(): Promise<TaskQueue>;
  /** Lets the time go on by which leases end. */
  pass(ms: number): void;
  /** Stores a task as queued. */
  add(taskId: string): Promise<void>;
  /** Queues a task again that has ended. */
  again(taskId: string): Promise<void>;
  state(taskId: string): Promise<TaskState>;
}

const done = { report: { status: 'completed', result: 1 }, isFinal: false } as const;
const ids = (tasks: readonly TaskState[]): string[] => tasks.map(({ task_id }) => task_id);

/** The promises of every queue of tasks to its runners. */
export function taskQueueContract(name: string, start: (whenFinished: WhenFinished) => Promise<QueueFixture>): void {
  describe(`tasks that runners share, on ${name}`, () => {
    test('of those who claim a task at once one has it, and releases it with its end', async ({ onTestFinished }) => {
      const { runner, add, state } = await start(onTestFinished);
      const [one, other] = [await runner(), await runner()];
      await add('t');
      const claims = await Promise.all([one, other, one, other].map((queue) => queue.claim('t')));
      const [claim, ...more] = claims.filter((found) => found !== null) as [TaskClaim, ...TaskClaim[]];
      expect(more).toEqual([]);
      expect(await state('t')).toMatchObject({ status: 'processing', attempt: 1 });
      expect(await other.overdue(), 'it is run').toEqual([]);
      const holder = claims.indexOf(claim) % 2 === 0 ? one : other;
      expect(await holder.release(claim, done)).toMatchObject({ status: 'completed', result: 1 });
      expect(await holder.release(claim, done), 'it has ended').toBeNull();
      expect(await one.claim('t')).toBeNull();
    });

    test('a task that is not stored is not claimed, and stores nothing with its end', async ({ onTestFinished }) => {
      const { runner } = await start(onTestFinished);
      const queue = await runner();
      expect(await queue.claim('none')).toBeNull();
      expect(await queue.release({ state: newTask('none', 0), token: 'r/1' }, done)).toBeNull();
      expect(await queue.claim('none'), 'it is not created').toBeNull();
    });

    test('who sends heartbeats keeps its tasks; those of who is silent are taken over, and its end is not stored', async ({
      onTestFinished,
    }) => {
      const { runner, pass, add, state } = await start(onTestFinished);
      const [silent, other, heard] = [await runner(), await runner(), await runner()];
      for (const taskId of ['lost', 'kept']) await add(taskId);
      const late = (await silent.claim('lost')) as TaskClaim;
      const kept = (await heard.claim('kept')) as TaskClaim;
      expect(await other.overdue()).toEqual([]);
      for (let n = 0; n < 3; n++) {
        pass(400);
        for (const queue of [other, heard]) expect(await queue.heartbeat()).toBe(true);
      }
      expect(ids(await other.overdue())).toEqual(['lost']);
      expect(await state('lost')).toMatchObject({ status: 'queued', attempt: 2 });
      expect(await silent.release(late, done)).toBeNull();
      const next = (await other.claim('lost')) as TaskClaim;
      expect(next.token).not.toBe(late.token);
      expect(await silent.release(late, done)).toBeNull();
      expect(await silent.heartbeat(), 'it was given up').toBe(false);
      expect(await silent.heartbeat(), 'it begins anew').toBe(true);
      expect(await other.release(next, done)).toMatchObject({ status: 'completed', attempt: 2 });
      expect(await heard.release(kept, done)).toMatchObject({ status: 'completed', attempt: 1 });
    });

    test('who closes its queue leaves its tasks to others at once', async ({ onTestFinished }) => {
      const { runner, add } = await start(onTestFinished);
      const [leaving, other] = [await runner(), await runner()];
      await add('t');
      await leaving.claim('t');
      expect(await other.overdue()).toEqual([]);
      await leaving.close();
      expect(ids(await other.overdue())).toEqual(['t']);
      expect(await other.claim('t')).toMatchObject({ state: { attempt: 2 } });
    });

    test('a task that a runner knew before is taken over by it from another that is silent', async ({
      onTestFinished,
    }) => {
      const { runner, pass, add, again, state } = await start(onTestFinished);
      const [first, silent] = [await runner(), await runner()];
      await add('t');
      const claim = (await first.claim('t')) as TaskClaim;
      await first.release(claim, { report: { status: 'failed', error: 'x' }, isFinal: false });
      await again('t');
      await silent.claim('t');
      for (let n = 0; n < 3; n++) {
        pass(400);
        await first.heartbeat();
      }
      expect(ids(await first.overdue())).toEqual(['t']);
      expect(await state('t')).toMatchObject({ status: 'queued', attempt: 3 });
      expect(await first.claim('t')).toMatchObject({ state: { attempt: 3 } });
    });

    test('of a kind no more are claimed at a time than may run, by all runners together', async ({
      onTestFinished,
    }) => {
      const { runner, add, pass } = await start(onTestFinished);
      const [one, other] = [await runner(), await runner()];
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const taskId of names) await add(taskId);
      const two = () => ({ key: 'k', atMost: 2 });
      const claims = await Promise.all(names.map((taskId, n) => (n % 2 ? one : other).claim(taskId, two)));
      const held = claims.filter((claim) => claim !== 'full') as TaskClaim[];
      expect(claims.filter((claim) => claim === 'full')).toHaveLength(3);
      expect(held).toHaveLength(2);
      const left = names.filter((_, n) => claims[n] === 'full');
      const [first = '', second = ''] = left;
      expect(await one.claim(first, () => ({ key: 'other', atMost: 1 })), 'another key').not.toBe('full');
      for (const [n, claim] of claims.entries()) {
        if (claim !== 'full' && claim) await (n % 2 ? one : other).release(claim, done);
      }
      const next = (await other.claim(second, two)) as TaskClaim;
      expect(next).not.toBe('full');
      expect(await one.claim(second, two), 'it is run').toBeNull();
      // A run that is begun anew by another has its own; so have those of a runner that is silent.
      const last = left[2] as string;
      expect(await other.claim(last, () => ({ key: 'k', atMost: 1 }))).toBe('full');
      for (let n = 0; n < 3; n++) {
        pass(400);
        await one.heartbeat();
      }
      await one.overdue();
      expect(await one.claim(last, () => ({ key: 'k', atMost: 1 }))).toMatchObject({ state: { task_id: last } });
    });

    test('what waits and was never begun is found when a runner begins, oldest first', async ({ onTestFinished }) => {
      const { runner, add } = await start(onTestFinished);
      for (const taskId of ['a', 'b', 'c']) await add(taskId);
      const queue = await runner();
      expect(ids(await queue.overdue())).toEqual(['a', 'b', 'c']);
      expect(await queue.overdue(), 'it was told already').toEqual([]);
    });
  });
}
