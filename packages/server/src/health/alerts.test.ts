import {
  type ComponentName,
  type HealthState,
  type Incident,
  type NodeIncident,
  type NotificationEdit,
  type NotifyInput,
  TidingsError,
} from '@tidings/protocol';
import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { HealthAlerts } from './alerts.ts';
import { Incidents } from './incidents.ts';

let clock: ManualClock;
let incidents: Incidents;
let sent: NotifyInput[];
let edits: [string, NotificationEdit][];
let store: HealthState;
let refusal: Error | null;
let alerts: HealthAlerts;

beforeEach(() => {
  clock = new ManualClock();
  incidents = new Incidents('n1', clock);
  [sent, edits, store, refusal] = [[], [], 'ok', null];
  const send = {
    async notify(input: NotifyInput) {
      if (refusal) throw refusal;
      return { id: `a${sent.push(input)}` };
    },
    async edit(id: string, change: NotificationEdit) {
      if (refusal) throw refusal;
      edits.push([id, change]);
    },
  };
  const monitor = {
    view: () => ({ incidents: incidents.list }) as never,
    of: () => ({ state: store, reasons: [] }),
    lasted: incidents.lasted.bind(incidents),
  };
  alerts = new HealthAlerts(monitor, { node: 'n1', adminRole: 'operators', send });
});

const note = (component: ComponentName, state: HealthState, reason = 'why') =>
  incidents.note(component, state, state === 'ok' ? [] : [reason]);

test('an incident that lasts is one notification, which tells when it gets worse and when it ends', async () => {
  note('disk', 'degraded', 'little room');
  await clock.advance(29_000);
  await alerts.step();
  expect(sent).toEqual([]);
  await clock.advance(1_000);
  for (let n = 0; n < 3; n++) await alerts.step();
  expect(sent).toMatchObject([
    {
      ...{ to: { role: 'operators' }, notification_type: 'warning', title: 'The disk of node n1 is degraded' },
      message: expect.stringMatching(/^little room\nSince /),
    },
  ]);
  note('disk', 'down', 'no room');
  await alerts.step();
  note('disk', 'ok');
  for (let n = 0; n < 3; n++) await alerts.step();
  expect(sent).toHaveLength(1);
  expect(edits).toMatchObject([
    ['a1', { notification_type: 'error', title: 'The disk of node n1 is down' }],
    ['a1', { notification_type: 'success', message: expect.stringMatching(/^little room\nno room\nFrom .* to /) }],
  ]);
});

test('an incident that is over soon is not told', async () => {
  note('broker', 'down');
  await clock.advance(20_000);
  note('broker', 'ok');
  await clock.advance(60_000);
  await alerts.step();
  expect(sent).toEqual([]);
});

test('the outage of the store is told once it is over', async () => {
  note('store', 'down', 'it has not answered');
  store = 'down';
  refusal = new TidingsError('unavailable', 'nothing can be stored');
  await clock.advance(60_000);
  await alerts.step();
  note('store', 'ok');
  store = 'ok';
  await expect(alerts.step(), 'it could not be stored yet').rejects.toThrow('nothing can be stored');
  refusal = null;
  await alerts.step();
  expect(sent).toMatchObject([{ title: 'The store of node n1 is well again', notification_type: 'success' }]);
});

test('one that was retracted meanwhile stops nothing', async () => {
  note('disk', 'degraded');
  await clock.advance(30_000);
  await alerts.step();
  note('disk', 'ok');
  refusal = new TidingsError('conflict', 'the notification a1 was retracted');
  await alerts.step();
  refusal = null;
  await alerts.step();
  expect(edits).toEqual([]);
  note('memory', 'down');
  await clock.advance(30_000);
  await alerts.step();
  expect(sent).toHaveLength(2);
});

test('a clock that is set forward makes no incident last, and one that is set back none short', async () => {
  note('disk', 'degraded');
  clock.set(3_600_000);
  await clock.advance(29_000);
  await alerts.step();
  expect(sent).toEqual([]);
  clock.set(-7_200_000);
  await clock.advance(1_000);
  await alerts.step();
  expect(sent).toMatchObject([{ title: 'The disk of node n1 is degraded' }]);
  note('disk', 'ok');
  const [{ started_at, ended_at }] = incidents.list as [Incident];
  expect(Date.parse(ended_at as string) - Date.parse(started_at)).toBe(30_000);
});

test('an incident that was told, and whose process ends, is told to be over by the restart', async () => {
  note('disk', 'down', 'no room');
  await clock.advance(30_000);
  await alerts.step();
  incidents.end();
  await alerts.step();
  expect(edits).toMatchObject([
    ['a1', { notification_type: 'info', title: 'The disk of node n1 was down until it was restarted' }],
  ]);
});

test('an incident of a node that was killed replaces its notification, once it can be stored; a short one was not told', async () => {
  const incident = (seconds: number): NodeIncident => ({
    ...{ id: `n0-${seconds}`, node: 'n0', component: 'disk', state: 'down', reasons: ['no room'], ended_by: 'restart' },
    ...{ started_at: '2026-03-01T12:00:00.000Z', ended_at: `2026-03-01T12:00:${seconds}.000Z` },
  });
  for (const seconds of [19, 20]) alerts.lost(incident(seconds));
  refusal = new TidingsError('unavailable', 'nothing can be stored');
  await expect(alerts.step()).rejects.toThrow('nothing can be stored');
  refusal = null;
  for (let n = 0; n < 2; n++) await alerts.step();
  expect(sent).toMatchObject([
    {
      ...{ collapse_key: 'health n0 disk', title: 'The disk of node n0 was down until its node was lost' },
      message: 'no room\nFrom 2026-03-01T12:00:00.000Z to 2026-03-01T12:00:20.000Z.',
    },
  ]);
});
