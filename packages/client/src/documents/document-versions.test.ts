import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { RunningServer } from '../../../server/testing/running-server.ts';
import { inSeconds, token } from '../../../server/testing/tokens.ts';
import { createTidingsClient } from '../create-client.ts';
import { documentVersions } from '../document.ts';
import type { ClientOptions } from '../options.ts';
import { room as openRoom } from '../room.ts';
import { until } from '../testing/until.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ auth: { clockToleranceSeconds: 0 }, limits: { versionsPerDocument: 130 } });
});
afterAll(() => server.stop());

let rooms = 0;
const aRoom = (): string => `collaboration:versions of ${++rooms}/a`;
const write = (room: string, text: string) =>
  server.tidings.withDocument(room, (doc) => doc.getText('t').insert(0, text));
const read = (room: string) => server.tidings.withDocument(room, (doc) => doc.getText('t').toString());
const tokenOf = (sub: string, room: string, access: string, claims: object = {}) =>
  token({ sub, username: sub, grants: [`${room}:${access}`], ...claims });

/** The versions of a document, as a user's page has them. */
async function opened(room: string, given: ClientOptions['token'], options: ClientOptions = {}) {
  const logger = { warn() {}, error() {} };
  const client = createTidingsClient({ url: server.url, logger, ...options });
  const versions = documentVersions(client, room);
  onTestFinished(() => {
    versions.close();
    client.disconnect();
  });
  await client.connect(given);
  const names = () => versions.getSnapshot().items.map(({ name }) => name);
  const is = (status: string) => until(() => versions.getSnapshot().status === status);
  return { client, versions, names, is };
}

test('versions are made, read, restored, renamed and deleted, and who else shows them sees it without asking', async () => {
  const room = aRoom();
  await write(room, 'one');
  const ann = await opened(room, tokenOf('ann', room, 'rw'));
  const rob = await opened(room, tokenOf('rob', room, 'r'));
  await Promise.all([ann.is('ready'), rob.is('ready')]);
  expect(rob.versions.getSnapshot()).toEqual({ items: [], status: 'ready', reason: null, hasMore: false });
  const version = await ann.versions.save('As sent');
  expect(version).toMatchObject({ kind: 'named', name: 'As sent', from: { user_id: 'ann', username: 'ann' } });
  await until(() => rob.names().length === 1 && ann.names().length === 1);
  expect(rob.versions.getSnapshot().items).toEqual([version]);
  await write(room, 'more than ');
  expect(await rob.versions.content(version.id)).toEqual({ t: { text: 'one', delta: [{ insert: 'one' }] } });
  const { changed, saved } = await ann.versions.restore(version.id);
  expect([changed, await read(room)]).toEqual([true, 'one']);
  await until(() => rob.names().length === 2);
  expect(rob.names()).toEqual(['Before restore of As sent', 'As sent']);
  const shown = new Y.Doc();
  Y.applyUpdate(shown, await rob.versions.update(saved?.id as string));
  expect(shown.getText('t').toString()).toBe('more than one');
  await ann.versions.rename(saved?.id as string, 'Longer');
  await until(() => rob.names()[0] === 'Longer');
  expect(await ann.versions.remove(version.id)).toEqual({ removed: true });
  await until(() => rob.names().length === 1);
  // A back end is heard, too.
  await server.tidings.documents.saveVersion(room, 'By night');
  await until(() => ann.names()[0] === 'By night' && rob.names()[0] === 'By night');
  await server.tidings.documents.delete(room);
  await until(() => ann.names().length === 0 && rob.names().length === 0);
});

test('a call that is repeated with its key makes one version', async () => {
  const room = aRoom();
  const { versions, names } = await opened(room, tokenOf('ann', room, 'rw'));
  const [first, second] = [
    await versions.save('Once', { idempotencyKey: 'k' }),
    await versions.save('Once', { idempotencyKey: 'k' }),
  ];
  expect(second).toEqual(first);
  await until(() => names().length === 1);
});

test('what is refused is a typed error, and says what to do', async () => {
  const room = aRoom();
  const { id } = await server.tidings.documents.saveVersion(room, 'One');
  const { versions, is } = await opened(room, tokenOf('rob', room, 'r'));
  await is('ready');
  const calls = [
    () => versions.save('No'),
    () => versions.restore(id),
    () => versions.rename(id, 'x'),
    () => versions.remove(id),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'forbidden', retryable: false });
  await expect(versions.content('v0')).rejects.toMatchObject({ code: 'not_found' });
  await expect(versions.save('')).rejects.toMatchObject({ code: 'bad_request' });
});

test('who may not read is refused, and gets the list once the right comes', async () => {
  const room = aRoom();
  await server.tidings.documents.saveVersion(room, 'One');
  const { versions, names, is } = await opened(room, token({ sub: 'mia' }));
  await is('refused');
  expect(versions.getSnapshot()).toMatchObject({ items: [], reason: { code: 'not_found' } });
  await expect(versions.update('v0')).rejects.toMatchObject({ code: 'not_found' });
  await server.tidings.rooms.setMember(room, 'mia', 'r');
  await is('ready');
  await until(() => names().length === 1);
  await server.tidings.rooms.removeMember(room, 'mia');
  await is('refused');
  expect(names()).toEqual([]);
});

