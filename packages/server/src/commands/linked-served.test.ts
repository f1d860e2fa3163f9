import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AnswerEvent } from '@tidings/protocol';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { type PlainSocket, RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

const callbackSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const actions = [{ id: 'approve', label: 'Approve' }];

type Frame = Record<string, unknown> & { id: string; rev: number; task: { status: string; progress: number } };

const about = (socket: PlainSocket, id: string): Frame[] =>
  socket.received.filter((frame): frame is Frame => frame.id === id && frame.type === 'user_notification');

/** Sends an action and waits for its reply. */
async function reply(socket: PlainSocket, action: object): Promise<Record<string, unknown>> {
  const ref = crypto.randomUUID();
  socket.say({ ...action, ref });
  const find = () => socket.received.find((frame) => frame.ref === ref);
  await until(() => find() !== undefined);
  return find() as Record<string, unknown>;
}

test('one item goes from progress to its end on every tab and device: live, replayed and listed', async ({
  onTestFinished,
}) => {
  const server = await RunningServer.start();
  onTestFinished(() => server.stop());
  const { tidings } = server;
  const going = Promise.withResolvers<void>();
  tidings.tasks.define('import', async ({ progress }) => {
    await progress({ progress: 40, message: 'Rows' });
    await going.promise;
    throw new Error('row 7 is bad');
  });
  const tab = await server.join('ann');
  await tidings.tasks.start('import', { file: 'x' }, { owner: 'ann', taskId: 't' });
  const { id, rev } = await tidings.notify({ to: { users: ['ann', 'bob'] }, title: 'Import', task_id: 't' });
  const cursor = String(tab.of('synced')[0]?.cursor);
  const bob = await server.join('bob');
  going.resolve();
  await until(() => about(tab, id).some(({ task }) => task.status === 'failed'));
  await until(() => about(bob, id).some(({ task }) => task.status === 'failed'));

  const late = await server.open(`/ws/?token=${token({ sub: 'ann' })}&cursor=${encodeURIComponent(cursor)}`).settled();
  const failed = { status: 'failed', error: 'row 7 is bad', can_retry: true };
  expect(about(late, id)).toMatchObject([{ replayed: true, alert_rev: rev, task: failed }]);
  const listed = (await reply(late, { action: 'list' })).items as Frame[];
  expect(listed).toMatchObject([{ id, rev: about(late, id)[0]?.rev, task: failed }]);

  // Bob sees it, as the sender chose, and steers nothing.
  for (const action of ['cancel_task', 'retry_task']) {
    expect(await reply(bob, { action, task_id: 't' })).toMatchObject({ type: 'error', code: 'not_found' });
  }
  expect(await reply(late, { action: 'retry_task', task_id: 't' })).toMatchObject({ status: 'queued', attempt: 2 });
  await until(() => about(bob, id).some(({ task }) => task.status === 'failed' && Reflect.get(task, 'attempt') === 2));
  expect(tab.of('user_notification').every((frame) => frame.id === id)).toBe(true);
});

test('an answer comes back by event, by callback and to who waits, once', async ({ onTestFinished }) => {
  const posted: AnswerEvent[] = [];
  const application = createServer(async (request, response) => {
    const event = new Webhook(callbackSecret).verify(await text(request), request.headers as Record<string, string>);
    posted.push((event as { data: AnswerEvent }).data);
    response.end();
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void application.close());
  const origin = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
  const server = await RunningServer.start({ callbacks: { secret: callbackSecret, origins: [origin] } });
  onTestFinished(() => server.stop());
  const { tidings } = server;

  const heard: AnswerEvent[] = [];
  tidings.notifications.onAnswer((event) => heard.push(event), { after: 0 });
  const { id } = await tidings.notify({ to: { user: 'ann' }, actions, callback_url: `${origin}/answers` });
  const waited = tidings.notifications.waitForAnswer(id);
  const devices = [await server.join('ann'), await server.join('ann')];
  const replies = await Promise.all(devices.map((one) => reply(one, { action: 'answer', id, action_id: 'approve' })));
  expect(replies.filter(({ repeated }) => repeated)).toHaveLength(1);
  expect(replies[0]?.answer).toEqual(replies[1]?.answer);
  expect(await waited).toMatchObject({ action_id: 'approve', user_id: 'ann' });
  await until(() => heard.length > 0 && posted.length > 0);
  expect(posted).toEqual(heard);
  expect(heard).toMatchObject([{ id, action_id: 'approve', user_id: 'ann' }]);
  for (const device of devices) await until(() => about(device, id).some(({ answer }) => answer !== undefined));
});

test('a server closes at once though somebody waits for an answer', async () => {
  const server = await RunningServer.start();
  const { id } = await server.tidings.notify({ to: { user: 'ann' }, actions });
  const ended = server.tidings.notifications.waitForAnswer(id).catch((error) => error.code);
  server.tidings.notifications.onAnswer(() => {});
  server.tidings.tasks.define('ask', ({ ask }) => ask({ message: 'Well?', actions }));
  await server.tidings.tasks.start('ask', null, { owner: 'ann', taskId: 't' });
  await server.stop();
  expect(await ended).toBe('unavailable');
});
