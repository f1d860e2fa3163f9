import { CloseCode } from '@tidings/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prepared } from '../../../../testing/prepared.ts';
import { clockAt } from '../../testing/manual-clock.ts';
import { MemoryConnection } from '../../testing/memory-connection.ts';
import { put, sqliteStore, storeWith, TempFolder } from '../../testing/temp-store.ts';
import { secret, token } from '../../testing/tokens.ts';
import { requestOf, until, World, type WorldOptions } from '../../testing/world.ts';
import { disconnect, revoke } from '../commands/access.ts';
import type { Store } from '../domain/ports.ts';

const second = 1_000;
const folder = new TempFolder();
let store: Store;
let now: number;
let world: World;
let others: World[];
let run = 0;
beforeAll(async () => {
  store = sqliteStore(prepared(folder.file()));
  await store.open();
});
beforeEach(async () => {
  run++;
  // Behind the clock by which tokens are verified, so that it may be put forward.
  now = Math.floor(Date.now() / second) * second - 600 * second;
  others = [];
  world = await anotherNode();
});
afterEach(() => {
  for (const other of others) {
    other.end();
  }
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

/** A name of this test's own: what is revoked stays so. */
const own = (name: string): string => `${name}-${run}`;

/** Another process that shares the store. */
async function anotherNode(options: WorldOptions = {}): Promise<World> {
  const other = new World(store, { jwtSecret: secret, clock: clockAt(() => now), ...options });
  other.hub.start(await store.head());
  await other.revocations.poll();
  others.push(other);
  return other;
}

/** A token as it was issued so many seconds ago. */
const jwt = (name: string, ago = 60, claims: object = {}): string =>
  token({ sub: own(name), iat: now / second - ago, ...claims });
const url = (sub: string, ago?: number, claims?: object): string => `/ws/?token=${jwt(sub, ago, claims)}`;
/** The letter of base64url beside one, which differs in its last bit. */
function nextLetter(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(letter) ^ 1] as string;
}
const isIn = async (at: World, path: string): Promise<string> => {
  const connection = await at.connect(path, () => {}, { origin: 'http://localhost' });
  const code = connection.closed?.code;
  connection.cut();
  return code === undefined ? 'in' : String(code);
};
const why = (at: World, text: string): Promise<string> =>
  at.authenticator.identify(text, now).then(
    () => 'in',
    (error: Error) => error.message,
  );

describe('revoking a user', () => {
  test('ends their sessions and refuses every token from before, also one that was verified already, and lets newer ones in', async () => {
    const [ann, annToo, bob] = [
      await world.join(url('ann')),
      await world.join(url('ann', 5)),
      await world.join(url('bob')),
    ];
    expect(await revoke(world.context, { user: own('ann'), reason: 'left the company' })).toEqual({ disconnected: 2 });
    for (const connection of [ann, annToo]) {
      expect(connection.closed).toMatchObject({ code: CloseCode.unauthenticated });
      expect(connection.closed?.reason).toMatch(/revoked \(left the company\); sign in again/);
    }
    expect(bob.closed).toBeNull();
    expect(await isIn(world, url('ann'))).toBe('4401');
    expect(await why(world, jwt('ann'))).toMatch(/from before .* were revoked \(left the company\)/);
    now += second;
    expect(await isIn(world, url('ann', 2))).toBe('4401');
    expect(await isIn(world, url('ann', 0))).toBe('in');
  });

  test('reaches other nodes when they next look, and those that start later', async () => {
    const there = await anotherNode();
    const connection = await there.join(url('ann'));
    await revoke(world.context, { user: own('ann') });
    expect(connection.closed).toBeNull();
    await there.sweep();
    expect(connection.closed?.code).toBe(CloseCode.unauthenticated);
    expect(await isIn(there, url('ann'))).toBe('4401');
    expect(await isIn(await anotherNode(), url('ann'))).toBe('4401');
  });

  test('refuses a token that does not tell its age, after a restart too, and says why', async () => {
    const undated = token({ sub: own('ann') });
    const connection = await world.join(`/ws/?token=${undated}`);
    await revoke(world.context, { user: own('ann') });
    expect(connection.closed?.code).toBe(CloseCode.unauthenticated);
    now += 60 * second;
    expect(await why(await anotherNode(), undated)).toMatch(/does not tell its age \(claim iat\)/);
  });

  test('goes by nbf where there is no iat, and lets no time beyond the tolerance in', async () => {
    await revoke(world.context, { user: own('ann') });
    now += 10 * second;
    expect(await why(world, token({ sub: own('ann'), nbf: now / second - 20 }))).toMatch(/revoked/);
    expect(await why(world, token({ sub: own('ann'), nbf: now / second - 5 }))).toBe('in');
    const early = token({ sub: own('ann'), iat: now / second + 3_600 });
    expect(await why(world, early)).toMatch(/issued in the future/);
  });

  test('holds where the clock of the issuer is ahead: on the node, on another, and after a restart', async () => {
    const there = await anotherNode();
    const old = jwt('ann', -5);
    expect(await why(world, old)).toBe('in');
    now += second;
    // On a node that has not seen the token.
    await revoke(there.context, { user: own('ann') });
    await world.sweep();
    expect(await why(world, old)).toMatch(/revoked/);
    now += 30 * second;
    for (const node of [world, there, await anotherNode()]) expect(await why(node, old)).toMatch(/revoked/);
    const signedInAgain = jwt('ann', -5);
    for (const node of [world, there, await anotherNode()]) expect(await why(node, signedInAgain)).toBe('in');
  });

  test('is kept to the newest word, whichever comes first', async () => {
    await revoke(world.context, { user: own('ann') });
    const before = now;
    now -= 3_600 * second;
    await revoke(world.context, { user: own('ann') });
    now = before + 5 * second;
    expect(await isIn(world, url('ann', 10))).toBe('4401');
    expect(await isIn(await anotherNode(), url('ann', 10))).toBe('4401');
  });
});

describe('revoking a token', () => {
  test('by its jti ends the sessions that came with it, on all nodes, and no others', async () => {
    const there = await anotherNode();
    const [lost, kept] = [{ jti: own('stolen') }, { jti: own('fine') }];
    const here = [await world.join(url('ann', 60, lost)), await world.join(url('ann', 60, kept))];
    const far = [await there.join(url('ann', 60, lost)), await there.join(url('ann', 60, kept))];
    expect(await revoke(world.context, { token_id: own('stolen') })).toEqual({ disconnected: 1 });
    await there.sweep();
    for (const [gone, stays] of [here, far]) {
      expect(gone?.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('this token was revoked') });
      expect(stays?.closed).toBeNull();
    }
    expect(await isIn(world, url('ann', 60, lost))).toBe('4401');
    expect(await isIn(there, url('ann', 60, lost))).toBe('4401');
  });

  test.each([['jti'], ['hash']])('of a session takes it by its %s', async (by) => {
    const claims = by === 'jti' ? { jti: own('one') } : {};
    const session = await world.join(url('ann', 60, claims));
    const sameToken = await world.join(url('ann', 60, claims));
    const otherToken = await world.join(url('ann', 50));
    const { session_id } = session.received[0] as unknown as { session_id: string };
    expect(await revoke(world.context, { session_id })).toEqual({ disconnected: 2 });
    expect([session, sameToken].map(({ closed }) => closed?.code)).toEqual([4401, 4401]);
    expect(otherToken.closed).toBeNull();
    expect(await isIn(world, url('ann', 60, claims))).toBe('4401');
    expect(await isIn(await anotherNode(), url('ann', 60, claims))).toBe('4401');
  });

  test.each([
    ['with blanks behind it', (text: string) => `${text} `],
    ['with a line end behind it', (text: string) => `${text}\n`],
    ['with other unused bits', (text: string) => text.slice(0, -1) + nextLetter(text.at(-1) as string)],
  ])('without a jti refuses it %s too', async (_how, spell) => {
    const text = jwt('ann');
    const session = await world.join(`/ws/?token=${text}`);
    const { session_id } = session.received[0] as unknown as { session_id: string };
    await revoke(world.context, { session_id });
    for (const node of [world, await anotherNode()]) {
      expect(await why(node, spell(text))).toMatch(/this token was revoked|not a JWT/);
    }
  });

  test('by a jti that is a number', async () => {
    const text = jwt('ann', 60, { jti: 7_000 + run });
    expect(await why(world, text)).toBe('in');
    await revoke(world.context, { token_id: String(7_000 + run) });
    expect(await why(world, text)).toMatch(/this token was revoked/);
  });

  test('of a session of another node is done by that node, and then known to all', async () => {
    const there = await anotherNode();
    const session = await there.join(url('ann'));
    const { session_id } = session.received[0] as unknown as { session_id: string };
    expect(await revoke(world.context, { session_id })).toEqual({ disconnected: 0 });
    await there.sweep();
    expect(session.closed?.code).toBe(4401);
    await world.sweep();
    expect(await isIn(world, url('ann'))).toBe('4401');
  });

  test('does not get round by renewing with it', async () => {
    const connection = await world.join(url('ann', 5));
    await revoke(world.context, { token_id: own('stolen') });
    connection.say({ action: 'authenticate', token: jwt('ann', 60, { jti: own('stolen') }), ref: 1 });
    await until(() => connection.of('error').length === 1);
    expect(connection.of('error')[0]).toMatchObject({ ref: 1, code: 'unauthenticated' });
    expect(connection.closed).toBeNull();
  });

  test('ends a session that had renewed with it', async () => {
    const connection = await world.join(url('ann', 60));
    connection.say({ action: 'authenticate', token: jwt('ann', 5, { jti: own('renewed') }), ref: 1 });
    await until(() => connection.of('reply').length === 1);
    await revoke(world.context, { token_id: own('renewed') });
    expect(connection.closed?.code).toBe(4401);
  });

  test('reaches who was let in just before, and has not begun yet', async () => {
    const admission = await world.admission.admit(requestOf(url('ann')), '/ws/');
    await revoke(world.context, { user: own('ann') });
    const connection = new MemoryConnection();
    if (admission.kind === 'open') connection.events = admission.begin(connection);
    await until(() => connection.closed !== null);
    expect(connection.closed?.code).toBe(4401);
    expect(connection.received).toEqual([]);
    expect(world.registry.size).toBe(0);
  });

  test('is not said to be done where it could not be stored', async () => {
    const failing = storeWith(store, { revoke: () => Promise.reject(new Error('disk full')) });
    const other = new World(failing, { jwtSecret: secret, clock: clockAt(() => now) });
    other.hub.start(await store.head());
    others.push(other);
    const connection = await other.join(url('ann'));
    await expect(revoke(other.context, { user: own('ann') })).rejects.toThrow('disk full');
    expect(connection.closed).toBeNull();
  });

  test.each(['here', 'on another node'])(
    'of a session %s takes its token where it could not be stored at first',
    async (place) => {
      let isBroken = true;
      const failing = storeWith(store, {
        revoke: async (revocation) => {
          if (isBroken) throw new Error('the database is gone');
          await store.revoke(revocation);
        },
      });
      const there = new World(failing, { jwtSecret: secret, clock: clockAt(() => now) });
      there.hub.start(await store.head());
      await there.revocations.poll();
      others.push(there);
      const session = await there.join(url('ann'));
      const bob = await there.join(url('bob'));
      const { session_id } = session.received[0] as unknown as { session_id: string };
      const attempt = place === 'here' ? () => revoke(there.context, { session_id }) : () => there.revocations.poll();
      if (place !== 'here') {
        await revoke(world.context, { session_id });
        await revoke(world.context, { user: own('bob') });
      }
      await expect(attempt()).rejects.toThrow('the database is gone');
      // The other part of the revocation is done meanwhile.
      if (place !== 'here') expect(bob.closed?.code).toBe(4401);
      isBroken = false;
      await attempt();
      expect(session.closed?.code).toBe(4401);
      for (const node of [there, await anotherNode()]) expect(await isIn(node, url('ann'))).toBe('4401');
    },
  );
});

