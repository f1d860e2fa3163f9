import { TaskNode } from './task-node.ts';
import { sqliteStore } from './temp-store.ts';

/** A process that runs a task on the database it is given, prints the question by which it waits, and never comes to an end. */
const store = sqliteStore(process.argv[2] as string);
await store.open();
const node = await TaskNode.begin(store, { now: Date.now() });
node.definitions.define('transfer', ({ ask }) =>
  ask({ id: 'book', title: 'Transfer 7', message: 'Book it?', actions: [{ id: 'approve', label: 'Approve' }] }),
);
await node.runner.start('transfer', { amount: 7 }, { owner: 'ann', taskId: 't' });
for (;;) {
  const question = (await node.tasks.get('t'))?.state.questions[0];
  if (question) {
    console.log(JSON.stringify({ id: question.notification }));
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
setInterval(() => {}, 60_000);
