import { hasEnded, type TaskReport, TidingsError } from '@tidings/protocol';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { clockAt } from '../../testing/manual-clock.ts';
import { put } from '../../testing/temp-store.ts';
import { NotificationLinks } from '../domain/inbox/linked.ts';
import type { StoredRecord } from '../domain/store/records.ts';
import type { Outcome, PutWrite, Write } from '../domain/writes.ts';
import type { TaskState } from './task.ts';
import { TaskService } from './task-service.ts';

/** A store of tasks in memory, which fails and is slow as it is told. */
class Tasks {
  readonly versions: TaskState[] = [];
  linked: StoredRecord[] = [];
  failures = 0;
  rev = 0;
  #record: StoredRecord | null = null;

  async record(): Promise<StoredRecord | null> {
    await Promise.resolve();
    return this.#record;
  }

  linkedTo = async (): Promise<StoredRecord[]> => this.linked;
  linkCount = async () => this.linked.length;
  usedKeys = async () => new Map();

  async commit(writes: readonly Write[]): Promise<Outcome[]> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failures > 0) {
      this.failures--;
      throw new Error('the disk failed');
    }
    const [write] = writes as [PutWrite];
    const current = this.#record?.rev ?? null;
    if (write.expect !== current) return [{ status: 'stale', rev: current }];
    this.#record = { ...write, rev: ++this.rev, alertRev: 0, recount: false };
    this.versions.push(JSON.parse(write.state as string));
    return [{ status: 'stored', id: write.id, rev: this.rev }];
  }
}

function serviceOn(store: Tasks, now: () => number = Date.now): TaskService {
  const clock = clockAt(now);
  return new TaskService(store, clock, new NotificationLinks(clock), 1_000);
}

function lanes(now: () => number = Date.now) {
  const store = new Tasks();
  return { store, lanes: serviceOn(store, now) };
}

test('merges progress that comes while a change is stored, and answers each with the commit that supersedes its report', async () => {
  const { store, lanes: tasks } = lanes();
  const reports = Array.from({ length: 200 }, (_, n) => tasks.report('t', { progress: n / 2 }));
  const answers = await Promise.all(reports);
  expect(answers.at(-1)?.state.progress).toBe(99.5);
  expect(answers.every(({ state }, n) => state.progress >= n / 2)).toBe(true);
  expect(store.versions.length).toBeLessThan(5);
});

test('never merges a transition away', async () => {
  const { store, lanes: tasks } = lanes();
  const reports: TaskReport[] = [
    { status: 'queued' },
    ...[{ status: 'processing' as const }, { progress: 10 }, { progress: 20 }],
    ...[{ status: 'failed' as const, error: 'x' }, { status: 'processing' as const }, { progress: 5 }],
    { status: 'completed', result: 1 },
  ];
  await Promise.all(reports.map((report) => tasks.report('t', report)));
  const story = store.versions.map(({ status, attempt }) => `${status} ${attempt}`);
  expect(story.filter((line, n) => line !== story[n - 1])).toEqual([
    ...['queued 1', 'processing 1', 'failed 1', 'processing 2', 'completed 2'],
  ]);
});

test('drops a report that is older than what is there, wherever it was delayed', async () => {
  const { lanes: tasks } = lanes();
  await tasks.report('t', { attempt: 1, seq: 6, progress: 60 });
  expect((await tasks.report('t', { attempt: 1, seq: 5, progress: 45 })).state.progress).toBe(60);
  const [later, earlier] = await Promise.all([
    tasks.report('t', { attempt: 1, seq: 9, progress: 90 }),
    tasks.report('t', { attempt: 1, seq: 8, progress: 80 }),
  ]);
  expect([later.state.progress, earlier.state.progress]).toEqual([90, 90]);
  await tasks.report('t', { attempt: 2, seq: 1, progress: 1 });
  expect((await tasks.report('t', { attempt: 1, seq: 99, progress: 99 })).state).toMatchObject({
    attempt: 2,
    progress: 1,
  });
});

test('tells a failure of the disk to those it befell, and goes on from what is stored', async () => {
  const { store, lanes: tasks } = lanes();
  await tasks.report('t', { progress: 10 });
  store.failures = 1;
  await expect(tasks.report('t', { progress: 20 })).rejects.toThrow('the disk failed');
  expect((await tasks.report('t', { message: 'on' })).state).toMatchObject({ progress: 10, message: 'on' });
});

test('a change that another process made is read and built upon', async () => {
  const { store, lanes: here } = lanes();
  const there = serviceOn(store);
  await here.report('t', { progress: 10 });
  await there.report('t', { message: 'from there' });
  expect((await here.report('t', { progress: 20 })).state).toMatchObject({ progress: 20, message: 'from there' });
});

test('a report that would change nothing of what is remembered is judged by what another process has stored', async () => {
  const { store, lanes: here } = lanes();
  const there = serviceOn(store);
  await here.report('t', { status: 'processing' });
  await there.report('t', { status: 'failed', error: 'x' });
  await here.report('t', { status: 'processing' });
  expect((await there.report('t', { status: 'failed', error: 'x' })).state).toMatchObject({ attempt: 2, error: 'x' });
  await here.report('t', { status: 'processing' });
  expect((await there.report('t', { progress: 5 })).state).toMatchObject({ attempt: 3, progress: 5 });
  await here.report('t', { status: 'completed' });
  await there.report('t', { status: 'processing', restart: true });
  expect((await here.report('t', { status: 'failed', error: 'y' })).state).toMatchObject({ attempt: 4, error: 'y' });
  expect((await there.get('t'))?.state).toMatchObject({ status: 'failed', attempt: 4, error: 'y' });
});

