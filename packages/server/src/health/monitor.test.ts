import type { ComponentName, HealthState } from '@tidings/protocol';
import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import type { Finding, Probe } from './finding.ts';
import type { IncidentChange } from './incidents.ts';
import { HealthMonitor } from './monitor.ts';

let clock: ManualClock;
let events: TelemetryEvent[];
let changes: IncidentChange[];
beforeEach(() => {
  clock = new ManualClock();
  events = [];
  changes = [];
});

/** A component that is found as the test says. */
class Component implements Probe {
  readonly component: ComponentName;
  finds: () => Finding | Promise<Finding> = () => finding('ok');
  runs = 0;
  constructor(component: ComponentName) {
    this.component = component;
  }
  run(): Finding | Promise<Finding> {
    this.runs++;
    return this.finds();
  }
}

const finding = (state: HealthState, ...reasons: string[]): Finding => ({ state, reasons, latencyMs: 1 });

const canary = {
  ...{ running: false, connects: 'none' as const, sent_at: null, commit_ms: null, hub_ms: null },
  ...{ websocket_ms: null, sse_ms: null, long_poll_ms: null },
};

function monitorOf(...probes: Probe[]): HealthMonitor {
  const telemetry = { emit: (event: TelemetryEvent) => void events.push(event) };
  const monitor = new HealthMonitor(probes, () => canary, { node: 'n1', clock, telemetry });
  monitor.onChange((change) => changes.push(change));
  return monitor;
}

async function probe(monitor: HealthMonitor, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const probing = monitor.probe();
    await clock.advance(2_000);
    await probing;
  }
}

test('an incident begins when a component is not ok for a while, becomes as bad as it was, and ends when it is well for a while', async () => {
  const disk = new Component('disk');
  const monitor = monitorOf(disk, new Component('store'));
  disk.finds = () => finding('degraded', 'little room');
  await probe(monitor, 2);
  expect(monitor.status).toBe('ok');
  await probe(monitor, 1);
  expect(monitor.view()).toMatchObject({
    status: 'degraded',
    components: { disk: { state: 'degraded', reasons: ['little room'], latency_ms: 1 }, store: { state: 'ok' } },
    incidents: [{ id: 'n1-1', component: 'disk', state: 'degraded', ended_at: null, reasons: ['little room'] }],
  });
  disk.finds = () => finding('down', 'no room');
  await probe(monitor, 3);
  // Without room for it the store would be down too, by its own probe.
  expect(monitor.view()).toMatchObject({ status: 'degraded', incidents: [{ state: 'down', ended_at: null }] });
  disk.finds = () => finding('ok');
  await probe(monitor, 4);
  expect(monitor.of('disk').state).toBe('down');
  await probe(monitor, 1);
  const [incident, ...others] = monitor.view().incidents;
  expect(incident).toMatchObject({ state: 'down', reasons: ['little room', 'no room'] });
  expect(new Date(incident?.ended_at ?? 0).getTime()).toBeGreaterThan(new Date(incident?.started_at ?? 0).getTime());
  expect(incident?.ended_by).toBe('recovery');
  expect(others).toEqual([]);
  expect(monitor.view()).toMatchObject({ status: 'ok', components: { disk: { reasons: [] } } });
  expect(changes.map(({ what }) => what)).toEqual(['opened', 'changed', 'closed']);
  expect(events.map(({ type }) => type)).toEqual(['incident_opened', 'incident_changed', 'incident_closed']);
});

test('a node is down where its store is, and degraded where anything else is down', async () => {
  const [store, broker] = [new Component('store'), new Component('broker')];
  const monitor = monitorOf(store, broker);
  broker.finds = () => finding('down', 'nobody is heard');
  await probe(monitor, 3);
  expect(monitor.status).toBe('degraded');
  store.finds = () => finding('down', 'it is gone');
  await probe(monitor, 3);
  expect(monitor.status).toBe('down');
});

test('a probe that hangs is not asked again, and is degraded until it answers; others are probed all the same', async () => {
  const [store, memory] = [new Component('store'), new Component('memory')];
  const hanging = Promise.withResolvers<Finding>();
  store.finds = () => hanging.promise;
  const monitor = monitorOf(store, memory);
  await probe(monitor, 3);
  expect([store.runs, memory.runs]).toEqual([1, 3]);
  expect(monitor.of('store')).toMatchObject({
    state: 'degraded',
    reasons: ['store has not answered its probe for 2 s'],
  });
  store.finds = () => finding('ok');
  hanging.resolve(finding('ok'));
  await probe(monitor, 6);
  expect(monitor.of('store').state).toBe('ok');
});

test('a probe that fails says so, and why', async () => {
  const clockComponent = new Component('clock');
  clockComponent.finds = () => Promise.reject(new Error('no answer'));
  const monitor = monitorOf(clockComponent);
  await probe(monitor, 3);
  expect(monitor.of('clock').reasons).toEqual(['it could not be looked at: no answer']);
});

test('the last fifty incidents are kept, and those that go on', async () => {
  const [memory, disk] = [new Component('memory'), new Component('disk')];
  const monitor = monitorOf(disk, memory);
  disk.finds = () => finding('degraded', 'little room');
  await probe(monitor, 3);
  for (let n = 0; n < 60; n++) {
    memory.finds = () => finding('degraded', `full for the ${n}th time`);
    await probe(monitor, 3);
    memory.finds = () => finding('ok');
    await probe(monitor, 5);
  }
  const { incidents } = monitor.view();
  expect(incidents).toHaveLength(51);
  expect(incidents[0]?.reasons).toEqual(['full for the 59th time']);
  expect(incidents.at(-1)).toMatchObject({ component: 'disk', ended_at: null });
});
