import type { LinkedTask, NotifyResult } from '@tidings/protocol';
import { assemble } from '../src/assembly.ts';
import { MemoryBroker } from '../src/broker/memory/memory-broker.ts';
import { MemoryEphemeral } from '../src/broker/memory/memory-ephemeral.ts';
import type { BackEnd, CommandContext } from '../src/commands/context.ts';
import { notify } from '../src/commands/notify.ts';
import { defaultLimits } from '../src/config/options.ts';
import type { Identity } from '../src/domain/identity.ts';
import type { Broker, Clock, Store } from '../src/domain/ports.ts';
import type { ChangeWatcher } from '../src/fanout/change-watcher.ts';
import type { Hub } from '../src/fanout/hub.ts';
import type { DueJobs } from '../src/jobs/due-jobs.ts';
import type { LocalRunner } from '../src/runner/local/local-runner.ts';
import type { TaskDefinitions } from '../src/runner/task-definitions.ts';
import { linkedTask } from '../src/tasks/linked.ts';
import type { TaskService } from '../src/tasks/task-service.ts';
import type { TelemetryEvent } from '../src/telemetry/events.ts';
import { clockAt } from './manual-clock.ts';
import type { HandClock } from './store-fixture.ts';
import { StorePerson } from './store-person.ts';

/** The secret that a node signs callbacks with; it posts none, since its jobs are not started. */
const callbackSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const backEnd: BackEnd = { kind: 'back_end', scope: 'tests' };

/** The notifications and tasks of one node on an open store: everything but sessions and transports. */
export class TaskNode {
  readonly store: Store;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly watch: ChangeWatcher;
  readonly tasks: TaskService;
  readonly runner: LocalRunner;
  readonly definitions: TaskDefinitions;
  readonly dueJobs: DueJobs;
  readonly context: CommandContext;
  readonly events: TelemetryEvent[] = [];

  private constructor(store: Store, clock: HandClock | Clock, broker: Broker, leaseMs: number) {
    const assembly = assemble({
      ...{
        store,
        broker,
        ephemeral: new MemoryEphemeral(),
        clock: 'after' in clock ? clock : clockAt(() => clock.now),
        gapMs: 5,
      },
      leaseMs,
      telemetry: { emit: (event) => void this.events.push(event) },
      limits: { ...defaultLimits, maxDataBytes: 1_000_000, taskConcurrency: 2 },
      options: { callbacks: { origins: ['https://app.example.com'], secret: callbackSecret }, dev: true },
    });
    this.store = store;
    this.broker = broker;
    this.hub = assembly.hub;
    this.watch = assembly.watch;
    this.tasks = assembly.tasks;
    this.runner = assembly.runner;
    this.definitions = assembly.definitions;
    this.dueJobs = assembly.dueJobs;
    this.context = assembly.context;
  }

  /** @param clock one that also says when waits end, or a time that a test sets, beside which they end in real time */
  static async begin(
    store: Store,
    clock: HandClock | Clock,
    broker: Broker = new MemoryBroker(),
    leaseMs = 15_000,
  ): Promise<TaskNode> {
    const node = new TaskNode(store, clock, broker, leaseMs);
    node.hub.start(await store.head());
    return node;
  }

  async stop(): Promise<void> {
    const stopped = this.runner.stop();
    this.watch.close();
    await stopped;
    this.hub.stop();
  }

  notify(input: object): Promise<NotifyResult> {
    return notify(this.context, backEnd, { to: { user: 'ann' }, message: 'Import', ...input });
  }

  /** The ids of the notifications that are linked to a task, in the order in which they last changed. */
  async linkedTo(taskId: string): Promise<string[]> {
    return (await this.store.linkedTo(taskId)).map(({ id }) => id);
  }

  /** The frame of a notification as it is stored. */
  async frame(id: string): Promise<{ task?: LinkedTask; [field: string]: unknown }> {
    const record = await this.store.record(id);
    if (!record) throw new Error(`no notification ${id}`);
    return { ...JSON.parse(record.body), rev: record.rev, alert_rev: record.alertRev };
  }

  /** The task as linked notifications show it now. */
  async shown(taskId: string): Promise<LinkedTask> {
    const task = await this.tasks.get(taskId);
    if (!task) throw new Error(`no task ${taskId}`);
    return linkedTask(task.state);
  }

  person(id: string, roles: readonly string[] = []): StorePerson {
    return new StorePerson(this.store, id, roles);
  }
}

/** A person as a token names one. */
export const identity = (id: string, roles: readonly string[] = []): Identity => ({
  ...{ id, username: `${id}@example`, roles, grants: [], expiresAt: null },
  ...{ issuedAt: 0, isDated: true, tokenId: null, isEvidence: true },
});
