import { databases } from '../../testing/databases.ts';
import { clockAt } from '../../testing/manual-clock.ts';
import { openerOf } from '../../testing/store-fixture.ts';
import { NotificationLinks } from '../domain/inbox/linked.ts';
import { retried } from './attempts.ts';
import { StoredTaskQueue } from './stored-task-queue.ts';
import { newTask, type TaskState } from './task.ts';
import { taskQueueContract } from './task-queue.contract.ts';
import { TaskService } from './task-service.ts';

for (const { name, fixture } of databases) {
  const open = openerOf(fixture);
  taskQueueContract(name, async (whenFinished) => {
    const { store, clock, another } = await open(whenFinished);
    const time = clockAt(() => clock.now);
    const tasks = new TaskService(store, time, new NotificationLinks(time), 1_000);
    return {
      async runner() {
        const own = await another();
        const ownTasks = new TaskService(own, time, new NotificationLinks(time), 1_000);
        return new StoredTaskQueue({ store: own, tasks: ownTasks, clock: time, leaseMs: 1_000 });
      },
      pass(ms) {
        clock.now += ms;
      },
      async add(taskId) {
        const run = { input: 'null', claim: null, key: null, interruptions: 0, failures: 0, isFinal: false };
        await tasks.change(taskId, () => ({ ...newTask(taskId, clock.now), name: 'job', run }));
      },
      again: async (taskId) => void (await tasks.changeExisting(taskId, (before) => retried(before, clock.now))),
      state: async (taskId) => (await tasks.get(taskId))?.state as TaskState,
    };
  });
}