describe('disconnecting', () => {
  test('ends a user’s sessions with 4403 and the reason, and lets them come again', async () => {
    const there = await anotherNode();
    const [ann, bob, far] = [await world.join(url('ann')), await world.join(url('bob')), await there.join(url('ann'))];
    expect(await disconnect(world.context, own('ann'), { reason: 'The office is closed' })).toEqual({
      disconnected: 1,
    });
    expect(ann.closed).toEqual({ code: CloseCode.forbidden, reason: 'The office is closed' });
    expect(bob.closed).toBeNull();
    now += second;
    const back = await there.join(url('ann'));
    await there.sweep();
    await world.sweep();
    expect(far.closed).toEqual({ code: CloseCode.forbidden, reason: 'The office is closed' });
    expect(back.closed).toBeNull();
    const again = await world.join(url('ann'));
    await world.sweep();
    expect(again.closed).toBeNull();
  });

  test('ends one session, and none by another user’s name', async () => {
    const there = await anotherNode();
    const [one, two, far] = [await world.join(url('ann')), await world.join(url('ann')), await there.join(url('ann'))];
    const id = (connection: MemoryConnection) => connection.received[0]?.session_id as string;
    for (const session_id of [id(one), id(far), 'unknown']) {
      expect(await disconnect(world.context, own('bob'), { session_id })).toEqual({ disconnected: 0 });
    }
    await there.sweep();
    expect([one, two, far].map(({ closed }) => closed)).toEqual([null, null, null]);
    expect(await disconnect(world.context, own('ann'), { session_id: id(one) })).toEqual({ disconnected: 1 });
    expect(await disconnect(world.context, own('ann'), { session_id: id(far) })).toEqual({ disconnected: 0 });
    await there.sweep();
    expect([one, two, far].map(({ closed }) => closed?.code)).toEqual([4403, undefined, 4403]);
  });
});

