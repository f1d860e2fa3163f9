import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { Editor } from '../../testing/editors.ts';
import { RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';
import { readMessage, updateMessage } from './wire.ts';

/** A server whose application never answers who may be in a room: each time a right is looked up, that takes two seconds. */
let server: RunningServer;
beforeAll(async () => {
  server = await RunningServer.start({ rooms: { authorize: () => new Promise(() => {}) } });
});
afterAll(() => server.stop());

const updateOf = (text: string): Buffer => {
  const doc = new Y.Doc();
  doc.getText('t').insert(0, text);
  return Buffer.from(updateMessage(Y.encodeStateAsUpdate(doc)));
};

/** Joins a document by a membership, and says what came, by kind. */
async function joinAsMember(room: string) {
  const path = `/api/v1/rooms/collaboration/${room}/members/mia`;
  await server.call('PUT', path, { access: 'rw' });
  const url = `${server.url.replace('http', 'ws')}/ws/collaboration/${room}/?token=${token({ sub: 'mia' })}`;
  const socket = new WebSocket(url);
  const seen = { kinds: [] as string[], code: 0 };
  socket.on('message', (data: Buffer) => seen.kinds.push(readMessage(data).kind));
  socket.on('close', (code) => {
    seen.code = code;
  });
  onTestFinished(() => socket.terminate());
  await until(() => seen.kinds.includes('state_vector'));
  return { path, socket, seen };
}

/** Joins by a grant, which nobody is asked about. */
async function joinByGrant(room: string): Promise<Editor> {
  const editor = new Editor(server, room, 'ann');
  onTestFinished(() => editor.destroy());
  return editor.synced();
}

test('a membership that has ended takes no change more, though nobody can say who else may', async () => {
  const [ann, { path, socket, seen }] = await Promise.all([joinByGrant('ends'), joinAsMember('ends')]);
  socket.send(updateOf('before '));
  await until(() => ann.text === 'before ');
  await server.call('DELETE', path);
  socket.send(updateOf('after '));
  await until(() => seen.code !== 0);
  expect(seen.code).toBe(4403);
  ann.type('later');
  const late = await joinByGrant('ends');
  await until(() => late.text.includes('later'));
  expect(late.text).toBe('before later');
}, 15_000);

test('a membership that becomes a right to read takes no change more', async () => {
  const [ann, { path, socket, seen }] = await Promise.all([joinByGrant('reads'), joinAsMember('reads')]);
  socket.send(updateOf('before '));
  await until(() => ann.text === 'before ');
  await server.call('PUT', path, { access: 'r' });
  socket.send(updateOf('after '));
  await until(() => seen.kinds.includes('auth'));
  expect((await joinByGrant('reads')).text).toBe('before ');
  expect(seen.code).toBe(0);
}, 15_000);
