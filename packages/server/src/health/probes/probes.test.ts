import type { HealthState } from '@tidings/protocol';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../testing/manual-clock.ts';
import { brokerProbe } from './broker.ts';
import { clockProbe } from './clock.ts';
import { diskProbe } from './disk.ts';
import { eventLoopProbe } from './event-loop.ts';
import { runnerProbe } from './runner.ts';
import { sessionsProbe } from './sessions.ts';

const gibibyte = 1_073_741_824;

test.each<[free: number, size: number, HealthState]>([
  [2, 100, 'ok'],
  [0.9, 100, 'degraded'],
  [0.09, 100, 'down'],
  // Of a small volume a share.
  [0.3, 1, 'ok'],
  [0.09, 1, 'degraded'],
  [0.009, 1, 'down'],
])('%f GiB free of %f are %s for a file', async (free, size, state) => {
  const block = 4_096;
  const volume = { bsize: block, bavail: (free * gibibyte) / block, blocks: (size * gibibyte) / block };
  const found = await diskProbe('/data/tidings.db', async () => volume).run();
  expect(found.state).toBe(state);
  expect(found.reasons.every((reason) => /MiB are free on the volume of .*tidings\.db; make room/.test(reason))).toBe(
    true,
  );
});

test('the volume of a folder that is there has room, or says that it has not', async () => {
  expect((await diskProbe(`${import.meta.dirname}/tidings.db`).run()).reasons.length).toBeLessThanOrEqual(1);
  await expect(diskProbe('/no/such/folder/tidings.db').run()).rejects.toThrow('ENOENT');
});

test.each<[offMs: number, HealthState, RegExp | null]>([
  [0, 'ok', null],
  [1_900, 'ok', null],
  [5_000, 'degraded', /is 5\.0 s behind that of the database/],
  [-40_000, 'down', /is 40\.0 s ahead of that of the database/],
])('a database whose clock is %i ms ahead is %s', async (off, state, reason) => {
  const clock = new ManualClock();
  const found = await clockProbe({ databaseTime: async () => clock.now() + off }, clock).run();
  expect(found.state).toBe(state);
  if (reason) expect(found.reasons).toEqual([expect.stringMatching(reason)]);
});

test('what costs the database something is looked at every 10 s', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const probe = clockProbe({ databaseTime: async () => clock.now() + 5_000 * asked++ }, clock);
  for (let n = 0; n < 10; n++) {
    expect((await probe.run()).state).toBe('ok');
    await clock.advance(1_000);
  }
  expect(asked).toBe(1);
  expect((await probe.run()).state).toBe('degraded');
});

test('a runner is degraded after a poll that failed, and down when it has not polled for its lease', async () => {
  const clock = new ManualClock();
  const polls = { runs: 1, failures: 0 };
  const probe = runnerProbe(() => ({ ...polls }), 15_000, clock);
  const state = async () => (await probe.run()).state;
  expect(await state()).toBe('ok');
  Object.assign(polls, { runs: 2, failures: 1 });
  expect([await state(), await state()]).toEqual(['degraded', 'degraded']);
  polls.runs = 3;
  expect(await state()).toBe('ok');
  const probeFor = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      await clock.advance(1_000);
      await probe.run();
    }
  };
  await probeFor(15);
  expect(await state()).toBe('ok');
  await probeFor(1);
  expect(await state()).toBe('down');
  polls.runs = 4;
  expect(await state()).toBe('ok');
});

test('a clock that is set forward is no silence of the runner, and one that is set back hides none', async () => {
  const clock = new ManualClock();
  const probe = runnerProbe(() => ({ runs: 1, failures: 0 }), 15_000, clock);
  const stateAfter = async (ms: number) => {
    clock.jump(ms);
    return (await probe.run()).state;
  };
  await probe.run();
  clock.set(3_600_000);
  for (let n = 0; n < 15; n++) expect(await stateAfter(1_000)).toBe('ok');
  clock.set(-7_200_000);
  expect(await stateAfter(1_000)).toBe('down');
});

test('a process that stood still was not silent for all that time', async () => {
  const clock = new ManualClock();
  const probe = runnerProbe(() => ({ runs: 1, failures: 0 }), 15_000, clock);
  await probe.run();
  clock.jump(3_600_000);
  expect((await probe.run()).state).toBe('ok');
});

test('sessions are degraded by many slow readers, by catch-ups that wait, and near their limit', async () => {
  const calm = { open: 100, slow: 0, openCatchUps: 4, waitingCatchUps: 4 };
  const stateOf = async (counts: Partial<typeof calm>) =>
    (await sessionsProbe(() => ({ ...calm, ...counts }), 1_000).run()).state;
  expect(await Promise.all([{}, { slow: 10 }, { open: 12, slow: 9 }].map(stateOf))).toEqual(['ok', 'ok', 'ok']);
  expect(await Promise.all([{ slow: 11 }, { waitingCatchUps: 5 }, { open: 901 }].map(stateOf))).toEqual([
    ...['degraded', 'degraded', 'degraded'],
  ]);
});

test('a broker is down for the reasons of its ports, each once', async () => {
  const failing = (reason: string) => ({ health: () => ({ ok: false, reason }) });
  const well = { health: () => ({ ok: true, reason: null }) };
  expect(await brokerProbe(well, well).run()).toMatchObject({ state: 'ok', reasons: [] });
  expect(await brokerProbe(failing('a'), failing('a')).run()).toMatchObject({ state: 'down', reasons: ['a'] });
  expect(await brokerProbe(failing('a'), failing('b')).run()).toMatchObject({ state: 'down', reasons: ['a', 'b'] });
});

test('an event loop that is blocked says for how long', async () => {
  const probe = eventLoopProbe();
  await probe.run();
  // Samples are 100 ms apart.
  await new Promise((resolve) => setTimeout(resolve, 250));
  const end = performance.now() + 900;
  while (performance.now() < end);
  await new Promise((resolve) => setTimeout(resolve, 150));
  const { state, latencyMs, reasons } = await probe.run();
  expect(state).toBe('degraded');
  expect(latencyMs).toBeGreaterThan(600);
  expect(reasons).toEqual([expect.stringMatching(/^the event loop was blocked for \d+ ms; look for handlers/)]);
});
