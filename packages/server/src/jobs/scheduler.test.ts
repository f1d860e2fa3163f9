import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { type Job, Scheduler } from './scheduler.ts';

function schedule(jobs: Job[], random: () => number = () => 0.5) {
  const clock = new ManualClock();
  const events: TelemetryEvent[] = [];
  const scheduler = new Scheduler(jobs, { clock, telemetry: { emit: (event) => void events.push(event) }, random });
  scheduler.start();
  return { clock, events, scheduler };
}

test('runs each job once an interval, and counts its runs', async () => {
  const runs = { fast: 0, slow: 0 };
  const { clock, scheduler } = schedule([
    { name: 'fast', everyMs: 500, run: () => void runs.fast++ },
    { name: 'slow', everyMs: 5_000, run: async () => void runs.slow++ },
  ]);
  await clock.advance(10_000);
  expect(runs).toEqual({ fast: 20, slow: 2 });
  expect(scheduler.counts().fast).toEqual({ runs: 20, failures: 0, lastMs: 0 });
});

/** A job's work that lasts until it is ended, and how often it began. */
function heldRuns() {
  const held = { count: 0, end: () => {} };
  const run = () => {
    held.count++;
    return new Promise<void>((resolve) => {
      held.end = resolve;
    });
  };
  return { held, run };
}

test('never runs a job twice at once, and goes on at once after a run that was late', async () => {
  const { held, run } = heldRuns();
  const { clock, scheduler } = schedule([{ name: 'long', everyMs: 1_000, run }], () => 0.99);
  await clock.advance(3_600_000);
  expect(held.count).toBe(1);
  held.end();
  await clock.advance(1);
  expect(held.count).toBe(2);
  expect(scheduler.counts().long).toEqual({ runs: 2, failures: 0, lastMs: 3_599_099 });
});

test('a job that fails is logged and run again, and others go on', async () => {
  let runs = 0;
  const run = () => {
    throw new Error('the disk is full');
  };
  const { clock, events, scheduler } = schedule([
    { name: 'fails', everyMs: 1_000, run },
    { name: 'works', everyMs: 1_000, run: () => void runs++ },
  ]);
  await clock.advance(3_000);
  expect(runs).toBe(3);
  expect(scheduler.counts().fails).toMatchObject({ runs: 3, failures: 3 });
  expect(events[0]).toMatchObject({ type: 'failure', where: 'fails', error: { message: 'the disk is full' } });
});

test('spreads runs by up to a tenth of the interval, and goes on at its pace when the clock is set back', async () => {
  const times: number[] = [];
  let random = 0;
  const { clock } = schedule([{ name: 'job', everyMs: 1_000, run: () => void times.push(clock.now()) }], () => random);
  const begin = clock.now();
  await clock.advance(1_000);
  random = 0.99;
  await clock.advance(2_000);
  expect(times.map((at) => at - begin)).toEqual([1_000, 1_900, 2_998]);
});

test('stopping waits for what runs, and begins nothing more', async () => {
  const { held, run } = heldRuns();
  const { clock, scheduler } = schedule([{ name: 'job', everyMs: 1_000, run }]);
  await clock.advance(1_000);
  let isStopped = false;
  const stopped = scheduler.stop().then(() => {
    isStopped = true;
  });
  await clock.advance(10_000);
  expect([isStopped, held.count]).toEqual([false, 1]);
  held.end();
  await stopped;
  await clock.advance(10_000);
  expect(held.count).toBe(1);
});
