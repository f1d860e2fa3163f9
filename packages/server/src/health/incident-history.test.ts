import type { HealthState, NodeIncident, NotifyInput } from '@tidings/protocol';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import type { Store } from '../domain/ports.ts';
import { NodeDirectory } from '../presence/node-directory.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { HealthAlerts } from './alerts.ts';
import type { Probe } from './finding.ts';
import { IncidentHistory } from './incident-history.ts';
import { HealthMonitor } from './monitor.ts';

let clock: ManualClock;
let store: Store;
let ephemeral: MemoryEphemeral;
let events: TelemetryEvent[];

beforeEach(async () => {
  const folder = new TempFolder();
  [clock, ephemeral, events] = [new ManualClock(Date.parse('2026-03-01T12:00:00Z')), new MemoryEphemeral(), []];
  store = sqliteStore(prepared(folder.file()));
  await store.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
});

/** A node of which the test says how its disk and its store are. */
class Node {
  readonly history: IncidentHistory;
  readonly directory: NodeDirectory;
  readonly finds: { disk: HealthState; store: HealthState } = { disk: 'ok', store: 'ok' };
  readonly #monitor: HealthMonitor;
  readonly #alerts: HealthAlerts;
  /** The alerts that it has sent. */
  readonly sent: NotifyInput[] = [];
  /** Seconds from now on, until its next step of the alerts. */
  alertsIn = 0;
  isRunning = true;
  /** False while the others do not hear it. */
  isHeard = true;

  constructor(name: string) {
    const telemetry = { emit: (event: TelemetryEvent) => void events.push(event) };
    this.directory = new NodeDirectory(name, ephemeral, clock);
    const probes = (['disk', 'store'] as const).map((component): Probe => {
      const run = () => ({ state: this.finds[component], reasons: [`${component} of ${name}`], latencyMs: null });
      return { component, hold: { worse: 1, better: 1 }, run };
    });
    this.#monitor = new HealthMonitor(probes, () => null as never, { node: name, clock, telemetry });
    this.history = new IncidentHistory(name, {
      ...{ store, monitor: this.#monitor, nodes: this.directory, telemetry },
    });
    this.#alerts = new HealthAlerts(this.#monitor, {
      ...{ node: name, adminRole: 'operators' },
      send: {
        notify: async (input) => ({ id: `a${this.sent.push(input)}` }),
        edit: async () => {},
      },
    });
    this.history.onLost((incident) => this.#alerts.lost(incident));
    onTestFinished(() => this.directory.close());
  }

  /** All that it does in a second. */
  async work(): Promise<void> {
    if (!this.isRunning) return;
    if (this.isHeard) this.directory.announce();
    const probing = this.#monitor.probe();
    await clock.advance(0);
    await probing;
    await this.history.step();
    if (this.alertsIn-- > 0) return;
    this.alertsIn = 4;
    await this.#alerts.step();
  }

  /** As by a kill. */
  kill(): void {
    this.isRunning = false;
  }
}

async function pass(seconds: number, ...nodes: Node[]): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    for (const node of nodes) await node.work();
    await clock.advance(1_000);
  }
}

/** The end of each incident that a node knows: `recovery`, `restart`, or null. */
const endsAt = (node: Node) => node.history.known.map(({ id, ended_by }) => [id, ended_by]);
const stored = async (): Promise<NodeIncident[]> => store.incidents(100);

test('an incident is stored within a second of each of its changes, and read by a process that begins later', async () => {
  const node = new Node('n1');
  await pass(2, node);
  node.finds.disk = 'degraded';
  await pass(1, node);
  expect(await stored()).toMatchObject([{ id: 'n1-1', node: 'n1', component: 'disk', ended_at: null }]);
  node.finds.disk = 'down';
  await pass(1, node);
  expect(await stored()).toMatchObject([{ state: 'down', ended_at: null }]);
  node.finds.disk = 'ok';
  await pass(1, node);
  const later = new Node('n2');
  await later.history.read();
  expect(later.history.known).toEqual([
    {
      ...{ id: 'n1-1', node: 'n1', component: 'disk', state: 'down', reasons: ['disk of n1'] },
      ...{ started_at: '2026-03-01T12:00:02.000Z', ended_at: '2026-03-01T12:00:04.000Z', ended_by: 'recovery' },
    },
  ]);
});

