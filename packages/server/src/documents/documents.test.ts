import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { deployments } from '../../testing/deployments.ts';
import { Editor, type EditorOptions } from '../../testing/editors.ts';
import type { RunningServer } from '../../testing/running-server.ts';
import { until } from '../../testing/world.ts';

// The provider says on the console that a change was refused.
const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});

let made = 0;
const aRoom = (): string => `x${++made}`;

describe.each(deployments)('shared documents on $name', ({ start }) => {
  let nodes: readonly RunningServer[];
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ nodes, stop } = await start());
  });
  afterAll(() => stop());

  const node = (n: number): RunningServer => nodes[n % nodes.length] as RunningServer;
  function open(n: number, room: string, user: string, options: EditorOptions = {}): Editor {
    const editor = new Editor(node(n), room, user, options);
    onTestFinished(() => editor.destroy());
    return editor;
  }

  test('editors that open a fresh document in one tick all get what a later one writes', async () => {
    const room = aRoom();
    const editors = Array.from({ length: 6 }, (_, n) => open(n, room, `u${n}`));
    await Promise.all(editors.map((editor) => editor.synced()));
    for (const [n, editor] of editors.entries()) editor.type(`<${n}>`);
    const writer = open(1, room, 'writer');
    await writer.synced();
    writer.type('end');
    await until(() => editors.every(({ text }) => text.length === 6 * 3 + 3));
    expect(new Set([...editors, writer].map(({ text }) => text)).size).toBe(1);
    for (const editor of editors) expect([editor.texts, editor.closes]).toEqual([[], []]);
  });

  test('what was written is there for who comes later, and for who was away, whatever its kind', async () => {
    const room = `${aRoom()} ü/🦉`;
    const first = open(0, room, 'ann');
    await first.synced();
    first.type('héllo 🦉');
    first.doc.getMap('m').set('k', { a: [1, null, 'x'] });
    first.doc.getText('t').delete(0, 1);
    await until(() => first.messages > 3);
    const second = open(1, room, 'bob');
    await until(() => second.text === 'éllo 🦉');
    expect(second.doc.getMap('m').toJSON()).toEqual({ k: { a: [1, null, 'x'] } });
    second.provider.disconnect();
    first.type('!');
    second.type('?');
    second.provider.connect();
    await until(() => first.text.length === second.text.length && first.text.includes('?'));
    expect(second.text).toBe(first.text);
  });

  test('states of editors reach the others and come back to their sender, and go with the connection', async () => {
    const room = aRoom();
    const [ann, bob] = [open(0, room, 'ann'), open(1, room, 'bob')];
    await Promise.all([ann.synced(), bob.synced()]);
    ann.provider.awareness.setLocalState({ name: 'Ann', cursor: 3 });
    bob.provider.awareness.setLocalState({ name: 'Bob' });
    await until(() => JSON.stringify(bob.others.get(ann.doc.clientID)) === '{"name":"Ann","cursor":3}');
    const before = ann.messages;
    ann.provider.awareness.setLocalState({ name: 'Ann', cursor: 4 });
    await until(() => ann.messages > before);
    const cyd = open(1, room, 'cyd');
    await until(() => cyd.others.has(ann.doc.clientID) && cyd.others.has(bob.doc.clientID));
    // Without a word: the provider would say that it leaves.
    ann.provider.shouldConnect = false;
    (ann.provider.ws as unknown as { close(): void }).close();
    await until(() => !bob.others.has(ann.doc.clientID) && !cyd.others.has(ann.doc.clientID));
    ann.provider.connect();
    await until(() => bob.others.has(ann.doc.clientID) && cyd.others.has(ann.doc.clientID));
  });

  test('a back end that embeds the server reads and changes a document, and hears when that is stored', async () => {
    const room = aRoom();
    const name = `collaboration:${room}`;
    const editor = open(1, room, 'ann');
    await editor.synced();
    editor.type('to be checked');
    const { tidings } = node(0);
    await expect.poll(() => tidings.withDocument(name, (doc) => doc.getText('t').toString())).toBe('to be checked');
    const length = await tidings.withDocument(name, async (doc) => {
      doc.getText('t').insert(0, 'Checked: ');
      await Promise.resolve();
      doc.getMap('m').set('checked', true);
      return doc.getText('t').length;
    });
    expect(length).toBe('Checked: to be checked'.length);
    await until(() => editor.text === 'Checked: to be checked' && editor.doc.getMap('m').get('checked') === true);
    const failing = tidings.withDocument(name, () => Promise.reject(new Error('not today')));
    await expect(failing).rejects.toThrow('not today');
    await expect(tidings.withDocument('project:1', () => {})).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('whoever has a document open is in the room, once, as long as a connection of theirs is, on every node', async () => {
    const room = aRoom();
    const present = async () => {
      const { items } = (await node(0).call('GET', `/api/v1/rooms/collaboration/${room}/presence`)).body;
      return (items as { user_id: string }[]).map(({ user_id }) => user_id).sort();
    };
    const [ann, again] = [open(0, room, 'ann'), open(1, room, 'ann')];
    const rob = open(1, room, 'rob', { access: 'r' });
    const unseen = open(1, room, 'cyd', { params: { presence: '0' } });
    await Promise.all([ann, again, rob, unseen].map((editor) => editor.synced()));
    await expect.poll(present).toEqual(['ann', 'rob']);
    again.destroy();
    await node(0).tidings.users.revoke({ user: 'rob' });
    // A user who is locked out is gone at once; one who was cut off may be about to come back.
    await expect.poll(present, { timeout: 4_500 }).toEqual(['ann']);
    ann.destroy();
    expect(await present()).toEqual(['ann']);
    await expect.poll(present).toEqual([]);
    expect([...ann.texts, ...unseen.texts]).toEqual([]);
  });

  test('who may only read gets all and changes nothing, but is seen', async () => {
    const room = aRoom();
    const [writer, reader] = [open(0, room, 'ann'), open(1, room, 'bob', { access: 'r' })];
    await Promise.all([writer.synced(), reader.synced()]);
    reader.type('mine');
    writer.type('ours');
    reader.provider.awareness.setLocalState({ name: 'Bob' });
    await until(() => reader.text.includes('ours'));
    await until(() => writer.others.has(reader.doc.clientID));
    expect(writer.text).toBe('ours');
    const third = open(0, room, 'cyd');
    await until(() => third.text !== '');
    expect(third.text).toBe('ours');
    expect(reader.closes).toEqual([]);
    expect(warned.mock.calls.flat().join()).toContain('you may read this document, and not change it');
  });

  test('who has no right is refused for good', async () => {
    const editor = open(0, aRoom(), 'eve', { access: 'none' });
    await until(() => editor.closes.length > 0);
    expect(editor.closes[0]).toMatchObject({ code: 4403, reason: expect.stringContaining('not yours') });
    expect(editor.provider.shouldConnect).toBe(false);
  });

  test('a membership that becomes a right to read only, and ends, is followed within 5 s', async () => {
    const room = aRoom();
    const path = `/api/v1/rooms/collaboration/${room}/members/mia`;
    await node(0).call('PUT', path, { access: 'rw' });
    const [mia, ann] = [open(1, room, 'mia', { access: 'none' }), open(0, room, 'ann')];
    await Promise.all([mia.synced(), ann.synced()]);
    mia.type('a');
    await until(() => ann.text === 'a');
    await node(0).call('PUT', path, { access: 'r' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    mia.type('b');
    ann.type('c');
    await until(() => mia.text.includes('c'));
    expect(ann.text).toBe('ac');
    await node(0).call('PUT', path, { access: 'rw' });
    // It is asked for what it wrote meanwhile.
    await until(() => ann.text.includes('b'));
    await node(0).call('DELETE', path);
    await until(() => mia.closes.length > 0);
    expect(mia.closes).toMatchObject([{ code: 4403 }]);
  });
});
