import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { RunningServer } from '../../server/testing/running-server.ts';
import { inSeconds, token } from '../../server/testing/tokens.ts';
import { type DocumentOptions, type FollowedDocument, followDocument } from './document.ts';
import { until } from './testing/until.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ auth: { clockToleranceSeconds: 0 } });
});
afterAll(() => server.stop());

let rooms = 0;
const grants = ['collaboration:*:rw'];

/** A document with a provider as pages have it, followed. */
function opened(fetchToken: DocumentOptions['fetchToken'], room = `followed-${++rooms}`) {
  const doc = new Y.Doc();
  const url = `${server.url.replace('http', 'ws')}/ws/collaboration`;
  const provider = new WebsocketProvider(url, room, doc, { connect: false, disableBc: true });
  const followed = followDocument(provider, { fetchToken });
  const statuses: string[] = [followed.getSnapshot().status];
  followed.onChange(() => statuses.push(followed.getSnapshot().status));
  onTestFinished(() => {
    followed.close();
    provider.destroy();
    doc.destroy();
  });
  return { doc, provider, followed, statuses, room: `collaboration:${room}` };
}

const is = (followed: FollowedDocument, status: string) => until(() => followed.getSnapshot().status === status);
const stored = (room: string) => server.tidings.withDocument(room, (doc) => doc.getText('t').toString());

test('a document is saved once the server has stored what was changed, removals included', async () => {
  const { doc, followed, statuses, room } = opened(async () => token({ sub: 'ann', grants }));
  const text = doc.getText('t');
  text.insert(0, 'before it came, ');
  expect(followed.getSnapshot()).toEqual({ status: 'loading', readOnly: false, unsaved: true, reason: null });
  await is(followed, 'saved');
  for (const letter of 'letters') text.insert(text.length, letter);
  expect(followed.getSnapshot()).toEqual({ status: 'saving', readOnly: false, unsaved: true, reason: null });
  await is(followed, 'saved');
  expect(await stored(room)).toBe('before it came, letters');
  text.delete(0, 16);
  expect(followed.getSnapshot().unsaved).toBe(true);
  await is(followed, 'saved');
  expect(await stored(room)).toBe('letters');
  // A change of another is nothing to be saved here.
  await server.tidings.withDocument(room, (one) => one.getText('t').insert(0, 'two '));
  await until(() => text.toString() === 'two letters');
  expect(followed.getSnapshot().unsaved).toBe(false);
  expect(statuses).not.toContain('offline');
});

test('what is typed without a connection is unsaved until it is back', async () => {
  const { doc, provider, followed, room } = opened(async () => token({ sub: 'ann', grants }));
  await is(followed, 'saved');
  provider.disconnect();
  doc.getText('t').insert(0, 'alone');
  await is(followed, 'offline');
  expect(followed.getSnapshot().unsaved).toBe(true);
  expect(await stored(room)).toBe('');
  provider.connect();
  await is(followed, 'saved');
  expect(await stored(room)).toBe('alone');
});

test('a token that has run out is renewed, without a pause that anybody would see', async () => {
  let asked = 0;
  // An object with it will do, as a page gets from its back end.
  const fetchToken = async () => {
    asked++;
    return { token: token({ sub: 'ann', grants, exp: inSeconds(2) }) };
  };
  const { doc, followed, statuses, room } = opened(fetchToken);
  await is(followed, 'saved');
  await until(() => asked === 2);
  doc.getText('t').insert(0, 'on');
  await is(followed, 'saved');
  expect(await stored(room)).toBe('on');
  expect(asked).toBe(2);
  expect(new Set(statuses)).toEqual(new Set(['loading', 'saved', 'saving']));
});

test('a back end that gives no token for a while is asked again', async () => {
  let asked = 0;
  const { followed, statuses } = opened(async () => {
    if (++asked === 1) throw new Error('down');
    return token({ sub: 'ann', grants });
  });
  await is(followed, 'saved');
  expect([asked, statuses]).toEqual([2, ['loading', 'offline', 'saved']]);
});

test('tokens that have run out when they come are not asked for without end', async () => {
  let asked = 0;
  const { statuses } = opened(async () => {
    asked++;
    return token({ sub: 'ann', grants, exp: inSeconds(-5) });
  });
  await until(() => statuses.includes('offline'));
  expect(asked).toBeLessThanOrEqual(2);
});

test.each([
  ['whom the document is refused', async () => token({ sub: 'bob' }), /not yours/],
  ['who has signed out', async () => null, /signed in/],
])('one %s is told that it is closed', async (_who, fetchToken, reason) => {
  const { followed, provider } = opened(fetchToken);
  await is(followed, 'closed');
  expect(followed.getSnapshot().reason).toMatch(reason);
  expect(provider.shouldConnect).toBe(false);
});

test('who may only read knows before typing, and what is typed nevertheless is not said to be saved', async () => {
  const { doc, followed, statuses, room } = opened(async () => token({ sub: 'rob', grants: ['collaboration:*:r'] }));
  // A store in the browser brings what the server has: nothing that could be lost.
  await server.tidings.withDocument(room, (one) => one.getText('t').insert(0, 'ours'));
  const kept = await server.tidings.withDocument(room, (one) => Y.encodeStateAsUpdate(one));
  Y.applyUpdate(doc, kept, 'a store');
  await until(() => followed.getSnapshot().readOnly);
  expect(followed.getSnapshot()).toEqual({ status: 'saved', readOnly: true, unsaved: false, reason: null });
  expect(statuses).toEqual(['loading', 'loading', 'saved']);
  doc.getText('t').insert(0, 'mine');
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(followed.getSnapshot()).toEqual({ status: 'refused', readOnly: true, unsaved: true, reason: null });
  expect(await stored(room)).toBe('ours');
});

test('a right to write that ends and comes back is followed, and what was refused meanwhile is stored then', async () => {
  const room = 'collaboration:mias';
  await server.tidings.rooms.setMember(room, 'mia', 'rw');
  const mia = opened(async () => token({ sub: 'mia' }), 'mias');
  await is(mia.followed, 'saved');
  expect(mia.followed.getSnapshot().readOnly).toBe(false);
  await server.tidings.rooms.setMember(room, 'mia', 'r');
  await until(() => mia.followed.getSnapshot().readOnly);
  mia.doc.getText('t').insert(0, 'kept');
  await is(mia.followed, 'refused');
  await server.tidings.rooms.setMember(room, 'mia', 'rw');
  await is(mia.followed, 'saved');
  expect([mia.followed.getSnapshot().readOnly, await stored(room)]).toEqual([false, 'kept']);
});

test('one that is closed changes no more', async () => {
  const { doc, followed, statuses } = opened(async () => token({ sub: 'ann', grants }));
  await is(followed, 'saved');
  followed.close();
  const before = statuses.length;
  doc.getText('t').insert(0, 'unheard');
  expect([statuses.length, followed.getSnapshot().unsaved]).toEqual([before, false]);
});