test('what is asked of a task by a process with an old memory of it is done, or refused by what is so', async () => {
  const { store, lanes: here } = lanes();
  const there = serviceOn(store);
  const cancel = (tasks: TaskService) =>
    tasks.changeExisting('t', (before) => {
      if (hasEnded(before.status)) throw new TidingsError('conflict', 'it has ended');
      return before.cancel_requested ? before : { ...before, cancel_requested: true };
    });
  await here.report('t', { status: 'processing' });
  await cancel(there);
  await here.report('t', { status: 'cancelled' });
  await expect(cancel(there)).rejects.toThrow('it has ended');
  await here.report('t', { status: 'processing', restart: true });
  expect((await cancel(there))?.state).toMatchObject({ attempt: 2, cancel_requested: true });
  expect((await here.get('t'))?.state.cancel_requested).toBe(true);
});

test('a conflict refuses the report that caused it, and nobody else', async () => {
  const { lanes: tasks } = lanes();
  await tasks.report('t', { status: 'completed', result: 1 });
  const answers = await Promise.allSettled([
    tasks.report('t', { status: 'failed' }),
    tasks.report('t', { status: 'processing', restart: true }),
    tasks.report('t', { progress: 7 }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});

test('a clock that is set back an hour delays progress by no more than its usual pace', async () => {
  let now = 10_000_000;
  const { lanes: tasks } = lanes(() => now);
  await tasks.report('t', { progress: 1 });
  now -= 3_600_000;
  for (const progress of [2, 3]) await tasks.report('t', { progress });
  expect((await tasks.get('t'))?.state.progress).toBe(3);
});

test('where thousands have a notification that follows it, progress is stored less often, and what is no progress at once', async ({
  onTestFinished,
}) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const topics = Array.from({ length: 5_000 }, (_, n) => `user:${n}`);
  const store = new Tasks();
  const tasks = serviceOn(store);
  store.linked = [{ ...put({ topics }), rev: 1, alertRev: 1, recount: false }];
  await tasks.report('t', { status: 'queued' });
  const shown = () => store.versions.at(-1)?.progress;
  await tasks.report('t', { progress: 1 });
  const later = [2, 3].map((progress) => tasks.report('t', { progress }));
  await vi.advanceTimersByTimeAsync(999);
  expect(shown()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(later);
  expect(shown()).toBe(3);
  await Promise.all([tasks.report('t', { progress: 4 }), tasks.report('t', { status: 'failed' })]);
  expect(store.versions.slice(-2).map(({ status, progress }) => [status, progress])).toEqual([
    ['processing', 4],
    ['failed', 4],
  ]);
});

test('what came in while a report was stored waits for no pause behind progress', async ({ onTestFinished }) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = new Tasks();
  const tasks = serviceOn(store);
  await tasks.report('t', { progress: 1 });
  const stored = tasks.report('t', { message: 'not progress alone', status: 'processing' });
  const later = [tasks.report('t', { progress: 2 }), tasks.report('t', { status: 'failed' })];
  await Promise.all([stored, ...later]);
  expect(store.versions.at(-1)).toMatchObject({ status: 'failed', progress: 2 });
});

const report: fc.Arbitrary<TaskReport> = fc.record(
  {
    status: fc.constantFrom('queued', 'processing', 'completed', 'failed', 'cancelled'),
    progress: fc.nat(100),
    seq: fc.nat(20),
    attempt: fc.integer({ min: 1, max: 3 }),
    restart: fc.boolean(),
    owner: fc.constantFrom('ann', 'bob'),
  },
  { requiredKeys: [] },
);

test('whatever is reported at once: attempts only grow, an end stays until it is begun anew, everybody is answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(report, { maxLength: 25 }), async (reports) => {
      const { store, lanes: tasks } = lanes(() => 0);
      const answers = await Promise.allSettled(reports.map((one) => tasks.report('t', one)));
      expect(answers).toHaveLength(reports.length);
      for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason.code).toBe('conflict');
      for (const [n, after] of store.versions.entries()) {
        const before = store.versions[n - 1];
        if (!before) continue;
        expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
        const ended = ['completed', 'failed', 'cancelled'].includes(before.status);
        if (ended) expect(after.attempt).toBeGreaterThan(before.attempt);
      }
    }),
    { numRuns: 100 },
  );
});

test('refuses data and results that are too large, whoever reports them, and what they were merged with goes on', async () => {
  const { lanes: tasks } = lanes();
  const refused = {
    code: 'payload_too_large',
    message: expect.stringContaining('"data" has 1007 bytes as JSON, more than 1000'),
  };
  const data = { x: 'y'.repeat(999) };
  const reports = [{ progress: 1 }, { progress: 2, data }, { progress: 3 }].map((report) => tasks.report('t', report));
  const answers = await Promise.allSettled(reports);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(reports[1]).rejects.toMatchObject(refused);
  await expect(tasks.begin('b', { data }, 'key')).rejects.toMatchObject(refused);
  await expect(tasks.changeExisting('t', (before) => ({ ...before, data }))).rejects.toMatchObject(refused);
  await expect(tasks.report('t', { status: 'completed', result: 'ü'.repeat(500) })).rejects.toThrow(
    /"result" has 1002/,
  );
  const fits = { x: 'y'.repeat(992) };
  expect((await tasks.report('t', { data: fits })).state).toMatchObject({
    status: 'processing',
    progress: 3,
    data: fits,
  });
});
