import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { NewDocumentVersion } from '../domain/store/document-versions.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const version = (id: string, more: Partial<NewDocumentVersion> = {}): NewDocumentVersion => ({
  ...{ id, document: 'x', kind: 'named', name: `named ${id}`, at: 1_700_000_000_000, from: null, once: null },
  ...{ state: bytes(1, 2, 255), ...more },
});
const add = (n: number, deletion = 0) => [{ document: 'x', update: bytes(n), deletion }];

/** Versions of shared documents, and the deletion of a document. */
export function documentVersionsContract(start: OpenStore): void {
  describe('versions of shared documents', () => {
    test.concurrent('are kept, listed newest first, read, named and removed, each document its own', async ({
      onTestFinished,
    }) => {
      const { store, again } = await start(onTestFinished);
      const from = { user_id: '42', username: 'ann 🦉' };
      for (const id of ['v1', 'v3', 'v2']) expect(await store.addDocumentVersion(version(id, { from }), 0)).toBe(true);
      await store.addDocumentVersion(version('v9', { document: 'y', kind: 'before_restore' }), 0);
      const opened = await again();
      const { document: _document, once: _once, state, ...row } = version('v2', { from });
      const ids = async (before: string | null, limit = 10) =>
        (await opened.documentVersions('x', { before, limit })).map(({ id }) => id);
      expect(await opened.documentVersion('x', 'v2')).toEqual({ ...row, bytes: 3, state: Buffer.from(state) });
      expect(await opened.documentVersionRow('x', 'v2')).toEqual({ ...row, bytes: 3 });
      expect(await opened.documentVersionRow('x', 'v9')).toBeNull();
      expect([await ids(null), await ids('v3'), await ids(null, 1)]).toEqual([
        ['v3', 'v2', 'v1'],
        ['v2', 'v1'],
        ['v3'],
      ]);
      expect(await opened.documentVersionTotals('x')).toEqual({ count: 3, bytes: 9 });
      expect(await opened.documentVersionTotals('z')).toEqual({ count: 0, bytes: 0 });
      expect(await opened.documentVersion('x', 'v9')).toBeNull();
      expect(await opened.renameDocumentVersion('x', 'v9', 'no')).toBe(false);
      expect(await opened.removeDocumentVersion('x', 'v9')).toBe(false);
      expect(await opened.renameDocumentVersion('y', 'v9', 'kept')).toBe(true);
      expect(await opened.documentVersion('y', 'v9')).toMatchObject({ name: 'kept', kind: 'named' });
      expect(await opened.removeDocumentVersion('x', 'v3')).toBe(true);
      expect(await ids(null)).toEqual(['v2', 'v1']);
    });

    test.concurrent('of those with one key, one is kept, whichever node stores it', async ({ onTestFinished }) => {
      const opened = await start(onTestFinished);
      const stores = [opened.store, await opened.another()];
      const kept = await Promise.all(
        Array.from({ length: 8 }, (_, n) => stores[n % 2]?.addDocumentVersion(version(`v${n}`, { once: 'k' }), 0)),
      );
      expect(kept.filter(Boolean)).toHaveLength(1);
      expect((await opened.store.documentVersionByKey('x', 'k'))?.id).toBe(`v${kept.indexOf(true)}`);
      expect(await opened.store.addDocumentVersion(version('v8', { document: 'y', once: 'k' }), 0)).toBe(true);
    });

    test.concurrent('a document is brought back with a version of before, or, where it has changed, not at all', async ({
      onTestFinished,
    }) => {
      const opened = await start(onTestFinished);
      const { store } = opened;
      await store.addDocumentUpdates(add(1));
      await store.addDocumentVersion(version('v0', { kind: 'before_restore' }), 0);
      const restoring = (id: string, seq: number) =>
        store.restoreDocument(
          { document: 'x', seq, deletion: 0 },
          { update: bytes(7), before: version(id, { kind: 'before_restore' }), dropped: ['v0'] },
        );
      await store.addDocumentUpdates(add(2));
      expect(await restoring('v1', 1)).toBe(false);
      expect(await store.documentVersion('x', 'v1')).toBeNull();
      // Of many at once, on two nodes, one comes through.
      const other = await opened.another();
      const all = await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          [store, other][n % 2]?.restoreDocument(
            { document: 'x', seq: 2, deletion: 0 },
            { update: bytes(9), before: version(`w${n}`), dropped: ['v0'] },
          ),
        ),
      );
      expect(all.filter(Boolean)).toHaveLength(1);
      const { updates } = await store.documentUpdates('x', 0);
      expect(updates.map(({ seq, update }) => [seq, ...update])).toEqual([
        [1, 1],
        [2, 2],
        [3, 9],
      ]);
      const left = await store.documentVersions('x', { before: null, limit: 10 });
      expect(left.map(({ id }) => id)).toEqual([`w${all.indexOf(true)}`]);
    });

    test.concurrent('a deleted document is gone with its versions, and takes nothing of who does not know', async ({
      onTestFinished,
    }) => {
      const opened = await start(onTestFinished);
      const { store } = opened;
      for (const n of [1, 2, 3]) await store.addDocumentUpdates(add(n));
      await store.addDocumentUpdates([{ document: 'y', update: bytes(5), deletion: 0 }]);
      await store.addDocumentVersion(version('v1'), 0);
      const place = { document: 'x', seq: 3, deletion: 0 };
      expect(await store.deleteDocument({ ...place, seq: 2 }, bytes(1, 1))).toBe(false);
      expect(await store.deleteDocument(place, bytes(8, 8))).toBe(true);
      expect(await store.deleteDocument(place, bytes(9, 9))).toBe(false);
      const other = await opened.another();
      const after = await other.documentUpdates('x', 0);
      expect(after).toMatchObject({ updates: [{ seq: 4, update: Buffer.from([0, 0]) }], deletion: { seq: 4 } });
      expect([...(after.deletion?.vector ?? [])]).toEqual([8, 8]);
      expect(await store.documentVersions('x', { before: null, limit: 10 })).toEqual([]);
      const both = [...add(4), { document: 'y', update: bytes(6), deletion: 0 }];
      expect(await other.addDocumentUpdates(both)).toEqual([null, 2]);
      expect(await other.addDocumentVersion(version('v2'), 0)).toBe(false);
      const change = { update: bytes(7), before: version('v3'), dropped: [] };
      expect(await other.restoreDocument({ ...place, seq: 4 }, change)).toBe(false);
      await other.mergeDocumentUpdates('x', 3, bytes(1, 2, 3));
      expect(await other.addDocumentUpdates(add(5, 4))).toEqual([5]);
      expect(await other.addDocumentVersion(version('v2'), 4)).toBe(true);
      await other.mergeDocumentUpdates('x', 5, bytes(5));
      expect((await store.documentUpdates('x', 0)).updates.map(({ seq }) => seq)).toEqual([5]);
      expect(await store.deleteDocument({ document: 'x', seq: 5, deletion: 4 }, bytes(10, 10))).toBe(true);
      expect((await store.documentUpdates('x', 0)).deletion?.seq).toBe(6);
      expect((await store.documentHeads(['x'])).get('x')).toBe(6);
    });

    test.concurrent('of updates and a deletion at once, on two nodes, each is before it and gone, or refused', async ({
      onTestFinished,
    }) => {
      const opened = await start(onTestFinished);
      const { store } = opened;
      const other = await opened.another();
      for (let round = 0; round < 10; round++) {
        const document = `d${round}`;
        await store.addDocumentUpdates([{ document, update: bytes(0), deletion: 0 }]);
        const adding = Array.from({ length: 6 }, (_, n) =>
          other.addDocumentUpdates([{ document, update: bytes(n), deletion: 0 }]),
        );
        for (let isDone = false; !isDone; ) {
          const seq = (await store.documentHeads([document])).get(document) ?? 0;
          isDone = await store.deleteDocument({ document, seq, deletion: 0 }, bytes(0));
        }
        await Promise.all(adding);
        const { updates, deletion } = await store.documentUpdates(document, 0);
        expect(updates.map(({ seq }) => seq)).toEqual([deletion?.seq]);
      }
    });
  });
}