describe('by whatever carrier somebody comes', () => {
  const carriers: Record<string, (text: string) => { path: string; headers: Record<string, string>; first?: object }> =
    {
      query: (text) => ({ path: `/ws/?token=${text}`, headers: {} }),
      header: (text) => ({ path: '/ws/', headers: { authorization: `Bearer ${text}` } }),
      subprotocol: (text) => ({ path: '/ws/', headers: { 'sec-websocket-protocol': `tidings.v1, bearer.${text}` } }),
      cookie: (text) => ({ path: '/ws/', headers: { cookie: `other=1; tidings_token=${text}` } }),
      'first frame': (text) => ({
        path: '/ws/?auth=frame',
        headers: {},
        first: { action: 'authenticate', token: text },
      }),
    };

  async function come(carrier: string, text: string): Promise<MemoryConnection> {
    const { path, headers, first } = (carriers[carrier] as (typeof carriers)[string])(text);
    const connection = await world.connect(path, () => {}, { origin: 'http://localhost', ...headers });
    if (first) connection.say(first);
    await until(() => connection.of('synced').length > 0 || connection.closed !== null);
    return connection;
  }

  test.each(Object.keys(carriers))(
    '%s: who is revoked, has expired or is demoted hears no more, and gets in no more',
    async (carrier) => {
      const [iat, exp] = [now / second - 60, now / second + 1_200];
      const text = (name: string) =>
        token({ sub: own(name), iat, exp, roles: [own('admin')], jti: `jti-${own(name)}` });
      const names = ['revoked', 'stolen', 'demoted', 'expired'];
      const [revoked, stolen, demoted, expired] = (await Promise.all(
        names.map((name) => come(carrier, text(name))),
      )) as [MemoryConnection, MemoryConnection, MemoryConnection, MemoryConnection];
      await revoke(world.context, { user: own('revoked') });
      await revoke(world.context, { token_id: `jti-${own('stolen')}` });
      await world.roles.set(own('demoted'), []);
      now += second;
      await world.sweep();
      await store.commit([put({ id: own('secret'), topics: [`role:${own('admin')}`] })]);
      await world.settle();
      expect(expired.records.at(-1)?.id).toBe(own('secret'));
      expect([revoked, stolen].map(({ closed }) => closed?.code)).toEqual([4401, 4401]);
      expect(demoted.closed).toBeNull();
      for (const connection of [revoked, stolen, demoted]) {
        expect(JSON.stringify(connection.received)).not.toContain(`"${own('secret')}"`);
      }
      now = (exp + 60) * second;
      await world.sweep();
      expect(expired.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
      now -= 120 * second;
      for (const name of ['revoked', 'stolen']) expect((await come(carrier, text(name))).closed?.code).toBe(4401);
      const back = await come(carrier, text('demoted'));
      expect(back.of('connection_established')[0]?.roles).toEqual([]);
      expect(JSON.stringify(back.received)).not.toContain(`"${own('secret')}"`);
    },
  );

  test.each(['query', 'header', 'cookie'])('%s: the same holds for requests', async (carrier) => {
    const text = (name: string) => jwt(name, 60, { roles: [own('admin')], jti: `jti-${own(name)}` });
    const ask = async (sub: string) => {
      const { path, headers } = (carriers[carrier] as (typeof carriers)[string])(text(sub));
      const request = requestOf(path.replace('/ws/', '/api/v1/whoami'), headers);
      return world.authenticator.authenticate(request, now);
    };
    for (const sub of ['revoked', 'stolen', 'demoted']) expect((await ask(sub)).roles).toEqual([own('admin')]);
    await revoke(world.context, { user: own('revoked') });
    await revoke(world.context, { token_id: `jti-${own('stolen')}` });
    await world.roles.set(own('demoted'), []);
    await expect(ask('revoked')).rejects.toThrow('were revoked');
    await expect(ask('stolen')).rejects.toThrow('this token was revoked');
    expect((await ask('demoted')).roles).toEqual([]);
  });

  test('an application’s session: it ends when its user is revoked, and may come again, since the application says who comes', async () => {
    let roles = ['admin'];
    const authenticate = () => ({ sub: own('ann'), roles });
    const other = await anotherNode({ authenticate });
    const connection = await other.join('/ws/');
    now += second;
    await revoke(other.context, { user: own('ann') });
    expect(connection.closed?.code).toBe(4401);
    const again = await other.join('/ws/');
    const { session_id } = again.received[0] as unknown as { session_id: string };
    expect(await revoke(other.context, { session_id })).toEqual({ disconnected: 1 });
    now += second;
    const third = await other.join('/ws/');
    expect(third.of('connection_established')[0]?.roles).toEqual(['admin']);
    roles = [];
    now += second;
    await other.authenticator.authenticate(requestOf('/api/v1/whoami'), now);
    await until(() => third.of('topic_left').length === 1);
  });
});
