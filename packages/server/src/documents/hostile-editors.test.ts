import { expect, onTestFinished, test } from 'vitest';
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
  const folder = new TempFolder();
  const store = sqliteStore(prepared(folder.file()));
  await store.open();
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  const documents = new OpenDocuments({
    ...{ node: 'n1', store, ephemeral: new MemoryEphemeral(), clock: systemClock, counters: { documentUpdates: 0 } },
    ...{ telemetry: { emit: () => {} }, limits: { documentBytes: 1_000_000, updateBytes: 100_000, open: 10 } },
  });
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
