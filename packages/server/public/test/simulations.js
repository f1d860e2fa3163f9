import { serverUrl } from './dom.js';

/** @typedef {import('./send-forms.js').Call} Call */

const steps = ['Preparing Data', 'Upload to UCM', 'Interface Loader', 'Journal Import', 'AutoPost'];
const failsAt = 4;
const reason = 'Journal 3 does not balance: debit 500.00, credit 450.00';

/** Duration of a step, ms. */
const stepMs = 700;
const pause = () => new Promise((resolve) => setTimeout(resolve, stepMs));

/**
 * Plays an upload through its five steps.
 * @param {{ to: string, transaction: string, fails: boolean }} options
 * @param {Call} call
 */
export async function runUpload({ to, transaction, fails }, call) {
  await call('sendUploadStarted', to, transaction);
  for (const [index, step] of steps.entries()) {
    await pause();
    const number = index + 1;
    if (fails && number === failsAt) {
      await call('sendUploadFailed', to, transaction, reason);
      return `${transaction} failed, as it was told to.`;
    }
    await call('sendProgressNotification', to, step, number, steps.length, transaction);
  }
  await pause();
  await call('sendUploadCompleted', to, transaction, `${serverUrl}/test/sample.csv`);
  return `${transaction} is done.`;
}

/**
 * Plays a task through its steps; it stops when it is asked to.
 * @param {{ task: string, owner: string | undefined, fails: boolean }} options
 * @param {Call} call
 */
export async function runTask({ task, owner, fails }, call) {
  /** @param {object} report */
  const report = (report) => call('tasks.report', task, report);
  await report({ name: 'Journal import', owner, status: 'queued', total_steps: steps.length, restart: true });
  for (const [index, step] of steps.entries()) {
    const number = index + 1;
    const state = await report({ status: 'processing', step, step_number: number, message: `${step} …` });
    if (/** @type {{ cancel_requested: boolean }} */ (state).cancel_requested) {
      await report({ status: 'cancelled', message: 'Stopped, as asked' });
      return `${task} was cancelled.`;
    }
    await pause();
    if (fails && number === failsAt) {
      await report({ status: 'failed', error: reason });
      return `${task} failed, as it was told to.`;
    }
    await report({ progress: (100 * number) / steps.length });
  }
  await report({ status: 'completed', message: '120 lines posted', result: { lines: 120 } });
  return `${task} is done.`;
}
