import { expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import { prepared } from '../../../../testing/prepared.ts';
import { Editor } from '../../testing/editors.ts';
import { RunningServer } from '../../testing/running-server.ts';
import { sqliteStore, TempFolder } from '../../testing/temp-store.ts';
import { until } from '../../testing/world.ts';
import { MemoryEphemeral } from '../broker/memory/memory-ephemeral.ts';
import { systemClock } from '../jobs/system-clock.ts';
import { Awareness, type UserState } from './awareness.ts';
import { OpenDocuments } from './open-documents.ts';
import { deepest, isConsistent } from './update-check.ts';
import { YjsDocument } from './yjs-document.ts';

async function documentsOf(documentBytes: number) {
  const folder = new TempFolder();
  const store = sqliteStore(prepared(folder.file()));
  await store.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  const documents = new OpenDocuments({
    ...{ node: 'n1', store, ephemeral: new MemoryEphemeral(), clock: systemClock, counters: { documentUpdates: 0 } },
    ...{ telemetry: { emit: () => {} }, limits: { documentBytes, updateBytes: 100_000, open: 10 } },
  });
  return { documents };
}

function nest(doc: Y.Doc, depth: number): void {
  doc.transact(() => {
    let around = doc.getArray<unknown>('nested');
    for (let i = 1; i < depth; i++) {
      const within = new Y.Array<unknown>();
      around.push([within]);
      around = within;
    }
  });
}

test('who nests types too deep is refused for good, and the others go on without that', async () => {
  const server = await RunningServer.start();
  const [ann, eve] = ['ann', 'eve'].map((user) => new Editor(server, 'deep', user)) as [Editor, Editor];
  onTestFinished(async () => {
    for (const one of [ann, eve]) one.destroy();
    await server.stop();
  });
  await Promise.all([ann.synced(), eve.synced()]);
  ann.type('hello');
  nest(ann.doc, deepest);
  await until(() => eve.text === 'hello' && eve.doc.getArray('nested').length === 1);
  nest(eve.doc, deepest + 1);
  await until(() => eve.closes.length > 0 && ann.closes.length > 0);
  const reason = expect.stringContaining('nested 100 deep');
  expect([eve.closes[0], ann.closes[0]]).toMatchObject([{ code: 4400, reason }, { code: 1012 }]);
  await until(() => ann.provider.synced);
  ann.type(' again');
  const late = new Editor(server, 'deep', 'late');
  onTestFinished(() => late.destroy());
  await until(() => late.text === 'hello again');
  expect(late.doc.getArray('nested')).toHaveLength(1);
});

const id = (client: number, clock: number) => ({ client, clock });
const decoded = (structs: object[], deletions: { clock: number; len: number }[] = []) =>
  ({ structs, ds: { clients: new Map([[1, deletions]]) } }) as never;

test.each<[string, never, boolean]>([
  ['one part after another', decoded([{ id: id(1, 1), length: 1, origin: id(1, 0), rightOrigin: id(2, 9) }]), true],
  ['a part after itself', decoded([{ id: id(1, 1), length: 1, origin: id(1, 1) }]), false],
  ['a part before a later one', decoded([{ id: id(1, 1), length: 1, rightOrigin: id(1, 2) }]), false],
  ['a part within a later one', decoded([{ id: id(1, 1), length: 1, parent: id(1, 5) }]), false],
  ['a part at the top', decoded([{ id: id(1, 1), length: 1, parent: 'text', origin: null }]), true],
  ['a part without a length', decoded([{ id: id(1, 1), length: 0 }]), false],
  ['a deletion without a length', decoded([], [{ clock: 1, len: 0 }]), false],
])('an update with %s: %#', (_what, update, fits) => {
  expect(isConsistent(update)).toBe(fits);
});

const states = (from: number, count: number, clock = 1, state: string | null = '{}'): UserState[] =>
  Array.from({ length: count }, (_, i) => ({ client: from + i, clock, state, user: 'eve' }));

test('a connection brings the states of 100 clients and no more, however it divides them and whoever leaves', () => {
  const [awareness, eve] = [new Awareness(), {}];
  expect(awareness.take(states(1, 60), eve, 0).accepted).toHaveLength(60);
  expect(awareness.take(states(61, 1_000), eve, 0).accepted).toHaveLength(40);
  expect(awareness.take(states(2_000, 100), eve, 0).accepted).toHaveLength(0);
  expect(awareness.take(states(1, 60, 2, null), eve, 0).accepted).toHaveLength(60);
  expect(awareness.take(states(3_000, 100), eve, 0).accepted).toHaveLength(0);
  expect(awareness.take(states(1, 60, 3), eve, 0).accepted).toHaveLength(60);
  expect(awareness.present).toHaveLength(100);
});

test('a client that has just left is nobody else’s, and its clock cannot be brought to the end', () => {
  const awareness = new Awareness();
  const ann = (clock: number): UserState[] => [{ client: 7, clock, state: '{}', user: 'ann' }];
  const first = {};
  awareness.take(ann(1), first, 0);
  awareness.leave(first, 0);
  expect(awareness.take([{ ...(ann(2)[0] as UserState), user: 'eve' }], {}, 0)).toEqual({ accepted: [], gone: [] });
  expect(awareness.take(ann(Number.MAX_SAFE_INTEGER), {}, 0).accepted).toEqual([]);
  expect(awareness.take(ann(2), {}, 0).accepted).toHaveLength(1);
});

test('a document whose changes cannot be put together holds up no other', async () => {
  const { documents } = await documentsOf(1_000_000);
  const [bad, good] = [(await documents.open('notes:bad')).document, (await documents.open('notes:good')).document];
  bad.beginCommit = () => {
    throw new Error('no merge');
  };
  for (const document of [bad, good]) document.doc.getText('t').insert(0, 'hello');
  await expect(bad.stored()).rejects.toThrow();
  await good.stored();
  good.doc.getText('t').insert(0, 'again ');
  await good.stored();
});

test('a document that is nearly full is measured now and then, not for each change', async () => {
  const { documents } = await documentsOf(100_000);
  const { document } = await documents.open('notes:full');
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const map = doc.getMap('m');
  const feed = (change: () => void): void => {
    change();
    for (const update of updates.splice(0)) document.take(update, true);
  };
  for (let i = 0; i < 3; i++) {
    feed(() => map.set('large', 'x'.repeat(40_000)));
    await document.stored();
  }
  const measure = vi.spyOn(YjsDocument.prototype, 'state');
  onTestFinished(() => measure.mockRestore());
  for (let i = 0; i < 300; i++) feed(() => map.set('small', i));
  expect(measure.mock.calls.length).toBeLessThan(5);
  feed(() => map.set('more', 'x'.repeat(30_000)));
  expect(() => feed(() => map.set('too much', 'x'.repeat(30_000)))).toThrow(/may have no more/);
  feed(() => map.delete('large'));
  feed(() => map.set('in its place', 'x'.repeat(20_000)));
});

test('what waits for too long a list of what it builds on is asked for again, together with that', async () => {
  const server = await RunningServer.start();
  const editor = new Editor(server, 'waits', 'ann');
  onTestFinished(async () => {
    editor.destroy();
    await server.stop();
  });
  await editor.synced();
  // As in a second tab, whose first has not sent this yet: the provider sends only what is its own.
  editor.doc.transact(() => editor.type('first '), editor.provider);
  const pasted = 'x'.repeat(100_000);
  editor.type(pasted);
  const late = new Editor(server, 'waits', 'late');
  onTestFinished(() => late.destroy());
  await until(() => late.text === `first ${pasted}`);
});

test('one who sends what builds on what never comes does not hold up the server', async () => {
  const { documents } = await documentsOf(10_000_000);
  const { document } = await documents.open('notes:waits');
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let i = 0; i < 200; i++) doc.getMap('m').set(`k${i}`, 'x'.repeat(1_000));
  const taken = updates.slice(1).map((update) => document.take(update, true));
  expect(taken.filter((one) => !one).length).toBeGreaterThan(1);
  document.take(updates[0] as Uint8Array, true);
  expect(document.doc.getMap('m').size).toBeLessThan(70);
});

