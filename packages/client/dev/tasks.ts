import type { FakeClient } from '../src/elements/testing/fake-client.ts';

const steps = ['Preparing Data', 'Upload to UCM', 'Interface Loader', 'Journal Import', 'AutoPost'];
const at = (number: number) => ({ step: steps[number - 1] ?? null, step_number: number, total_steps: 5 });

/** A card for each state that a task may be in. */
export function fillTasks(client: FakeClient): void {
  for (const id of ['unknown', 'queued', 'running', 'cancelling', 'completed', 'failed', 'cancelled']) {
    const task = document.createElement('tidings-task');
    task.taskId = id;
    task.client = client;
    document.querySelector('#tasks')?.append(task);
  }
  setTimeout(() => report(client));
}

function walk(client: FakeClient, id: string, to: number): void {
  const name = 'Q1 budget transfer · Vision Operations';
  for (let number = 1; number <= to; number += 1) client.report(id, { name, ...at(number) });
}

function report(client: FakeClient): void {
  client.report('queued', { name: 'Nightly reconciliation', status: 'queued', message: 'Waiting for a free worker.' });
  walk(client, 'running', 3);
  client.report('running', { progress: 46, message: 'Loading 214 lines into GL_INTERFACE' }, 135_000);
  walk(client, 'cancelling', 2);
  client.report('cancelling', { progress: 22, cancel_requested: true }, 240_000);
  walk(client, 'completed', 5);
  client.report('completed', { status: 'completed', progress: 100, result: { file_url: '/files/result.zip' } });
  client.report('completed', { message: '214 lines posted to Vision Operations.' });
  walk(client, 'failed', 4);
  client.report('failed', {
    ...{ type: 'task_error', status: 'failed', progress: 71, attempt: 2, message: 'Journal Import failed' },
    error: 'Batch 4711 does not balance: debits exceed credits by €1,250.00 in line 88.',
  });
  walk(client, 'cancelled', 2);
  client.report('cancelled', { status: 'cancelled', progress: 30, message: 'Cancelled by Dana Okafor.' });
}
