import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { deployments } from '../../testing/deployments.ts';
import { Editor, type EditorOptions } from '../../testing/editors.ts';
import type { RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

let made = 0;
const aRoom = (): string => `v${++made}`;

describe.each(deployments)('versions of documents on $name', ({ start }) => {
  let nodes: readonly RunningServer[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ nodes, stop } = await start());
  });
  afterAll(() => stop());

  const node = (n: number): RunningServer => nodes[n % nodes.length] as RunningServer;
  const open = (n: number, room: string, user: string, options: EditorOptions = {}): Editor => {
    const editor = new Editor(node(n), room, user, options);
    onTestFinished(() => editor.destroy());
    return editor;
  };
  /** A call on the document of a room: of a back end, or of a user with a right. */
  const call = (n: number, method: string, room: string, path = '', body?: unknown, access?: 'r' | 'rw' | 'none') => {
    const grants = access === 'none' ? [] : [`collaboration:${room}:${access}`];
    const headers = access ? { authorization: `Bearer ${token({ sub: 'una', username: 'Una', grants })}` } : undefined;
    return node(n).call(method, `/api/v1/rooms/collaboration/${room}/document${path}`, body, headers);
  };

  test('a version is made, listed, read, renamed, brought back and deleted, on whatever node', async () => {
    const room = aRoom();
    const [ann, bob] = [open(0, room, 'ann'), open(1, room, 'bob')];
    await Promise.all([ann.synced(), bob.synced()]);
    ann.type('first');
    bob.doc.getMap('m').set('k', { a: 1 });
    await until(() => bob.text === 'first' && ann.doc.getMap('m').has('k'));
    const saved = await call(1, 'POST', room, '/versions', { name: 'One' }, 'rw');
    expect(saved).toMatchObject({
      status: 201,
      body: { name: 'One', kind: 'named', from: { user_id: 'una', username: 'Una' } },
    });
    const { id, bytes, timestamp } = saved.body;
    expect(bytes).toBeGreaterThan(10);
    expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000);
    ann.doc.getText('t').delete(0, 3);
    ann.type(' second');
    bob.doc.getMap('m').delete('k');
    await until(() => bob.text === 'st second' && !ann.doc.getMap('m').has('k'));
    const read = await call(0, 'GET', room, `/versions/${id}`, undefined, 'r');
    expect(read.body).toEqual({
      ...saved.body,
      content: { m: { k: { a: 1 } }, t: { text: 'first', delta: [{ insert: 'first' }] } },
    });
    const asUpdate = await call(1, 'GET', room, `/versions/${id}?as=update`);
    const shown = new Y.Doc();
    Y.applyUpdate(shown, Buffer.from(asUpdate.body.update, 'base64'));
    expect(shown.getText('t').toString()).toBe('first');
    const restored = await call(0, 'POST', room, `/versions/${id}/restore`);
    expect(restored).toMatchObject({
      status: 200,
      body: { changed: true, saved: { kind: 'before_restore', name: 'Before restore of One', from: null } },
    });
    await until(() => [ann, bob].every(({ text, doc }) => text === 'first' && doc.getMap('m').has('k')));
    expect((await call(1, 'POST', room, `/versions/${id}/restore`)).body).toEqual({ changed: false, saved: null });
    const before = restored.body.saved.id;
    const { body: renamed } = await call(1, 'PATCH', room, `/versions/${before}`, { name: 'Two' });
    expect(renamed).toEqual({ ...restored.body.saved, kind: 'named', name: 'Two' });
    const page = await call(0, 'GET', room, '/versions?limit=1', undefined, 'r');
    expect(page.body).toEqual({ items: [renamed], next_before: before });
    const next = await call(0, 'GET', room, `/versions?limit=1&before=${before}`);
    expect(next.body).toEqual({ items: [saved.body], next_before: null });
    expect((await call(1, 'DELETE', room, `/versions/${id}`)).body).toEqual({ removed: true });
    expect((await call(0, 'DELETE', room, `/versions/${id}`)).body).toEqual({ removed: false });
    expect((await call(0, 'POST', room, `/versions/${id}/restore`)).status).toBe(404);
    // The content of before the restore is there again.
    await call(1, 'POST', room, `/versions/${before}/restore`);
    await until(() => [ann, bob].every(({ text, doc }) => text === 'st second' && !doc.getMap('m').has('k')));
    expect([ann.closes, bob.closes]).toEqual([[], []]);
  });

  test('a call that is made again with its key makes one version', async () => {
    const room = aRoom();
    const body = { name: 'Once', idempotency_key: 'k1' };
    const [first, second] = await Promise.all([
      call(0, 'POST', room, '/versions', body),
      call(1, 'POST', room, '/versions', body),
    ]);
    expect(second.body).toEqual(first.body);
    expect((await call(1, 'POST', room, '/versions', { ...body, name: 'Other' })).body.code).toBe(
      'idempotency_mismatch',
    );
    expect((await call(1, 'GET', room, '/versions')).body.items).toEqual([first.body]);
  });

  test('rights are those of the room', async () => {
    const room = aRoom();
    const { id } = (await call(0, 'POST', room, '/versions', { name: 'One' })).body;
    expect((await call(0, 'POST', room, '/versions', { name: 'x' }, 'r')).body.code).toBe('forbidden');
    expect((await call(0, 'POST', room, `/versions/${id}/restore`, undefined, 'r')).body.code).toBe('forbidden');
    expect((await call(0, 'PATCH', room, `/versions/${id}`, { name: 'x' }, 'r')).body.code).toBe('forbidden');
    expect((await call(0, 'DELETE', room, `/versions/${id}`, undefined, 'r')).body.code).toBe('forbidden');
    expect((await call(0, 'DELETE', room, '', undefined, 'rw')).body.code).toBe('unauthenticated');
    for (const path of ['/versions', `/versions/${id}`]) {
      expect((await call(0, 'GET', room, path, undefined, 'none')).body.code).toBe('not_found');
    }
    const other = aRoom();
    expect((await call(0, 'GET', other, `/versions/${id}`)).body.code).toBe('not_found');
    expect((await call(0, 'POST', other, `/versions/${id}/restore`)).body.code).toBe('not_found');
    const project = await node(0).call('GET', '/api/v1/rooms/project/1/document/versions');
    expect(project.body).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('collaboration:notes'),
    });
  });

  test('a document that is deleted ends its editors for good, and what they have does not bring it back', async () => {
    const room = aRoom();
    const [ann, bob, away] = [open(0, room, 'ann'), open(1, room, 'bob'), open(1, room, 'cyd')];
    await Promise.all([ann.synced(), bob.synced(), away.synced()]);
    ann.type('old');
    await until(() => bob.text === 'old' && away.text === 'old');
    await call(0, 'POST', room, '/versions', { name: 'One' });
    away.provider.disconnect();
    away.type(' and offline');
    expect((await call(0, 'DELETE', room)).body).toEqual({ deleted: true });
    await until(() => ann.closes.length > 0 && bob.closes.length > 0);
    for (const editor of [ann, bob]) {
      expect(editor.closes).toEqual([{ code: 4410, reason: expect.stringContaining('new Y.Doc') }]);
      expect(editor.provider.shouldConnect).toBe(false);
    }
    expect((await call(1, 'GET', room, '/versions')).body.items).toEqual([]);
    expect((await call(1, 'DELETE', room)).body).toEqual({ deleted: false });
    const fresh = open(1, room, 'dan');
    await fresh.synced();
    expect(fresh.text).toBe('');
    fresh.type('new');
    // Those who still have the old one come again, with and without changes of their own.
    away.provider.connect();
    ann.provider.connect();
    await until(() => away.closes.some(({ code }) => code === 4410) && ann.closes.length > 1);
    expect(ann.closes.at(-1)?.code).toBe(4410);
    expect(away.provider.shouldConnect).toBe(false);
    const later = open(0, room, 'eva');
    await until(() => later.text !== '');
    expect([later.text, fresh.text]).toEqual(['new', 'new']);
    const { body } = await call(0, 'POST', room, '/versions', { name: 'Of the new one' });
    later.type('er');
    await until(() => fresh.text === 'newer');
    await call(1, 'POST', room, `/versions/${body.id}/restore`);
    await until(() => later.text === 'new' && fresh.text === 'new');
    expect((await call(1, 'DELETE', room)).body).toEqual({ deleted: true });
    await until(() => later.closes.length > 0 && fresh.closes.length > 0);
    // Both documents that were deleted are known.
    for (const editor of [bob, fresh]) editor.provider.connect();
    await until(() => bob.closes.length > 1 && fresh.closes.length > 1);
    expect([bob.closes.at(-1)?.code, fresh.closes.at(-1)?.code]).toEqual([4410, 4410]);
  });

  test('a large document is brought back and read while the server serves others', async () => {
    const room = aRoom();
    const ann = await open(0, room, 'ann').synced();
    const paragraph = (n: number): Y.XmlElement => {
      const element = new Y.XmlElement('p');
      element.insert(0, [new Y.XmlText(`paragraph ${n} with some words, as people write them`)]);
      return element;
    };
    const page = ann.doc.getXmlFragment('page');
    page.insert(
      0,
      Array.from({ length: 4_000 }, (_, n) => paragraph(n)),
    );
    const bob = open(1, room, 'bob');
    await until(() => bob.doc.getXmlFragment('page').length === 4_000);
    const { id, bytes } = (await call(0, 'POST', room, '/versions', { name: 'Large' })).body;
    expect(bytes).toBeGreaterThan(300_000);
    const before = page.toString();
    ann.doc.transact(() => {
      for (let n = 3_990; n > 0; n -= 10) page.delete(n, 3);
      page.insert(7, [paragraph(-1)]);
    });
    await until(() => bob.doc.getXmlFragment('page').toString() === page.toString());
    const restoring = call(1, 'POST', room, `/versions/${id}/restore`);
    const other = await open(1, aRoom(), 'cyd').synced();
    other.type('served meanwhile');
    expect((await restoring).body).toMatchObject({ changed: true });
    await until(() => [ann, bob].every(({ doc }) => doc.getXmlFragment('page').toString() === before));
    const { content } = (await call(0, 'GET', room, `/versions/${id}`)).body;
    expect(content.page).toHaveLength(4_000);
  });

  test('a large version that two nodes bring back at once comes back once, and what was before is saved', async () => {
    const room = aRoom();
    const ann = await open(0, room, 'ann').synced();
    const text = ann.doc.getText('t');
    const scatter = (word: string): void =>
      ann.doc.transact(() => {
        for (let n = 0; n < 3_000; n++) text.insert(text.length % 7, `${word}${n} `);
      });
    scatter('first');
    const first = ann.text;
    const { id } = (await call(0, 'POST', room, '/versions', { name: 'First' })).body;
    ann.doc.transact(() => text.delete(0, text.length / 2));
    scatter('second');
    const bob = open(1, room, 'bob');
    await until(() => bob.text === ann.text);
    const second = ann.text;
    const outcomes = await Promise.all([0, 1].map((n) => call(n, 'POST', room, `/versions/${id}/restore`)));
    const saved = outcomes.flatMap(({ body }) => (body.saved ? [body.saved] : []));
    expect(outcomes.map(({ body }) => body.changed).sort()).toEqual([false, true]);
    await until(() => ann.text === bob.text && ann.text === first);
    const { content } = (await call(1, 'GET', room, `/versions/${saved[0].id}`)).body;
    expect(content.t.text).toBe(second);
  }, 30_000);

  test('editors that type all the while converge, and nothing of what was before is lost', async () => {
    const room = aRoom();
    const editors = [open(0, room, 'ann'), open(1, room, 'bob')];
    await Promise.all(editors.map((editor) => editor.synced()));
    editors[0]?.type('start.');
    await until(() => editors[1]?.text === 'start.');
    const { id } = (await call(0, 'POST', room, '/versions', { name: 'Start' })).body;
    let isTyping = true;
    const typing = editors.map(async (editor, e) => {
      for (let n = 0; isTyping; n++) {
        editor.type(`${e}${n % 10}`);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    });
    for (let n = 0; n < 5; n++) {
      const { body } = await call(n, 'POST', room, `/versions/${id}/restore`);
      expect(body).toMatchObject({ changed: true, saved: { name: 'Before restore of Start' } });
      const { content } = (await call(n + 1, 'GET', room, `/versions/${body.saved.id}`)).body;
      expect(content.t.text).toMatch(/^start\.(\d\d)+$/);
    }
    isTyping = false;
    await Promise.all(typing);
    await until(() => editors[0]?.text === editors[1]?.text);
    await call(1, 'POST', room, `/versions/${id}/restore`);
    await until(() => editors.every(({ text }) => text === 'start.'));
  });
});
