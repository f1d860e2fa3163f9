import { TidingsError } from '@tidings/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { clockAt } from '../../testing/manual-clock.ts';
import { put, sqliteStore, storeWith, TempFolder } from '../../testing/temp-store.ts';
import { World, type WorldOptions } from '../../testing/world.ts';
import type { Claims } from '../domain/identity.ts';
import type { Store } from '../domain/ports.ts';

const folder = new TempFolder();
let store: Store;
const nodes: World[] = [];
let users = 0;
const someone = (): string => `u${++users}`;

beforeAll(async () => {
  store = sqliteStore(prepared(folder.file()));
  await store.open();
});
afterAll(async () => {
  for (const node of nodes) node.hub.stop();
  await store.close();
  folder.remove();
});

/** One of the processes that share the store. */
async function aNode(options: WorldOptions = {}): Promise<World> {
  const node = new World(store, options);
  node.hub.start(await store.head());
  nodes.push(node);
  return node;
}

/** A token of a user, as verified. */
const claims = (id: string, roles: readonly string[] | null, issuedAt: number, over: Partial<Claims> = {}): Claims => ({
  ...{ id, username: id, roles, grants: [], expiresAt: null, issuedAt, isDated: true, tokenId: `${id}-${issuedAt}` },
  ...{ isEvidence: true, ...over },
});

/** The store, with a count of what it is asked. */
function counting() {
  const asked = { reads: 0, commits: 0 };
  const user: Store['user'] = (id) => {
    asked.reads++;
    return store.user(id);
  };
  const commit: Store['commit'] = (writes, options) => {
    asked.commits++;
    return store.commit(writes, options);
  };
  return { asked, reads: storeWith(store, { user, commit }) };
}

const audiences = async (user: string) => (await store.user(user))?.roles;

test('the newest evidence says what roles somebody has, in whatever order it comes, however often', async () => {
  const { roles } = await aNode();
  const user = someone();
  const [old, young] = [claims(user, ['admin'], 1_000), claims(user, ['editor'], 2_000)];
  expect((await roles.accept(old)).roles).toEqual(['admin']);
  for (let n = 0; n < 3; n++) {
    expect((await roles.accept(young)).roles).toEqual(['editor']);
    expect((await roles.accept(old)).roles).toEqual(['editor']);
  }
  expect(await audiences(user)).toEqual(['editor']);
});

test('of two tokens of one second the one that came later says what roles somebody has, on each node and after a restart', async () => {
  const [here, there] = [await aNode(), await aNode()];
  const user = someone();
  const [former, later] = [claims(user, ['a'], 1_000), claims(user, ['b'], 1_000, { tokenId: 'later' })];
  expect((await here.roles.accept(former)).roles).toEqual(['a']);
  expect((await there.roles.accept(later)).roles).toEqual(['b']);
  const { head } = await store.head();
  for (const { roles } of [here, there, await aNode()]) {
    for (let n = 0; n < 3; n++) {
      expect((await roles.accept(former)).roles).toEqual(['b']);
      expect((await roles.accept(later)).roles).toEqual(['b']);
    }
  }
  expect((await store.head()).head).toBe(head);
  expect((await here.roles.accept(claims(user, ['a'], 2_000))).roles).toEqual(['a']);
});

test('the back end’s word holds against tokens from before it, and not against those that are issued later', async () => {
  let now = 5_000;
  const { roles } = await aNode({ clock: clockAt(() => now) });
  const user = someone();
  const old = claims(user, ['admin'], 4_000);
  await roles.accept(old);
  await roles.set(user, ['reader']);
  expect((await roles.accept(old)).roles).toEqual(['reader']);
  now = 9_000;
  expect((await roles.accept(claims(user, ['writer'], 8_000))).roles).toEqual(['writer']);
  expect((await roles.accept(old)).roles).toEqual(['writer']);
});

test('the back end’s word holds even where a clock that is ahead has issued the token', async () => {
  const { roles } = await aNode({ clock: clockAt(() => 5_000) });
  const user = someone();
  await roles.accept(claims(user, ['admin'], 60_000));
  await roles.set(user, []);
  expect((await roles.accept(claims(user, ['admin'], 59_000))).roles).toEqual([]);
});

test('what is said of roles of somebody who was never here holds when they come', async () => {
  const { roles } = await aNode({ clock: clockAt(() => 5_000) });
  const user = someone();
  await roles.set(user, ['invited']);
  expect((await roles.accept(claims(user, null, 4_000))).roles).toEqual(['invited']);
  expect((await roles.accept(claims(user, ['other'], 4_000))).roles).toEqual(['invited']);
});

