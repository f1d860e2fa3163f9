import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { until, World } from '../../testing/world.ts';
import { disconnect, revoke, setRoles } from './access.ts';
import { userConnections } from './connections.ts';

const folder = new TempFolder();
let world: World;
beforeAll(async () => {
  world = await new World(sqliteStore(prepared(folder.file()))).open();
});
afterAll(async () => {
  await world.close();
  folder.remove();
});

const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'taken',
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );

test('sets all roles of a user, seen before or not, and tells which they are', async () => {
  expect(await setRoles(world.context, 'new', { roles: ['a', 'b', 'a'] })).toEqual({
    user_id: 'new',
    roles: ['a', 'b'],
  });
  const connection = await world.join('/ws/?user=new');
  expect(connection.of('connection_established')[0]?.roles).toEqual(['a', 'b']);
  expect(await setRoles(world.context, 'new', { roles: [] })).toEqual({ user_id: 'new', roles: [] });
  await until(() => connection.of('topic_left').length === 2);
});

test.each<[string, unknown, RegExp]>([
  ['u', undefined, /a user's roles/],
  ['u', { role: ['a'] }, /no member "role"|needs "roles"/],
  ['u', { roles: 'admin' }, /roles must be array; got "admin"/],
  ['u', { roles: ['nul\u0000'] }, /roles\.0 /],
  ['u', { roles: ['half \ud800'] }, /roles\.0 /],
  ['u', { roles: ['x'.repeat(257)] }, /roles\.0 .*256/],
  ['u', { roles: Array.from({ length: 1_001 }, (_, n) => `r${n}`) }, /roles .*1000/],
  ['', { roles: [] }, /a user's id/],
  ['x'.repeat(257), { roles: [] }, /a user's id/],
  ['nul\u0000', { roles: [] }, /a user's id/],
])('refuses roles that nobody can have: %j %j', async (user, input, expected) => {
  const said = await refusal(setRoles(world.context, user, input));
  expect(said).toMatch(/^bad_request: /);
  expect(said).toMatch(expected);
});

test.each<[unknown, RegExp]>([
  [undefined, /what to revoke/],
  [{}, /exactly one of user, token_id, session_id; got none/],
  [{ user: 'a', token_id: 'b' }, /exactly one of .*; got user, token_id/],
  [{ users: ['a'] }, /no member "users"/],
  [{ token_id: '' }, /token_id /],
  [{ session_id: 7 }, /session_id must be string; got 7/],
  [{ user: 'a', reason: 'x'.repeat(101) }, /reason .*100/],
  [{ reason: 'none' }, /got none/],
])('refuses a revocation that names nobody, or two: %j', async (input, expected) => {
  const said = await refusal(revoke(world.context, input));
  expect(said).toMatch(/^bad_request: /);
  expect(said).toMatch(expected);
});

test('takes a number for a user, and nothing for a body that says only whom', async () => {
  expect(await revoke(world.context, { user: 42 })).toEqual({ disconnected: 0 });
  expect(await disconnect(world.context, 'nobody', undefined)).toEqual({ disconnected: 0 });
  expect(await refusal(disconnect(world.context, 'nobody', { session: 'x' }))).toMatch(/no member "session"/);
});

test('lists the sessions of a user, and ends the one that is named', async () => {
  const [one, two] = [await world.join('/ws/?user=ann'), await world.join('/ws/tasks/?user=ann')];
  const { user_id, connected, connections } = await userConnections(world.context, { id: 'ann' }, false);
  expect([user_id, connected]).toEqual(['ann', true]);
  expect(connections.map(({ path }) => path)).toEqual(['/ws/', '/ws/tasks/']);
  for (const view of connections) {
    expect(view).toEqual({
      ...{ session_id: expect.any(String), path: expect.any(String), address: '127.0.0.1', user_agent: '' },
      ...{ connected_at: expect.stringMatching(/Z$/), round_trip_ms: null },
    });
  }
  const session_id = connections[1]?.session_id;
  expect(await disconnect(world.context, 'ann', { session_id })).toEqual({ disconnected: 1 });
  expect(two.closed).toEqual({ code: 4403, reason: 'an administrator ended this session' });
  expect(one.closed).toBeNull();
  expect((await userConnections(world.context, { username: 'ann' }, false)).connections).toHaveLength(1);
});
