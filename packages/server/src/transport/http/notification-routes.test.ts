import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `n${++users}`;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const send = async (user: string, more: object = {}) =>
  (await server.call('POST', '/api/v1/notifications', { to: { user }, title: 'a', message: 'b', ...more })).body;
const one = (method: string, id: string, body?: unknown) => server.call(method, `/api/v1/notifications/${id}`, body);

test('a notification is read, changed in place and taken back', async () => {
  const user = someone();
  const { id, rev } = await send(user, { external_id: 'e1' });
  expect((await one('GET', id)).body).toMatchObject({
    ...{ id, rev, status: 'live', to: { user }, external_id: 'e1', deliver_at: null, answer: null },
    frame: { type: 'user_notification', title: 'a' },
  });
  const edited = await one('PATCH', id, { title: 'new' });
  expect(edited).toMatchObject({ status: 200, body: { id } });
  expect(edited.body.rev).toBeGreaterThan(rev);
  expect((await one('GET', id)).body.frame).toMatchObject({ title: 'new', message: 'b' });
  const gone = await one('DELETE', id);
  expect(gone).toMatchObject({ status: 200, body: { id } });
  expect((await one('DELETE', id)).body).toEqual(gone.body);
  expect((await one('GET', id)).body).toMatchObject({ status: 'retracted', frame: null });
  expect(await one('PATCH', id, { title: 'late' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect((await server.callAs(user, 'GET', '/api/v1/inbox')).body).toMatchObject({ items: [], unread_count: 0 });
});

test('what waits is listed soonest first, page by page, and cancelled', async () => {
  const user = someone();
  const later = await send(user, { deliver_at: inDays(2) });
  const sooner = await send(user, { deliver_at: inDays(1) });
  expect(later).toMatchObject({ scheduled: true });
  const list = async (query: string) =>
    (await server.call('GET', `/api/v1/notifications?status=scheduled${query}`)).body;
  const first = await list('&limit=1');
  expect(first.items).toMatchObject([{ id: sooner.id, status: 'scheduled', to: { user } }]);
  const second = await list(`&limit=1&before=${first.next_before}`);
  expect(second.items).toMatchObject([{ id: later.id }]);
  for (const { id } of [sooner, later]) expect((await one('DELETE', id)).status).toBe(200);
  expect((await list('')).items).toEqual([]);
});

test('what waits is cancelled only while it waits; what is out stays, and is retracted by those who mean that', async () => {
  const user = someone();
  const [waiting, out] = [await send(user, { deliver_at: inDays(1) }), await send(user)];
  const cancel = (id: string) => one('DELETE', `${id}?status=scheduled`);
  const cancelled = await cancel(waiting.id);
  expect(cancelled).toMatchObject({ status: 200, body: { id: waiting.id } });
  expect((await cancel(waiting.id)).body).toEqual(cancelled.body);
  expect((await one('GET', waiting.id)).body.status).toBe('retracted');
  const message = expect.stringContaining('was delivered already; retract it to take it back');
  expect(await cancel(out.id)).toMatchObject({ status: 409, body: { code: 'conflict', message } });
  expect((await one('GET', out.id)).body.status).toBe('live');
  await one('DELETE', out.id);
  expect(await cancel(out.id)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect((await cancel('none')).status).toBe(404);
});

const buttons = {
  actions: [
    { id: 'yes', label: 'Yes', style: 'primary' },
    { id: 'no', label: 'No' },
  ],
};

test('an answer reaches those who wait for it, and it is the only one', async () => {
  const [asked, other] = [someone(), someone()];
  const { id, rev } = (
    await server.call('POST', '/api/v1/notifications', { to: { users: [asked, other] }, title: 'May I?', ...buttons })
  ).body;
  const waiting = [one('GET', `${id}?wait=25`), server.call('GET', `/api/v1/answers?after=${rev}&wait=25`)];
  const answer = (user: string, action_id: string) =>
    server.callAs(user, 'POST', '/api/v1/inbox/answer', { id, action_id, comment: 'Why not' });
  const given = await answer(asked, 'yes');
  expect(given).toMatchObject({ status: 200, body: { id, answer: { action_id: 'yes', user_id: asked } } });
  const [view, page] = await Promise.all(waiting);
  expect(view?.body).toMatchObject({ status: 'answered', answer: given.body.answer });
  expect(page?.body).toMatchObject({ items: [{ id, ...given.body.answer }], next_after: page?.body.items[0].rev });
  expect((await answer(asked, 'yes')).body).toEqual({ ...given.body, repeated: true });
  expect(await answer(other, 'no')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await answer(someone(), 'no')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect((await server.call('GET', `/api/v1/answers?after=${page?.body.next_after}`)).body.items).toEqual([]);
  expect((await server.call('GET', '/api/v1/answers?limit=1')).body.items).toEqual([]);
});

test('what nobody is asked is answered at once, however long one would wait', async () => {
  const { id } = await send(someone());
  expect((await one('GET', `${id}?wait=60`)).body).toMatchObject({ status: 'live', answer: null });
});

test('what is silent is told to who listens and to its sender, and is in no list', async () => {
  const user = someone();
  const socket = await server.join(user);
  const { id } = await send(user, { silent: true });
  expect(await socket.got('user_notification')).toMatchObject({ id, silent: true });
  expect((await one('GET', id)).body).toMatchObject({ status: 'live', frame: { silent: true } });
  expect((await server.callAs(user, 'GET', '/api/v1/inbox')).body).toMatchObject({ items: [], unread_count: 0 });
  expect((await server.callAs(user, 'POST', '/api/v1/inbox/read', { id })).status).toBe(404);
});

test('no buttons count as absent, also in a change', async () => {
  const user = someone();
  const { id } = await send(user, { actions: [] });
  expect((await one('GET', id)).body.frame).not.toHaveProperty('actions');
  const url = { actions: [], callback_url: 'https://a.example' };
  expect(await server.call('POST', '/api/v1/notifications', { to: { user }, title: 'a', ...url })).toMatchObject({
    status: 400,
  });
  const asked = await send(user, { actions: [{ id: 'yes', label: 'Yes' }] });
  await one('PATCH', asked.id, { title: 'new', actions: [] });
  expect((await one('GET', asked.id)).body.frame).toMatchObject({ title: 'new', actions: [{ id: 'yes' }] });
});

test('an id that no proxy would pass in a path is named in the query, by every call that has one in its path', async () => {
  const [task, user] = ['import/june 7', 'people/ann'];
  const { paths } = (await server.call('GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, never>>;
  };
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries<{ parameters: { name: string; in: string }[] }>(methods).map(([method, { parameters }]) => ({
      ...{ path, method },
      names: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
    })),
  );
  for (const { path, method, names } of calls.filter((call) => call.path.includes('{id}'))) {
    expect(
      names.filter((name) => /^(notification|task|user|room)_id$/.test(name)),
      `${method} ${path}`,
    ).toHaveLength(path.includes('{user}') ? 2 : 1);
  }
  const of = (id: string) => encodeURIComponent(id);
  const reported = await server.call('PATCH', `/api/v1/tasks/-?task_id=${of(task)}`, { progress: 7 });
  expect(reported.body).toMatchObject({ task_id: task, progress: 7 });
  expect((await server.call('GET', `/api/v1/tasks/${of(task)}`)).body).toEqual(reported.body);
  expect((await server.call('POST', `/api/v1/tasks/-/cancel?task_id=${of(task)}`)).body).toMatchObject({
    task_id: task,
  });
  const roles = await server.call('PUT', `/api/v1/users/-/roles?user_id=${of(user)}`, { roles: ['clerk'] });
  expect(roles.body).toEqual({ user_id: user, roles: ['clerk'] });
  const connections = await server.call('GET', `/api/v1/users/-/connections?by=id&user_id=${of(user)}`);
  expect(connections.body).toMatchObject({ user_id: user, connected: false });
  expect((await server.call('PATCH', '/api/v1/tasks/-', { progress: 1 })).body).toMatchObject({ task_id: '-' });
});
