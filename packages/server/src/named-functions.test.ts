import { createSender } from '@tidings/sender';
import { expect, test } from 'vitest';
import { apiKey, RunningServer } from '../testing/running-server.ts';

test.each(['over HTTP', 'in process'])('what applications send %s arrives as they sent it', async (way) => {
  const server = await RunningServer.start();
  try {
    const by = way === 'in process' ? server.tidings : createSender({ url: server.url, apiKey });
    const socket = await server.join('42');
    const step = { transactionId: '7', step: 'Upload to UCM', stepNumber: 1, totalSteps: 5 };
    const workflow = { ...step, message: 'Uploading', status: 'processing', instance: 9 };
    expect(await by.withNotificationUser(42, () => by.sendWorkflowNotification(workflow))).toBe(true);
    const kind = { title: 'Yours now', message: 'Budget 9', notification_type: 'task_assigned', project: 'P1' };
    expect(await by.sendNotificationToUser(42, kind)).toBe(true);
    expect(await socket.got('oracle_upload_progress')).toMatchObject({
      ...{ transaction_id: '7', step: 'Upload to UCM', step_number: 1, total_steps: 5 },
      ...{ message: 'Uploading', status: 'processing', instance: 9 },
    });
    expect(await socket.got('notification')).toMatchObject({
      ...{ title: 'Yours now', category: 'task_assigned', notification_type: 'info' },
      data: { notification_type: 'task_assigned', project: 'P1' },
    });
    await by.close();
  } finally {
    await server.stop();
  }
});
