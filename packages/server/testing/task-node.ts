import type { LinkedTask, NotifyResult } from '@tidings/protocol';
import { MemoryBroker } from '../src/broker/memory/memory-broker.ts';
import type { BackEnd, CommandContext } from '../src/commands/context.ts';
import { notify, prepare } from '../src/commands/notify.ts';
import type { Identity } from '../src/domain/identity.ts';
import { Living } from '../src/domain/inbox/living.ts';
import type { Broker, Store } from '../src/domain/ports.ts';
import { Watch } from '../src/domain/watch.ts';
import { anyTopic, Hub } from '../src/fanout/hub.ts';
import { Clockwork } from '../src/jobs/due-jobs.ts';
import { CallbackOrigins } from '../src/outbound/webhooks/callback-origins.ts';
import { LocalRunner } from '../src/runner/local/local-runner.ts';
import { TaskLanes } from '../src/tasks/lanes.ts';
import { livingTask } from '../src/tasks/living.ts';
import type { TelemetryEvent } from '../src/telemetry/events.ts';
import { readJson, readProgress, readStart } from '../src/transport/in-process/in-process-input.ts';
import type { HandClock } from './store-fixture.ts';
import { StorePerson } from './store-person.ts';

const backEnd: BackEnd = { kind: 'back_end', scope: 'tests' };

/** What one node does with notifications and tasks, on a store that is open: everything but sessions and transports. */
export class TaskNode {
  readonly store: Store;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly watch = new Watch();
  readonly tasks: TaskLanes;
  readonly runner: LocalRunner;
  readonly clockwork: Clockwork;
  readonly context: CommandContext;
  readonly told: TelemetryEvent[] = [];

  private constructor(store: Store, clock: HandClock, broker: Broker) {
    const time = { now: () => clock.now };
    const telemetry = { emit: (event: TelemetryEvent) => void this.told.push(event) };
    this.store = store;
    this.broker = broker;
    store.onBatch((batch) => broker.publish(batch));
    this.hub = new Hub({ store, broker, telemetry, patience: 5, holdLimit: 1_000 });
    this.hub.join(anyTopic, this.watch);
    const living = new Living(store, time);
    this.tasks = new TaskLanes(store, time, living, 1_000_000);
    this.runner = new LocalRunner({
      ...{ store, tasks: this.tasks, living, watch: this.watch, clock: time, telemetry, concurrency: 2 },
      prepare: (input) => prepare(this.context, backEnd, readJson(input, 'question')).write,
      read: { start: readStart, progress: readProgress, json: readJson },
      within: (_owner, run) => run(),
    });
    this.clockwork = new Clockwork(store);
    const absent = () => Promise.reject(new Error('nobody is connected here'));
    this.context = {
      ...{
        store,
        tasks: this.tasks,
        clock: time,
        telemetry,
        runner: this.runner,
        watch: this.watch,
        adminRole: 'admin',
        maxDataBytes: 1_000_000,
      },
      callbacks: new CallbackOrigins(['https://app.example.com'], { isDevelopment: true, canSign: true }),
      presence: { users: async () => [], ids: async () => [], connections: async () => [] },
      rights: { set: absent },
      lockout: { disconnect: absent, revoke: absent },
    };
  }

  static async begin(store: Store, clock: HandClock, broker: Broker = new MemoryBroker()): Promise<TaskNode> {
    const node = new TaskNode(store, clock, broker);
    node.hub.start(await store.head());
    return node;
  }

  async stop(): Promise<void> {
    this.watch.close();
    await this.runner.stop();
    this.hub.stop();
  }

  notify(input: object): Promise<NotifyResult> {
    return notify(this.context, backEnd, { to: { user: 'ann' }, message: 'Import', ...input });
  }

  /** The frame of a notification as it is stored. */
  async frame(id: string): Promise<{ task?: LinkedTask; [field: string]: unknown }> {
    const record = await this.store.record(id);
    if (!record) throw new Error(`no notification ${id}`);
    return { ...JSON.parse(record.body), rev: record.rev, alert_rev: record.alertRev };
  }

  /** How a task is now to be shown. */
  async shown(taskId: string): Promise<LinkedTask> {
    const task = await this.tasks.get(taskId);
    if (!task) throw new Error(`no task ${taskId}`);
    return livingTask(task.state);
  }

  person(id: string, roles: readonly string[] = []): StorePerson {
    return new StorePerson(this.store, id, roles);
  }
}

/** A person as a token names one. */
export const identity = (id: string, roles: readonly string[] = []): Identity => ({
  ...{ id, username: `${id}@example`, roles, grants: [], expiresAt: null },
  ...{ issuedAt: 0, isDated: true, tokenId: null },
});