test('a token that has run out is renewed for a call, and one that cannot be had is an error', async () => {
  const room = aRoom();
  let asked = 0;
  let isDown = false;
  const { versions, is } = await opened(room, async () => {
    if (isDown) throw new Error('the back end is down');
    // The second is the first one of the calls, and has run out.
    return tokenOf('ann', room, 'rw', ++asked === 2 ? { exp: inSeconds(-5) } : {});
  });
  await is('ready');
  expect(asked).toBe(3);
  isDown = true;
  // The token is kept while it is good.
  expect(await versions.save('Still')).toMatchObject({ name: 'Still' });
  const other = await opened(room, tokenOf('ann', room, 'rw'));
  other.client
    .connect(async () => {
      throw new Error('the back end is down');
    })
    .catch(() => {});
  await expect(other.versions.save('x')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('the back end is down'),
  });
});

test('a server that cannot be reached, and what is none, are told apart', async () => {
  const room = aRoom();
  let answer: () => Promise<Response> = async () => Promise.reject(new TypeError('fetch failed'));
  const { versions, is } = await opened(room, tokenOf('ann', room, 'rw'), { fetch: () => answer() });
  await is('failed');
  expect(versions.getSnapshot().reason).toMatchObject({ code: 'unreachable' });
  answer = async () => new Response('<html>', { status: 200 });
  await expect(versions.save('x')).rejects.toMatchObject({ code: 'bad_response', message: /pass \/api\// });
  // A list that could not be read is read again by itself.
  answer = async () => Response.json({ items: [], next_before: null });
  await is('ready');
});

test('a list is read in pages, and stays as long as it was loaded when it changes', async () => {
  const room = aRoom();
  for (let n = 0; n < 120; n++) await server.tidings.documents.saveVersion(room, `Version ${n}`);
  const { versions, names, is } = await opened(room, tokenOf('rob', room, 'r'));
  await is('ready');
  expect([names().length, names()[0], versions.getSnapshot().hasMore]).toEqual([50, 'Version 119', true]);
  await Promise.all([versions.loadMore(), versions.loadMore()]);
  expect(names()).toHaveLength(100);
  await versions.loadMore();
  expect([names().length, names().at(-1), versions.getSnapshot().hasMore]).toEqual([120, 'Version 0', false]);
  await server.tidings.documents.saveVersion(room, 'One more');
  await until(() => names().length === 121);
});

test('what was done while the connection was lost is there when it is back', async () => {
  const room = aRoom();
  const { client, versions, names, is } = await opened(room, tokenOf('rob', room, 'r'));
  await is('ready');
  client.disconnect();
  await server.tidings.documents.saveVersion(room, 'Meanwhile');
  expect(names()).toEqual([]);
  await client.connect();
  await until(() => names()[0] === 'Meanwhile');
  versions.close();
  await server.tidings.documents.saveVersion(room, 'Unheard');
  await server.tidings.rooms.send(room, 'last');
  expect([names(), versions.getSnapshot().status]).toEqual([['Meanwhile'], 'ready']);
});

test('who lists versions is not in the room for that, and has read no mention there', async () => {
  const room = aRoom();
  await server.tidings.rooms.setMember(room, 'eve', 'r');
  await server.tidings.rooms.send(room, 'said', { text: 'look' }, { mentions: ['eve'] });
  const { client, is } = await opened(room, token({ sub: 'eve' }));
  await is('ready');
  expect(await server.tidings.rooms.presence(room)).toEqual([]);
  expect((await client.request({ action: 'unread_count' })).unread_count).toBe(1);
  // To open it is to be there, and to have read.
  const seen = openRoom(client, room);
  onTestFinished(() => seen.close());
  await until(() => client.inbox.getSnapshot().counts.unread === 0);
  expect(await server.tidings.rooms.presence(room)).toMatchObject([{ user_id: 'eve' }]);
});

test('versions are made and listed beside another room that is followed unseen', async () => {
  const room = aRoom();
  const { client, versions, is, names } = await opened(room, tokenOf('ann', room, 'rw'));
  await server.tidings.rooms.setMember('project:12', 'ann', 'r');
  const hidden = openRoom(client, 'project:12', { presence: false });
  onTestFinished(() => hidden.close());
  await until(() => hidden.getSnapshot().status === 'ready');
  await is('ready');
  await versions.save('Beside');
  await until(() => names()[0] === 'Beside');
});

test('older versions that are asked for while the list is being read are there once the promise says so', async () => {
  const room = aRoom();
  for (let n = 0; n < 60; n++) await server.tidings.documents.saveVersion(room, `Version ${n}`);
  let held = Promise.resolve();
  let isHeld = false;
  const slow: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (init?.method !== 'GET') return answer;
    isHeld = true;
    await held;
    return answer;
  };
  const { versions, names, is } = await opened(room, tokenOf('ann', room, 'rw'), { fetch: slow });
  await is('ready');
  const { promise, resolve } = Promise.withResolvers<void>();
  [held, isHeld] = [promise, false];
  await versions.save('New');
  await until(() => isHeld);
  const more = versions.loadMore();
  expect(versions.getSnapshot().status).toBe('loading');
  resolve();
  await more;
  expect([names().length, names()[0], names().at(-1)]).toEqual([61, 'New', 'Version 0']);
  expect(versions.getSnapshot()).toMatchObject({ status: 'ready', hasMore: false });
});