test('the states of one user have a bound together, on all connections and nodes, which leaves as they go', () => {
  const [awareness, eve, again] = [new Awareness(), {}, {}];
  const state = (client: number, length: number, user = 'eve', clock = 1): UserState => ({
    ...{ client, clock, user, state: JSON.stringify('x'.repeat(length - 2)) },
  });
  const take = (one: UserState, owner: object) => {
    const { accepted, isTooMuch = false } = awareness.take([one], owner, 0, 1_000);
    return [accepted.length, isTooMuch];
  };
  expect([take(state(1, 400), eve), take(state(2, 400), again), take(state(3, 400), eve)]).toEqual([
    [1, false],
    [1, false],
    [0, true],
  ]);
  // A newer state of a client replaces what it had; others have bounds of their own.
  expect([take(state(1, 600, 'eve', 2), eve), take(state(4, 900, 'ann'), {})]).toEqual([
    [1, false],
    [1, false],
  ]);
  awareness.leave(again, 1);
  awareness.takeRemote([state(5, 300)], 1);
  expect([take(state(3, 200), eve), take(state(3, 100), eve)]).toEqual([
    [0, true],
    [1, false],
  ]);
});

test('who brings the largest states by many connections is told, and whoever comes is sent few of them', async () => {
  const server = await RunningServer.start();
  const editors: Editor[] = [];
  onTestFinished(async () => {
    for (const one of editors) one.destroy();
    await server.stop();
  });
  const open = (user: string, access: 'r' | 'rw' = 'rw'): Editor => {
    const editor = new Editor(server, 'states', user, { access });
    editors.push(editor);
    return editor;
  };
  for (let n = 0; n < 30; n++) open('eve', 'r').provider.awareness.setLocalState({ fill: 'x'.repeat(4_000) });
  await until(() => editors.every(({ provider, others }) => provider.wsconnected && others.size >= 15));
  const ann = open('ann');
  ann.provider.awareness.setLocalState({ name: 'Ann' });
  await until(() => editors.every(({ others, doc }) => doc === ann.doc || others.has(ann.doc.clientID)));
  expect(ann.others.size).toBe(16);
  expect(editors.flatMap(({ closes }) => closes)).toEqual([]);
});
