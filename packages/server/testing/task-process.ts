import { PostgresEngine } from '../src/store/postgres/engine.ts';
import { sqlStore } from '../src/store/sql-store.ts';
import { TaskNode } from './task-node.ts';

/**
 * A process that runs a task on a shared database, with leases of 3 s: prints `begun`, and half a second later, which a stop makes
 * longer, how its run ended: `stored` or `lost`.
 */
const store = sqlStore(new PostgresEngine(process.argv[2] as string));
await store.open();
const node = await TaskNode.begin(store, { now: Date.now() }, undefined, 3_000);
setInterval(() => void node.runner.poll(), 300);
node.definitions.define('job', async () => {
  console.log('begun');
  await new Promise((resolve) => setTimeout(resolve, 500));
  return 'of the first';
});
await node.runner.start('job', null, { taskId: 't' });
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const state = (await node.tasks.get('t'))?.state;
  if (state?.result === 'of the first') console.log('stored');
  else if (state && state.attempt > 1) console.log('lost');
  else continue;
  break;
}