test('an incident that went on when its process was killed is over by the restart, at once for the next process, and soon in the store', async () => {
  const node = new Node('n1');
  node.finds.disk = 'degraded';
  await pass(13, node);
  node.kill();
  const next = new Node('n2');
  await next.history.read();
  const ended = { id: 'n1-1', ended_at: '2026-03-01T12:00:10.000Z', ended_by: 'restart' };
  expect(next.history.known).toMatchObject([ended]);
  await pass(20, next);
  expect(await stored()).toMatchObject([ended]);
  const closed = { incident: 'n1-1', component: 'disk', since: '2026-03-01T12:00:00.000Z', until: ended.ended_at };
  expect(events.filter(({ type }) => type === 'incident_closed')).toEqual([
    { type: 'incident_closed', ...closed, by: 'node_lost' },
  ]);
});

test('of two nodes each shows the incidents of both, and those of one that was killed are over once it is missed', async () => {
  const [one, other] = [new Node('n1'), new Node('n2')];
  one.finds.disk = other.finds.disk = 'degraded';
  await pass(30, one, other);
  const both = [
    ['n2-1', null],
    ['n1-1', null],
  ];
  expect([endsAt(one), endsAt(other)]).toEqual([both, both]);
  one.kill();
  await pass(6, other);
  expect(endsAt(other)).toEqual([
    ['n2-1', null],
    ['n1-1', 'restart'],
  ]);
});

test('a node that is not heard, and writes, has its incidents go on; so has one that is heard, and cannot write', async () => {
  const [here, there] = [new Node('n1'), new Node('n2')];
  there.finds.disk = 'degraded';
  await pass(6, here, there);
  there.isHeard = false;
  await pass(60, here, there);
  expect(here.directory.others).toEqual([]);
  expect(endsAt(here)).toEqual([['n2-1', null]]);
  there.isHeard = true;
  there.finds.store = 'down';
  await pass(60, here, there);
  expect(endsAt(here)).toEqual([['n2-1', null]]);
  expect(await stored()).toMatchObject([{ ended_at: null }]);
});

test('clocks that are set end no incident, and let none go on', async () => {
  const [here, there] = [new Node('n1'), new Node('n2')];
  there.finds.disk = 'degraded';
  await pass(6, here, there);
  clock.set(86_400_000);
  await pass(20, here, there);
  expect(endsAt(here)).toEqual([['n2-1', null]]);
  clock.set(-2 * 86_400_000);
  there.kill();
  await pass(25, here);
  expect(endsAt(here)).toEqual([['n2-1', 'restart']]);
  // As long as it had lasted when it was last written.
  expect(await stored()).toMatchObject([
    { started_at: '2026-03-01T12:00:00.000Z', ended_at: '2026-03-01T12:00:25.000Z', ended_by: 'restart' },
  ]);
});

test('while the store is down nothing is tried, and all of it is stored once it is back', async () => {
  const node = new Node('n1');
  await pass(1, node);
  node.finds.store = node.finds.disk = 'down';
  await pass(10, node);
  node.finds.disk = 'ok';
  await pass(10, node);
  expect(await stored()).toEqual([]);
  node.finds.store = 'ok';
  await pass(1, node);
  expect(await stored()).toMatchObject([
    { component: 'store', state: 'down', started_at: '2026-03-01T12:00:01.000Z', ended_by: 'recovery' },
    { component: 'disk', state: 'down', ended_at: '2026-03-01T12:00:11.000Z', ended_by: 'recovery' },
  ]);
});

test('a node that is closed ends its incidents by its restart', async () => {
  const node = new Node('n1');
  node.finds.disk = 'degraded';
  await pass(3, node);
  await node.history.close();
  expect(await stored()).toMatchObject([{ ended_at: '2026-03-01T12:00:03.000Z', ended_by: 'restart' }]);
});

test.each([0, 1, 2, 3, 4])(
  'an alert whose node is killed is replaced, %i s from its writing to its alerts',
  async (apart) => {
    for (const begun of [1, 2, 3, 4, 5]) {
      const [one, other] = [new Node(`one-${begun}`), new Node(`other-${begun}`)];
      one.alertsIn = apart;
      await pass(begun, one, other);
      one.finds.disk = 'down';
      while (one.sent.length === 0) await pass(1, one, other);
      one.kill();
      await pass(30, other);
      const [told] = one.sent as [NotifyInput];
      const title = `The disk of node one-${begun} was down until its node was lost`;
      expect(other.sent).toMatchObject([{ title, collapse_key: told.collapse_key }]);
      other.kill();
    }
  },
);
