import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningServer } from '../../../testing/running-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(() => server.stop());

let users = 0;
const someone = (): string => `i${++users}`;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const send = async (user: string, more: object = {}): Promise<string> => {
  const body = { to: { user }, type: 'user_message', message: 'x', ...more };
  return (await server.call('POST', '/api/v1/notifications', body)).body.id;
};
const inbox = async (user: string, query = '') =>
  (await server.callAs(user, 'GET', `/api/v1/inbox${query}`)).body as {
    items: { id: string; receipt?: object }[];
    next_before: number | null;
    unread_count: number;
    categories: Record<string, number>;
  };
const idsIn = async (user: string, query = '') => (await inbox(user, query)).items.map(({ id }) => id);

test('is filtered by all that is asked for, and counted whole', async () => {
  const user = someone();
  const [a, b] = [await send(user, { category: 'money', message: 'Rent' }), await send(user, { category: 'news' })];
  const file = await send(user, { type: 'user_file', data: { file_url: '/x/1.pdf', file_name: 'Report March' } });
  await server.callAs(user, 'POST', '/api/v1/inbox/read', { ids: [b] });
  expect(await idsIn(user)).toEqual([file, b, a]);
  expect(await idsIn(user, '?unread=true')).toEqual([file, a]);
  expect(await idsIn(user, '?unread=false')).toEqual([b]);
  expect(await idsIn(user, '?category=money')).toEqual([a]);
  expect(await idsIn(user, '?type=user_file')).toEqual([file]);
  expect(await idsIn(user, '?q=rent')).toEqual([a]);
  expect(await idsIn(user, '?q=march')).toEqual([file]);
  expect(await idsIn(user, `?since=${encodeURIComponent(inDays(1))}`)).toEqual([]);
  expect(await inbox(user, '?category=news&limit=1')).toMatchObject({ unread_count: 2, categories: { money: 1 } });
});

test('is read page by page', async () => {
  const user = someone();
  const ids = [await send(user), await send(user), await send(user)];
  const first = await inbox(user, '?limit=2');
  expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  expect(await idsIn(user, `?limit=2&before=${first.next_before}`)).toEqual([ids[0]]);
});

test('marks take effect, and say how many they changed', async () => {
  const user = someone();
  const id = await send(user);
  const mark = async (path: string, more: object = {}) => {
    const { status, body } = await server.callAs(user, 'POST', `/api/v1/inbox/${path}`, { ids: [id, 'none'], ...more });
    expect([status, body]).toEqual([200, { marked: 1, not_found: ['none'] }]);
    const { items, unread_count } = await inbox(user);
    return [items.length, unread_count];
  };
  expect(await mark('seen')).toEqual([1, 1]);
  expect(await mark('read')).toEqual([1, 0]);
  expect(await mark('unread')).toEqual([1, 1]);
  expect(await mark('archive')).toEqual([0, 0]);
  expect(await idsIn(user, '?view=archived')).toEqual([id]);
  expect(await mark('unarchive')).toEqual([1, 1]);
  expect(await mark('snooze', { until: inDays(1) })).toEqual([0, 0]);
  expect(await idsIn(user, '?view=snoozed')).toEqual([id]);
  expect(await mark('unsnooze')).toEqual([1, 1]);
});
