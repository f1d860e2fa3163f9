import { beforeEach, expect, test } from 'vitest';
import type { ActionRequest } from './requests.ts';
import { TaskStore } from './tasks.ts';
import { message, retracted, taskFrame } from './testing/frames.ts';

let tasks: TaskStore;
let asked: ActionRequest[];

beforeEach(() => {
  asked = [];
  const act = async (action: ActionRequest) => {
    asked.push(action);
  };
  tasks = new TaskStore({ act }, { logger: console, clock: { now: () => 1_000, after: () => () => {} } });
});

test('holds the newest frame of each task', () => {
  tasks.apply(taskFrame('a', 1, { progress: 10 }));
  tasks.apply(taskFrame('b', 2));
  tasks.apply(taskFrame('a', 3, { progress: 45, step: 'Upload to UCM' }));
  expect([...tasks.getSnapshot().keys()]).toEqual(['a', 'b']);
  expect(tasks.get('a')).toMatchObject({ id: 'a', rev: 3, ended: false, receivedAt: 1_000 });
  expect(tasks.get('a')?.frame).toMatchObject({ progress: 45, step: 'Upload to UCM' });
});

test('the map is one object until a task changes', () => {
  const before = tasks.getSnapshot();
  tasks.apply(message('n', 1));
  expect(tasks.getSnapshot()).toBe(before);
  tasks.apply(taskFrame('a', 2));
  expect(tasks.getSnapshot()).not.toBe(before);
});

test.each(['task_complete', 'task_error', 'task_cancelled'] as const)('%s ends a task', (type) => {
  tasks.apply(taskFrame('a', 1, { type }));
  expect(tasks.get('a')).toMatchObject({ ended: true, remainingMs: null });
});

test('estimates the rest from the time it took so far, by the clock of the server', () => {
  const timestamp = '2026-01-31T09:30:30.000Z';
  const started_at = '2026-01-31T09:30:00.000Z';
  tasks.apply(taskFrame('a', 1, { timestamp, started_at, progress: 75 }));
  expect(tasks.get('a')?.remainingMs).toBe(10_000);
  tasks.apply(taskFrame('b', 2, { timestamp, started_at, progress: 0 }));
  tasks.apply(taskFrame('c', 3, { timestamp, started_at: null, progress: 50 }));
  tasks.apply(taskFrame('d', 4, { timestamp, started_at, progress: 50, status: 'waiting' }));
  for (const id of ['b', 'c', 'd']) expect(tasks.get(id)?.remainingMs).toBeNull();
});

test('lets go of a task that was retracted, and of the oldest that have ended', () => {
  tasks.apply(taskFrame('mine', 1));
  tasks.apply(taskFrame('theirs', 2));
  tasks.apply(retracted('task:theirs', 3));
  expect(tasks.get('theirs')).toBeUndefined();
  for (let rev = 10; rev < 310; rev++) tasks.apply(taskFrame(`t${rev}`, rev, { type: 'task_complete' }));
  expect(tasks.getSnapshot().size).toBe(201);
  expect(tasks.get('mine')).toBeDefined();
  expect(tasks.get('t309')).toBeDefined();
  expect(tasks.get('t10')).toBeUndefined();
});

test('asks for the cancelling of a task', async () => {
  await tasks.cancel('a');
  expect(asked).toEqual([{ action: 'cancel_task', task_id: 'a' }]);
});
