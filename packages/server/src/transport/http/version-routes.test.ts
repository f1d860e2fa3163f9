import { createSender, type Sender } from '@tidings/sender';
import { afterAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ServeProcess } from '../../../testing/cli/serve-process.ts';
import { Editor } from '../../../testing/editors.ts';
import { apiKey, RunningServer } from '../../../testing/running-server.ts';
import { TempFolder } from '../../../testing/temp-store.ts';
import { token } from '../../../testing/tokens.ts';
import { until } from '../../../testing/world.ts';

const server = await RunningServer.start({
  limits: { versionsPerDocument: 3, versionBytesPerDocument: 20_000, versionNameLength: 40, maxDocumentBytes: 30_000 },
});
const overHttp = createSender({ url: server.url, apiKey });
afterAll(async () => {
  await overHttp.close();
  await server.stop();
});

let made = 0;
const aRoom = (): string => `collaboration:r${++made}`;
const write = (room: string, text: string): Promise<void> =>
  server.tidings.withDocument(room, (doc) => {
    const words = doc.getText('t');
    words.delete(0, words.length);
    words.insert(0, text);
  });
const read = (room: string): Promise<string> => server.tidings.withDocument(room, (doc) => doc.getText('t').toString());

const senders: [string, () => Sender][] = [
  ['over HTTP', () => overHttp],
  ['in the process', () => server.tidings],
];

describe.each(senders)('documents of the sender %s', (_, senderOf) => {
  test('makes, lists, reads, names, restores and removes versions, and deletes the document', async () => {
    const { documents } = senderOf();
    const room = aRoom();
    await write(room, 'one');
    const version = await documents.saveVersion(room, 'First', { idempotencyKey: room });
    expect(version).toEqual({
      ...{ id: expect.stringMatching(/^v/), kind: 'named', name: 'First', from: null },
      ...{ timestamp: expect.stringMatching(/^\d{4}-.*Z$/), bytes: expect.any(Number) },
    });
    expect(await documents.saveVersion(room, 'First', { idempotencyKey: room })).toEqual(version);
    await write(room, 'two');
    expect((await documents.list()).items).toContainEqual({ room, versions: 1 });
    expect(await documents.list({ after: room, limit: 100 })).toMatchObject({ next_after: null });
    const { changed, saved } = await documents.restoreVersion(room, version.id);
    expect([changed, saved?.kind, await read(room)]).toEqual([true, 'before_restore', 'one']);
    const page = await documents.versions(room, { limit: 1 });
    expect(page).toEqual({ items: [saved], next_before: saved?.id });
    expect(await documents.versions(room, { before: saved?.id as string })).toEqual({
      items: [version],
      next_before: null,
    });
    expect((await documents.version(room, saved?.id as string)).content).toEqual({
      t: { text: 'two', delta: [{ insert: 'two' }] },
    });
    const doc = new Y.Doc();
    Y.applyUpdate(doc, await documents.versionUpdate(room, saved?.id as string));
    expect(doc.getText('t').toString()).toBe('two');
    expect(await documents.renameVersion(room, version.id, 'Renamed')).toEqual({ ...version, name: 'Renamed' });
    expect(await documents.removeVersion(room, version.id)).toEqual({ removed: true });
    await expect(documents.version(room, version.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await documents.delete(room)).toEqual({ deleted: true });
    expect(await documents.delete(room)).toEqual({ deleted: false });
    expect([await read(room), (await documents.versions(room)).items]).toEqual(['', []]);
    await expect(documents.saveVersion('project:1', 'x')).rejects.toMatchObject({ code: 'bad_request' });
  });
});

test('a version is refused past a limit, with a sentence; one of before a restore drops the oldest of its kind', async () => {
  const { documents } = overHttp;
  const room = aRoom();
  await write(room, 'a');
  const { id } = await documents.saveVersion(room, 'A');
  const automatic: string[] = [];
  for (const text of ['b', 'c', 'd']) {
    await write(room, text);
    automatic.push((await documents.restoreVersion(room, id)).saved?.id as string);
  }
  expect((await documents.versions(room)).items.map((one) => one.id)).toEqual([automatic[2], automatic[1], id]);
  await expect(documents.saveVersion(room, 'B')).rejects.toMatchObject({
    code: 'payload_too_large',
    message: expect.stringContaining('3 versions'),
  });
  for (const one of automatic.slice(1)) await documents.renameVersion(room, one, 'kept');
  await write(room, 'e');
  await expect(documents.restoreVersion(room, id)).rejects.toMatchObject({ code: 'payload_too_large' });
  expect(await read(room)).toBe('e');
  await expect(documents.saveVersion(room, 'x'.repeat(41))).rejects.toMatchObject({
    code: 'bad_request',
    message: 'the name of a version has 41 characters, and may have 40',
  });
  const large = aRoom();
  await write(large, 'y'.repeat(12_000));
  const whole = await documents.saveVersion(large, 'Whole');
  await expect(documents.saveVersion(large, 'Again')).rejects.toMatchObject({ code: 'payload_too_large' });
  // Removed, since there is room for one such version only.
  await documents.removeVersion(large, whole.id);
  expect((await documents.saveVersion(large, 'Again')).bytes).toBeGreaterThan(12_000);
});

test('a version is read as JSON, of whatever kinds its types are', async () => {
  const room = aRoom();
  await server.tidings.withDocument(room, (doc) => {
    const paragraph = new Y.XmlElement('p');
    paragraph.setAttribute('align', 'left');
    const words = new Y.XmlText('a <b> & c');
    paragraph.insert(0, [words]);
    doc.getXmlFragment('page').insert(0, [paragraph]);
    words.format(0, 1, { bold: true });
    doc.getMap('map').set('list', new Y.Array());
    (doc.getMap('map').get('list') as Y.Array<unknown>).push([1, null, { x: Uint8Array.of(255) }]);
    doc.getArray('array').push([new Y.Text('inner')]);
    doc.getText('empty');
  });
  const { id } = await overHttp.documents.saveVersion(room, 'All');
  const { content } = await overHttp.documents.version(room, id);
  const delta = [{ insert: 'a', attributes: { bold: true } }, { insert: ' <b> & c' }];
  expect(content).toEqual({
    page: [{ element: 'p', attributes: { align: 'left' }, children: [expect.objectContaining({ delta })] }],
    map: { list: [1, null, { x: '/w==' }] },
    array: [{ text: 'inner', delta: [{ insert: 'inner' }] }],
  });
});

test('a user who makes versions without a pause is told to slow down', async () => {
  const room = aRoom().slice('collaboration:'.length);
  const grants = [`collaboration:${room}:rw`];
  const headers = { authorization: `Bearer ${token({ sub: 'fast', grants })}` };
  const path = `/api/v1/rooms/collaboration/${room}/document/versions`;
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => server.call('POST', path, { name: 'x' }, headers)),
  );
  expect(answers.map(({ body }) => body.code).filter((code) => code === 'too_many').length).toBeGreaterThan(5);
});

