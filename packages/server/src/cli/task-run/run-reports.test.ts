import { TidingsError } from '@tidings/protocol';
import type { Task, TaskReport } from '@tidings/sender';
import { expect, it } from 'vitest';
import { ManualClock } from '../../../testing/manual-clock.ts';
import { RunReports } from './run-reports.ts';

/** Reports to a server that answers when the test says so. */
function reporting() {
  const clock = new ManualClock();
  const sent: TaskReport[] = [];
  const failures: string[] = [];
  let answer = async (): Promise<Task> => ({}) as Task;
  const tasks = {
    report: (_id: string | number, report: TaskReport) => {
      sent.push(report);
      return answer();
    },
  };
  const reports = new RunReports({
    ...{ tasks, clock, taskId: 't', attempt: 3, onChange: () => {} },
    onFailure: ({ message }) => failures.push(message),
  });
  return { clock, sent, failures, reports, answering: (next: typeof answer) => (answer = next) };
}

it('sends a thousand lines in a second as five reports, the newest of them last', async () => {
  const { clock, sent, reports } = reporting();
  for (let line = 1; line <= 1_000; line++) {
    reports.add({ progress: line / 10, ...(line === 500 ? { step: 'Half', step_number: 2 } : {}) });
    await clock.advance(1);
  }
  await clock.advance(250);
  expect(sent.map(({ progress }) => progress)).toEqual([0.1, 25, 50, 75, 100]);
  expect(sent[2]).toEqual({ progress: 50, step: 'Half', step_number: 2, attempt: 3 });
  await clock.advance(10_000);
  expect(sent).toHaveLength(5);
});

it('sends the end at once, with the progress that waits, and nothing after it', async () => {
  const { clock, sent, reports } = reporting();
  reports.add({ progress: 1 });
  await clock.advance(0);
  reports.add({ progress: 2, message: 'Two' });
  await reports.end({ status: 'completed', result: { rows: 2 } });
  reports.add({ progress: 3 });
  await clock.advance(10_000);
  expect(sent.slice(1)).toEqual([
    { progress: 2, message: 'Two', status: 'completed', result: { rows: 2 }, attempt: 3 },
  ]);
});

it('sends what did not get through again, under what has come since', async () => {
  const { clock, sent, failures, reports, answering } = reporting();
  answering(async () => {
    throw new TidingsError('unavailable', 'the server is away');
  });
  reports.add({ progress: 1, step: 'Reading' });
  await clock.advance(0);
  answering(async () => ({}) as Task);
  reports.add({ progress: 2 });
  await clock.advance(250);
  expect(sent.at(-1)).toEqual({ progress: 2, step: 'Reading', attempt: 3 });
  answering(async () => {
    throw new TidingsError('bad_request', 'no such field');
  });
  reports.add({ progress: 3 });
  await clock.advance(10_000);
  expect(sent).toHaveLength(3);
  expect(failures).toEqual(['the server is away', 'no such field']);
});
