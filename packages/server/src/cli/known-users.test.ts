import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RunningCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';
import { apiKey, type PlainSocket, RunningServer } from '../../testing/running-server.ts';
import { TempFolder } from '../../testing/temp-store.ts';
import { inSeconds, secret } from '../../testing/tokens.ts';

const folder = new TempFolder();
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start();
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

/** The settings of somebody who runs the server; with `TIDINGS_API_KEY` of a back end too. */
const own = () => ({ TIDINGS_URL: server.url, TIDINGS_JWT_SECRET: secret });
const place = () => ({ folder: folder.path, environment: { ...own(), TIDINGS_API_KEY: apiKey } });
const run = (...args: string[]) => runHere(args, place());
const told = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);
const unseen = (user: string) => ({
  ...{ code: 1, stderr: expect.stringContaining(`no user "${user}" was ever seen here`) },
});

let users = 0;
/** A person on a page, with an id, a name that is another, and two roles. */
async function aPerson(): Promise<{ id: string; name: string; page: PlainSocket; whoAmI: () => Promise<unknown> }> {
  const [id, name] = [String(++users), `person-${users}`];
  const claims = { username: name, roles: ['staff', 'approver'], iat: inSeconds(-60) };
  const page = await server.join(id, claims);
  const whoAmI = async () => {
    const { user_id, username } = await told('inbox', name);
    return { user_id, username, roles: (await server.join(id, claims)).of('connection_established')[0]?.roles };
  };
  return { id, name, page, whoAmI };
}

/** Listens until it has caught up. */
async function listening(args: string[], environment: Record<string, string> = place().environment) {
  const listener = new RunningCli(['listen', ...args, '--json'], { folder: folder.path, environment });
  onTestFinished(async () => void (await listener.stop()));
  await listener.says(/"type":"synced"/);
  return listener;
}

test.each(['name', 'id', 'id without an API key'])(
  'listening to a user by %s changes nothing about them',
  async (by) => {
    const { id, name, page, whoAmI } = await aPerson();
    const user = by === 'name' ? name : id;
    const listener = await listening(['--user', user], by === 'id without an API key' ? own() : undefined);
    expect(JSON.parse(listener.stdout.split('\n')[0] as string)).toMatchObject({
      ...{ user_id: id, username: name, roles: ['staff', 'approver'] },
    });
    await run('send', '--role', 'approver', 'Please approve');
    await listener.says(/Please approve/);
    await page.got('user_message');
    expect(page.of('topic_left')).toEqual([]);
    expect(await whoAmI()).toEqual({ user_id: id, username: name, roles: ['staff', 'approver'] });
  },
);

test('listening to somebody who was never seen makes nobody: with an API key it is refused, without one the id is listened to', async () => {
  const { id, name } = await aPerson();
  expect(await run('listen', '--user', 'stranger')).toMatchObject(unseen('stranger'));
  const listener = await listening(['--user', 'stranger'], own());
  expect(await run('inbox', 'stranger')).toMatchObject(unseen('stranger'));
  await run('roles', '--id', 'stranger', 'guest');
  await run('send', '--role', 'guest', 'Welcome');
  await listener.says(/Welcome/);

  // An id that is the name of another takes nothing from them.
  await listening(['--user', name], own());
  expect(await told('inbox', name)).toMatchObject({ user_id: id, username: name });
});

test('roles that are asked for are given, and the name stays', async () => {
  const { id, name, page, whoAmI } = await aPerson();
  await listening(['--user', name, '--roles', 'auditor']);
  await page.got('topic_left', 2);
  expect(await whoAmI()).toEqual({ user_id: id, username: name, roles: ['auditor'] });
});

test('a token made without evidence leaves name and roles as they are', async () => {
  const { id, name, page, whoAmI } = await aPerson();
  const { token } = await told('token', '--user', id, '--no-evidence');
  const other = await server.open(`/ws/?token=${token}`).settled();
  expect(other.of('connection_established')[0]).toMatchObject({ username: name, roles: ['staff', 'approver'] });
  expect(page.of('topic_left')).toEqual([]);
  expect(await whoAmI()).toEqual({ user_id: id, username: name, roles: ['staff', 'approver'] });
});

test('roles are set of a user by name or id, and of one to come by id alone', async () => {
  const { id, name, page } = await aPerson();
  expect((await run('roles', name, 'approver')).stdout).toBe(`${name} (id ${id}) now has the roles approver.\n`);
  expect(await page.got('topic_left')).toMatchObject({ topic: 'role:staff' });
  expect(await told('roles', id, '')).toEqual({ ok: true, user_id: id, roles: [] });

  expect(await run('roles', 'newcomer', 'guest')).toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(/no user "newcomer" was ever seen here; .* add --id$/m) },
  });
  expect(await told('roles', 'newcomer', 'guest', '--id')).toMatchObject({ user_id: 'newcomer', roles: ['guest'] });
  const newcomer = await server.join('newcomer', { roles: ['other'], iat: inSeconds(-60) });
  expect(newcomer.of('connection_established')[0]).toMatchObject({ roles: ['guest'] });
});

test('sessions are listed and ended of a user by name or id', async () => {
  const { id, name, page } = await aPerson();
  expect((await told('connections', name)).connections).toHaveLength(1);
  expect((await run('disconnect', '--user', name)).stdout).toBe('One session was ended.\n');
  await expect.poll(() => page.closed?.code).toBe(4403);
  expect(await told('disconnect', '--user', id)).toEqual({ ok: true, disconnected: 0 });
  for (const args of [
    ['disconnect', '--user', 'nobody'],
    ['connections', 'nobody'],
  ]) {
    expect(await run(...args)).toMatchObject(unseen('nobody'));
  }
});

test('tokens are refused of a user by name, and of one to come by id alone', async () => {
  const { id, name, page } = await aPerson();
  expect((await run('revoke', '--user', name)).stdout).toBe(
    `Refused from now on: the tokens ${name} (id ${id}) has. One session was ended.\n`,
  );
  await expect.poll(() => page.closed?.code).toBe(4401);
  expect(await run('revoke', '--user', 'later')).toMatchObject(unseen('later'));
  expect((await run('revoke', '--user', 'later', '--id')).code).toBe(0);
  expect((await server.join('later', { iat: inSeconds(-60) })).refused?.status).toBe(401);
});