test('who says nothing of roles has those that are stored; who says that there are none has none', async () => {
  const world = await aNode();
  const user = someone();
  const roles = async (query: string) => {
    const connection = await world.join(`/ws/?user=${user}${query}`);
    return connection.of('connection_established')[0]?.roles;
  };
  expect(await roles('')).toEqual([]);
  expect(await roles('&roles=a,b')).toEqual(['a', 'b']);
  expect(await roles('')).toEqual(['a', 'b']);
  expect(await roles('&roles=')).toEqual([]);
  expect(await roles('')).toEqual([]);
});

test('a name for which thousands wait is bound in parts, and by who comes next where that was cut short', async () => {
  const user = someone();
  const username = `name-${user}`;
  const waiting = Array.from({ length: 1_100 }, (_, n) =>
    put({ id: `${user}-${n}`, topics: [`username:${username}`] }),
  );
  await store.commit(waiting);
  const said = claims(user, ['a'], 1_000, { username });
  let commits = 0;
  const commit: Store['commit'] = (writes, options) =>
    ++commits === 2 ? Promise.reject(new TidingsError('unavailable', 'no')) : store.commit(writes, options);
  const { roles } = await aNode({ reads: storeWith(store, { commit }) });
  await expect(roles.accept(said)).rejects.toThrow('no');
  expect(await store.userId(username)).toBeNull();
  expect(await roles.accept(said)).toMatchObject({ username, roles: ['a'] });
  expect(commits).toBe(4);
  expect(await store.userId(username)).toBe(user);
  expect((await store.record(`${user}-1099`))?.topics).toEqual([`user:${user}`]);
});

test('what is no evidence has the name and the roles that are stored, and stores nothing', async () => {
  const { asked, reads } = counting();
  const { roles } = await aNode({ reads });
  const [seen, unseen] = [someone(), someone()];
  await roles.accept(claims(seen, ['a'], 1_000, { username: `name-${seen}` }));
  const commits = asked.commits;
  const looked = (id: string) => roles.accept(claims(id, null, 9_000, { username: null, isEvidence: false }));
  expect(await looked(seen)).toMatchObject({ id: seen, username: `name-${seen}`, roles: ['a'] });
  expect(await looked(unseen)).toMatchObject({ id: unseen, username: unseen, roles: [] });
  expect(asked.commits).toBe(commits);
  expect(await store.user(unseen)).toBeNull();
  expect((await roles.accept(claims(seen, ['b'], 2_000, { username: `name-${seen}` }))).roles).toEqual(['b']);
});

test('who says nothing of the name keeps the one that is stored, and without one is called by the id', async () => {
  const { roles } = await aNode();
  const user = someone();
  const unnamed = claims(user, ['a'], 2_000, { username: null });
  expect(await roles.accept(unnamed)).toMatchObject({ username: user });
  await roles.accept(claims(user, ['a'], 1_000, { username: `name-${user}` }));
  expect(await roles.accept(unnamed)).toMatchObject({ username: `name-${user}` });
  expect(await store.userId(`name-${user}`)).toBe(user);
});

test('an older token cannot say otherwise after a restart, even where the newest said nothing new', async () => {
  const user = someone();
  const before = await aNode();
  await before.roles.accept(claims(user, [], 1_000));
  await before.roles.accept(claims(user, [], 3_000));
  const { roles } = await aNode();
  expect((await roles.accept(claims(user, ['admin'], 2_000))).roles).toEqual([]);
});

test('what another node has stored is known here at once', async () => {
  const [here, there] = [await aNode(), await aNode()];
  const user = someone();
  const old = claims(user, ['a'], 1_000);
  await here.roles.accept(old);
  await there.roles.accept(old);
  await there.roles.accept(claims(user, ['b'], 2_000));
  expect((await here.roles.accept(old)).roles).toEqual(['b']);
  await here.roles.set(user, ['c']);
  expect((await there.roles.accept(claims(user, ['b'], 2_000))).roles).toEqual(['c']);
});

test('a change that is heard while its user is being read is not overlooked', async () => {
  const user = someone();
  const other = await aNode();
  await other.roles.accept(claims(user, ['a'], 1_000));
  let isFirst = true;
  const slow: Store['user'] = async (id) => {
    const found = await store.user(id);
    if (isFirst) {
      isFirst = false;
      await other.roles.accept(claims(user, ['b'], 2_000));
    }
    return found;
  };
  const { roles } = await aNode({ reads: storeWith(store, { user: slow }) });
  await roles.accept(claims(user, null, 0));
  expect((await roles.accept(claims(user, null, 0))).roles).toEqual(['b']);
});

test('somebody known costs neither a read nor a commit, by a token or by an application’s session', async () => {
  const { asked, reads } = counting();
  const { roles } = await aNode({ reads });
  const user = someone();
  const session = (at: number) => claims(user, ['a'], at, { tokenId: null });
  const token = claims(user, ['a'], 2_000);
  await roles.accept(token);
  const before = { ...asked };
  for (let n = 0; n < 50; n++) {
    await roles.accept(token);
    await roles.accept(session(3_000 + n));
    await roles.accept(claims(user, ['b'], 1_000));
  }
  expect(asked).toEqual(before);
  expect(before.commits).toBe(1);
});

