import { afterAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Editor } from '../../testing/editors.ts';
import { RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';
import { changeTo } from './content-change.ts';

// The work that a user has spent comes back slowly, so that a slow machine gives back no more than a fast one.
const server = await RunningServer.start({ limits: { workPerSecond: 1 } });
afterAll(() => server.stop());

const versionsOf = (room: string): string => `/api/v1/rooms/collaboration/${room}/document/versions`;
const write = (room: string, edit: (doc: Y.Doc) => void): Promise<void> =>
  server.tidings.withDocument(`collaboration:${room}`, (doc) => doc.transact(() => edit(doc)));
const as = (sub: string, room: string) => ({
  authorization: `Bearer ${token({ sub, grants: [`collaboration:${room}:rw`] })}`,
});

test('to bring types back among as many others takes a time as their number, and not as its square', () => {
  const count = 1_000;
  const doc = new Y.Doc();
  const words = doc.getText('t');
  doc.transact(() => {
    for (let n = 0; n < count; n++) words.insertEmbed(0, new Y.Map());
  });
  const version = Y.encodeStateAsUpdate(doc);
  doc.transact(() => {
    words.delete(0, count);
    for (let n = 0; n < count; n++) words.insertEmbed(0, { n });
  });
  const state = Y.encodeStateAsUpdate(doc);
  let looked = 0;
  const getItem: typeof Y.getItem = (...place) => {
    looked++;
    return Y.getItem(...place);
  };
  const change = changeTo({ ...Y, getItem }, state, version, 100_000_000);
  expect(looked).toBeLessThan(20 * count);
  Y.applyUpdate(doc, change?.update as Uint8Array);
  expect(words.toDelta().map(({ insert }: { insert: unknown }) => insert instanceof Y.Map)).toEqual(
    Array.from({ length: count }, () => true),
  );
});

test('a restore looks at what has changed since, and not at all that is there', () => {
  const doc = new Y.Doc();
  const page = doc.getXmlFragment('page');
  const paragraph = (words: string): Y.XmlElement => {
    const element = new Y.XmlElement('p');
    element.insert(0, [new Y.XmlText(words)]);
    return element;
  };
  page.insert(
    0,
    Array.from({ length: 2_000 }, (_, n) => paragraph(`paragraph ${n}`)),
  );
  const version = Y.encodeStateAsUpdate(doc);
  const before = page.toString();
  ((page.get(7) as Y.XmlElement).get(0) as Y.XmlText).insert(3, 'more of ');
  (page.get(1_000) as Y.XmlElement).setAttribute('align', 'right');
  page.delete(1_500, 2);
  page.insert(30, [paragraph('new')]);
  let looked = 0;
  const getItem: typeof Y.getItem = (...place) => {
    looked++;
    return Y.getItem(...place);
  };
  const change = changeTo({ ...Y, getItem }, Y.encodeStateAsUpdate(doc), version, 100_000_000);
  expect(looked).toBeLessThan(100);
  Y.applyUpdate(doc, change?.update as Uint8Array);
  expect(page.toString()).toBe(before);
});

test('content that is many times as large as JSON is not read as that; as an update it is', async () => {
  const room = 'formats';
  await write(room, (doc) => {
    const words = doc.getText('t');
    words.insert(0, 'x'.repeat(400), { link: 'y'.repeat(20_000) });
    for (let n = 0; n < 400; n += 2) words.format(n, 1, { bold: true });
  });
  const { id, bytes } = (await server.call('POST', versionsOf(room), { name: 'Formats' })).body;
  expect(bytes).toBeLessThan(100_000);
  const read = await server.call('GET', `${versionsOf(room)}/${id}`);
  expect([read.status, read.body.code]).toEqual([413, 'payload_too_large']);
  expect(read.body.message).toContain('as=update');
  expect((await server.call('GET', `${versionsOf(room)}/${id}?as=update`)).status).toBe(200);
  await write('words', (doc) => {
    const words = doc.getText('t');
    words.insert(0, 'x'.repeat(2_000), { link: 'https://example.com/some/page' });
    for (let n = 0; n < 2_000; n += 2) words.format(n, 1, { bold: true, italic: true });
  });
  const saved = (await server.call('POST', versionsOf('words'), { name: 'Words' })).body;
  const { content } = (await server.call('GET', `${versionsOf('words')}/${saved.id}`)).body;
  expect(content.t.delta).toHaveLength(2_000);
});

test('a user who reads a large version many times at once is refused before all of them are in memory', async () => {
  const room = 'reads';
  await write(room, (doc) => doc.getText('t').insert(0, 'x'.repeat(3_000_000)));
  const { id } = (await server.call('POST', versionsOf(room), { name: 'Large' })).body;
  const read = async (): Promise<number> =>
    (await server.call('GET', `${versionsOf(room)}/${id}?as=update`, undefined, as('mallory', room))).status;
  const statuses = await Promise.all(Array.from({ length: 60 }, read));
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(15);
  const other = await server.call('GET', `${versionsOf(room)}/${id}?as=update`, undefined, as('ann', room));
  expect(other.status).toBe(200);
});

test('however many versions are made at once, what others type is given out meanwhile', async ({ onTestFinished }) => {
  const room = 'saves';
  await write(room, (doc) => doc.getText('large').insert(0, 'x'.repeat(500_000)));
  const [ann, bob] = [new Editor(server, room, 'ann'), new Editor(server, room, 'bob')];
  onTestFinished(() => {
    for (const editor of [ann, bob]) editor.destroy();
  });
  await Promise.all([ann.synced(), bob.synced()]);
  let done = 0;
  const saves = Array.from({ length: 40 }, async (_, n) => {
    const { status } = await server.call('POST', versionsOf(room), { name: `Version ${n}` });
    done++;
    return status;
  });
  await until(() => done > 0);
  ann.type('typed meanwhile');
  await until(() => bob.text === 'typed meanwhile');
  expect(done).toBeLessThan(40);
  expect(new Set(await Promise.all(saves))).toEqual(new Set([201]));
});
