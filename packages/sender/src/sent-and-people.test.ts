import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSender } from './create-sender.ts';
import { ContractServer } from './testing/contract-server.ts';

let server: ContractServer;
beforeEach(async () => {
  server = await new ContractServer().start();
});
afterEach(() => server.kill());

const sender = () =>
  createSender({
    url: server.url,
    apiKey: server.apiKey,
    retry: { initialDelayMs: 10, maxDelayMs: 40 },
    logger: { warn: () => {} },
  });
const last = () => {
  const { method, path, fields } = server.seen.at(-1) ?? {};
  return [method, path?.replace('/api/v1', ''), fields];
};
const at = (hour: number) => `2026-12-01T0${hour}:00:00Z`;

describe('notifications', () => {
  it('carry their schedule, buttons, task and collapse key, and are answered with what became of them', async () => {
    const { notify } = sender();
    const living = { collapse_key: 'upload-7', task_id: 7, actions: [{ id: 'ok', label: 'OK' }] };
    const input = { to: { user: 1 }, deliver_at: at(9), callback_url: 'https://erp.example/answers', ...living };
    expect(await notify(input)).toEqual({ id: expect.any(String), rev: 1, scheduled: true });
    expect(server.stored[0]).toMatchObject(input);
    const results = [{ id: 'n1', rev: 7, collapsed: true, other: 1 }];
    server.before = () => ({ status: 200, body: { results } });
    expect(await notify(input)).toEqual({ id: 'n1', rev: 7, collapsed: true });
  });

  it('are changed in place, shown and retracted', async () => {
    const { notify, notifications } = sender();
    const { id, rev } = await notify({ to: { user: 1 }, message: 'Due tomorow' });
    const edited = await notifications.edit(id, { message: 'Due tomorrow', expires_at: null });
    expect(edited).toEqual({ id, rev: rev + 1 });
    expect(last()).toEqual(['PATCH', `/notifications/${id}`, { message: 'Due tomorrow', expires_at: null }]);
    expect(await notifications.get(id)).toMatchObject({ id, status: 'live', frame: { message: 'Due tomorrow' } });
    const retracted = await notifications.retract(id);
    expect(await notifications.retract(id)).toEqual(retracted);
    expect(await notifications.get(id)).toMatchObject({ status: 'retracted', frame: null });
    expect(server.seen.filter(({ path }) => path.includes('?'))).toHaveLength(1);
  });

  it('are changed in the order of the calls, through a server that drops answers', async () => {
    const { notify, notifications } = sender();
    const { id } = await notify({ to: { user: 1 }, message: '0' });
    server.after = () => (server.seen.length % 3 === 0 ? 'drop' : undefined);
    const steps = Array.from({ length: 12 }, (_, step) => step + 1);
    const revs = await Promise.all(steps.map((step) => notifications.edit(id, { message: String(step) })));
    expect(revs.map(({ rev }) => rev)).toEqual([...revs.map(({ rev }) => rev)].sort((a, b) => a - b));
    expect(server.sent.views.get(id)?.frame).toMatchObject({ message: '12' });
    expect(server.overlaps).toBe(0);
    expect(server.seen.length).toBeGreaterThan(14);
  });

  it('that wait are listed in pages, soonest first, and cancelled while they wait', async () => {
    const { notify, notifications } = sender();
    for (const hour of [9, 7, 8]) await notify({ to: { user: 1 }, title: `at ${hour}`, deliver_at: at(hour) });
    const { id: now } = await notify({ to: { user: 1 }, message: 'now' });
    const first = await notifications.scheduled({ limit: 2 });
    expect(first.items.map(({ deliver_at }) => deliver_at)).toEqual([at(7), at(8)]);
    const second = await notifications.scheduled({ limit: 2, before: first.next_before ?? '' });
    expect(second).toMatchObject({ items: [{ frame: { title: 'at 9' } }], next_before: null });
    const waiting = first.items[0]?.id as string;
    await notifications.cancel(waiting);
    expect(last()).toEqual(['DELETE', `/notifications/${waiting}?status=scheduled`, undefined]);
    expect((await notifications.scheduled()).items).toHaveLength(2);
    await expect(notifications.cancel(waiting)).rejects.toMatchObject({
      code: 'conflict',
      message: `notification ${waiting} does not wait any more: it was retracted already`,
    });
    await expect(notifications.cancel(now)).rejects.toThrow('was delivered already; retract it to take it back');
    expect(server.sent.views.get(now)?.status).toBe('live');
  });

  it('refuse what cannot be sent, and ids that are none, before anything leaves', async () => {
    const { notifications } = sender();
    const refused = [
      notifications.edit('n1', { data: { amount: Number.NaN } }),
      notifications.edit('n1', 'Hello' as never),
      notifications.retract('..'),
      notifications.get(''),
    ];
    for (const call of refused) await expect(call).rejects.toMatchObject({ code: 'bad_request' });
    expect(server.seen).toEqual([]);
    await expect(notifications.edit('n1', { title: 'x' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('notifyMany', () => {
  it('names the place of each item that was refused, in a list of any length', async () => {
    server.refuse = ({ message }) => (message === 'bad' ? { code: 'bad_request', message: 'no' } : undefined);
    const bad = new Set([0, 999, 1_000, 2_345]);
    const items = Array.from({ length: 2_500 }, (_, i) => ({
      to: { user: i },
      message: bad.has(i) ? 'bad' : 'good',
      data: i === 7 ? { amount: Number.NaN } : {},
    }));
    const outcomes = await sender().notifyMany(items);
    const refused = outcomes.flatMap((outcome, i) =>
      outcome.ok ? [] : [[i, outcome.error.index, outcome.error.code]],
    );
    expect(refused).toEqual([0, 7, 999, 1_000, 2_345].map((i) => [i, i, 'bad_request']));
    expect(server.stored).toHaveLength(2_495);
  });
});

describe('users', () => {
  it('are given roles, listed, disconnected and locked out', async () => {
    const { users } = sender();
    expect(await users.setRoles(42, ['admin', 'manager'])).toEqual({ user_id: '42', roles: ['admin', 'manager'] });
    expect(last()).toEqual(['PUT', '/users/42/roles', { roles: ['admin', 'manager'] }]);
    expect(await users.connections(42)).toMatchObject({ user_id: '42', connections: [{ session_id: 's1' }] });
    expect(await users.disconnect('a/b')).toEqual({ disconnected: 2 });
    expect(last()).toEqual(['POST', '/users/a%2Fb/disconnect', {}]);
    expect(await users.disconnect(42, { sessionId: 's1', reason: 'Moved' })).toEqual({ disconnected: 1 });
    expect(last()[2]).toEqual({ session_id: 's1', reason: 'Moved' });
    await users.revoke({ user: 42 });
    await users.revoke({ tokenId: 'jti-1' });
    await users.revoke({ sessionId: 's1' });
    expect(server.sent.revoked).toEqual([{ user: '42' }, { token_id: 'jti-1' }, { session_id: 's1' }]);
  });

  it.each([
    [{}, 'got nothing'],
    [{ userId: 42 }, 'got userId'],
    [{ user: 42, tokenId: 'a' }, 'got user, tokenId'],
    [null, 'got nothing'],
  ])('are not revoked by %o', async (target, text) => {
    const { users } = sender();
    const error = { code: 'bad_request', message: `revoke needs exactly one of user, tokenId, sessionId; ${text}` };
    await expect(users.revoke(target as never)).rejects.toMatchObject(error);
    await expect(users.setRoles(42, 'admin' as never)).rejects.toThrow('roles must be an array of names');
    expect(server.seen).toEqual([]);
  });
});