test('what a session says later holds against a token from between, though nothing had changed', async () => {
  const { roles } = await aNode();
  const user = someone();
  await roles.accept(claims(user, [], 1_000));
  await roles.accept(claims(user, [], 3_000, { tokenId: null }));
  expect((await roles.accept(claims(user, ['admin'], 2_000))).roles).toEqual([]);
});

test('a name is bound once, and anew where it went to another or its user had given it up', async () => {
  const { asked, reads } = counting();
  const { roles } = await aNode({ reads });
  const [one, two] = [someone(), someone()];
  const name = (id: string, username: string) => roles.accept(claims(id, [], 1_000, { username }));
  for (let n = 0; n < 3; n++) await name(one, `ann-${one}`);
  expect(asked.commits).toBe(1);
  for (const [id, text] of [
    [two, 'ann'],
    [one, 'ann'],
    [one, 'anna'],
    [one, 'ann'],
  ] as const) {
    await name(id, `${text}-${one}`);
    expect(await store.userId(`${text}-${one}`)).toBe(id);
  }
});

test('who is called by the id takes the name of nobody, and costs no commit each time', async () => {
  const { asked, reads } = counting();
  const { roles } = await aNode({ reads });
  const [one, two] = [someone(), someone()];
  await roles.accept(claims(one, [], 1_000, { username: two }));
  for (let n = 0; n < 3; n++) {
    expect(await roles.accept(claims(two, [], 1_000))).toMatchObject({ id: two });
    expect(await roles.accept(claims(one, [], 1_000, { username: two }))).toMatchObject({ username: two });
  }
  expect(await store.userId(two)).toBe(one);
  expect(asked.commits).toBe(2);
});

test('who comes with a new name and new roles has both by one commit', async () => {
  const { asked, reads } = counting();
  const { roles } = await aNode({ reads });
  const user = someone();
  await roles.accept(claims(user, ['a'], 1_000, { username: `name-${user}` }));
  expect(asked).toEqual({ reads: 1, commits: 1 });
  expect(await store.user(user)).toMatchObject({ username: `name-${user}`, roles: ['a'] });
});

test('of a role that is new to somebody, what was sent to it before the look-back is not shown', async () => {
  const day = 86_400_000;
  const role = `team-${someone()}`;
  const sent = async (at: number) => {
    const [outcome] = await store.commit([put({ topics: [`role:${role}`], at })]);
    return (outcome as { id: string }).id;
  };
  // A mark is noted at most once a minute, with what was stored up to then.
  const start = Date.now() + 1_000 * day;
  const ids = [await sent(start), await sent(start + day), await sent(start + 2 * day), await sent(start + 3 * day)];
  const now = () => start + 3.5 * day;
  const world = await aNode({ clock: clockAt(now), limits: { roleLookbackMs: 2 * day } });
  const connection = await world.join(`/ws/?user=${someone()}&roles=${role}`);
  expect(connection.records.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(connection.of('synced')[0]).toMatchObject({ unread_count: 2 });
});

test('the back end’s word holds where the clock of the issuer is ahead: on the node, on another, and after a restart', async () => {
  let now = 1_000_000;
  const node = () => aNode({ clock: clockAt(() => now) });
  const [here, there] = [await node(), await node()];
  const user = someone();
  const old = claims(user, ['admin'], now + 5_000);
  await here.roles.accept(claims(user, ['admin'], now - 60_000));
  await there.roles.accept(old);
  // Nothing changed by it, so that this node did not hear of the newer token.
  await here.roles.accept(old);
  now += 1_000;
  await there.roles.set(user, []);
  now += 30_000;
  for (const { roles } of [here, there, await node()]) expect((await roles.accept(old)).roles).toEqual([]);
  const renewed = claims(user, ['admin'], now + 5_000);
  for (const { roles } of [await node(), here, there]) {
    expect((await roles.accept(renewed)).roles).toEqual(['admin']);
  }
});

test('the back end’s word holds against a token that another node notes at the same moment, and that changes nothing', async () => {
  const user = someone();
  const other = await aNode({ clock: clockAt(() => 5_000) });
  const old = claims(user, ['admin'], 9_000);
  await other.roles.accept(claims(user, ['admin'], 1_000));
  let isFirst = true;
  const slow: Store['commit'] = async (writes, options) => {
    if (isFirst) {
      isFirst = false;
      await other.roles.accept(old);
    }
    return store.commit(writes, options);
  };
  const { roles } = await aNode({ reads: storeWith(store, { commit: slow }), clock: clockAt(() => 5_000) });
  await roles.set(user, []);
  expect((await other.roles.accept(old)).roles).toEqual([]);
});
