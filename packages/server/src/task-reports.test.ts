import { createSender } from '@tidings/sender';
import { expect, test } from 'vitest';
import { prepared } from '../../../testing/prepared.ts';
import { apiKey, RunningServer } from '../testing/running-server.ts';
import { TempFolder } from '../testing/temp-store.ts';
import { createTidings } from './server.ts';

test.each(['over HTTP', 'in process'])(
  'however much is reported on a task %s, each is answered, and who watches has the newest and the end',
  async (way) => {
    const server = await RunningServer.start();
    try {
      const sender = way === 'in process' ? server.tidings : createSender({ url: server.url, apiKey });
      const watcher = await server.join('ann', {}, '/ws/tasks/');
      watcher.say({ action: 'subscribe', task_id: 'import', ref: 1 });
      await watcher.got('reply');
      const reports = [];
      for (let n = 0; n < 2_000; n++) {
        reports.push(sender.tasks.report('import', { status: 'processing', progress: n / 20, data: { n } }));
        if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      reports.push(sender.tasks.report('import', { status: 'completed', result: { rows: 7 } }));
      const answers = await Promise.all(reports);
      expect(answers.at(-1)).toMatchObject({ status: 'completed', data: { n: 1_999 }, result: { rows: 7 } });
      // Each is answered by a version that holds it or a newer one.
      expect(answers.slice(0, -1).filter(({ data }, n) => Number(data.n) < n)).toEqual([]);
      await watcher.got('task_complete');
      const heard = watcher.of('task_update').map(({ data }) => (data as { n: number }).n);
      expect(heard).toEqual([...heard].sort((a, b) => a - b));
      expect(watcher.of('task_complete')[0]).toMatchObject({ data: { n: 1_999 }, result: { rows: 7 } });
      await sender.close();
    } finally {
      await server.stop();
    }
  },
);

test('what is reported while the server restarts is there when it is back, the end too', async () => {
  const folder = new TempFolder();
  const open = async (port: number) => {
    const tidings = await createTidings({ database: `sqlite:${prepared(folder.file())}`, auth: { apiKeys: [apiKey] } });
    return { tidings, ...(await tidings.listen({ port })) };
  };
  let { tidings, url, port } = await open(0);
  const sender = createSender({ url, apiKey, retry: { maxDelayMs: 50 } });
  try {
    const reports = [sender.tasks.report('import', { status: 'processing', data: { n: 0 } })];
    const restarted = tidings.close().then(async () => {
      ({ tidings } = await open(port));
    });
    for (let n = 1; n <= 500; n++) {
      reports.push(sender.tasks.report('import', { status: 'processing', data: { n } }));
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    reports.push(sender.tasks.report('import', { status: 'completed' }));
    await restarted;
    await Promise.all(reports);
    expect(await tidings.tasks.get('import')).toMatchObject({ status: 'completed', data: { n: 500 } });
  } finally {
    await sender.close();
    await tidings.close();
    folder.remove();
  }
});