test('versions, and the memory of a deletion, survive a kill with -9', async () => {
  const folder = new TempFolder();
  const secret = 'a secret of at least thirty-two bytes';
  const settings = { JWT_SECRET: secret, API_KEY: apiKey, DATABASE: `sqlite:${folder.file()}`, PORT: '0' };
  const serving = new ServeProcess({ folder: folder.path, settings });
  await serving.start();
  const opened: Editor[] = [];
  const open = (id: string, doc = new Y.Doc()): Editor => {
    const editor = new Editor({ url: serving.url }, id, 'ann', { doc });
    opened.push(editor);
    return editor;
  };
  try {
    const [kept, gone] = [await open('kept').synced(), await open('gone').synced()];
    const sender = createSender({ url: serving.url, apiKey });
    // Large enough for a thread to go through it.
    const first = 'first '.repeat(15_000);
    kept.type(first);
    gone.type('old');
    await until(() => kept.messages > 2 && gone.messages > 2);
    const { id } = await sender.documents.saveVersion('collaboration:kept', 'One');
    kept.type('second');
    await until(() => kept.text === `${first}second` && kept.messages > 3);
    const { saved } = await sender.documents.restoreVersion('collaboration:kept', id);
    await sender.documents.delete('collaboration:gone');
    await sender.close();
    await serving.end('SIGKILL');
    await serving.start();
    const again = createSender({ url: serving.url, apiKey });
    const { items } = await again.documents.versions('collaboration:kept');
    expect(items.map((one) => one.id)).toEqual([saved?.id, id]);
    expect((await again.documents.version('collaboration:kept', saved?.id as string)).content).toMatchObject({
      t: { text: `${first}second` },
    });
    const fresh = await open('kept').synced();
    await until(() => fresh.text === first);
    const back = open('gone', gone.doc);
    await until(() => back.closes.length > 0);
    expect(back.closes[0]?.code).toBe(4410);
    await again.close();
  } finally {
    for (const editor of opened) editor.destroy();
    await serving.end();
    folder.remove();
  }
}, 60_000);
