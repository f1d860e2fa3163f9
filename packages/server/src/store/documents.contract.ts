import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { DocumentStore } from '../domain/store/documents.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

async function all(store: DocumentStore, document: string, after = 0): Promise<[number, number[]][]> {
  const { updates } = await store.documentUpdates(document, after);
  return updates.map(({ seq, update }) => [seq, [...update]]);
}

/** Updates of shared documents. */
export function documentsContract(start: OpenStore): void {
  describe('shared documents', () => {
    test.concurrent('updates of a document are counted on their own, whatever bytes they have', async ({
      onTestFinished,
    }) => {
      const { store, again } = await start(onTestFinished);
      const [a, b] = ['notes:b "ü" 🦉', 'notes:a'];
      expect(await store.addDocumentUpdates([{ document: a, update: bytes(0, 255, 128), deletion: 0 }])).toEqual([1]);
      const both = [
        { document: a, update: bytes(1), deletion: 0 },
        { document: b, update: bytes(), deletion: 0 },
      ];
      expect(await store.addDocumentUpdates(both)).toEqual([2, 1]);
      const { head } = await store.head();
      await store.addDocumentUpdates([{ document: a, update: bytes(2), deletion: 0 }]);
      expect((await store.head()).head).toBe(head);
      const opened = await again();
      expect(await all(opened, a)).toEqual([
        [1, [0, 255, 128]],
        [2, [1]],
        [3, [2]],
      ]);
      expect(await all(opened, a, 2)).toEqual([[3, [2]]]);
      expect(await all(opened, 'notes:c')).toEqual([]);
      expect(await opened.documentHeads([a, b, 'notes:c'])).toEqual(
        new Map([
          [a, 3],
          [b, 1],
        ]),
      );
    });

    test.concurrent('updates that two nodes store at once all have a number, without gaps', async ({
      onTestFinished,
    }) => {
      const opened = await start(onTestFinished);
      const stores = [opened.store, await opened.another()];
      const given = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const documents = n % 3 === 0 ? ['x', 'y'] : n % 3 === 1 ? ['y', 'x'] : ['x'];
          const updates = documents.map((document) => ({ document, update: bytes(n), deletion: 0 }));
          const seqs = await (stores[n % 2] as DocumentStore).addDocumentUpdates(updates);
          return [n, seqs[documents.indexOf('x')]];
        }),
      );
      const read = (await all(opened.store, 'x')).map(([seq, [n]]) => [n, seq]);
      expect(read.map(([, seq]) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      expect(new Map(read as [number, number][])).toEqual(new Map(given as [number, number][]));
    });

    test.concurrent('updates are merged into one, by whichever node is later', async ({ onTestFinished }) => {
      const opened = await start(onTestFinished);
      const { store } = opened;
      for (let n = 1; n <= 6; n++) await store.addDocumentUpdates([{ document: 'x', update: bytes(n), deletion: 0 }]);
      await store.mergeDocumentUpdates('x', 4, bytes(1, 2, 3, 4));
      expect(await all(store, 'x')).toEqual([
        [4, [1, 2, 3, 4]],
        [5, [5]],
        [6, [6]],
      ]);
      await store.mergeDocumentUpdates('x', 2, bytes(1, 2));
      const other = await opened.another();
      await Promise.all([
        store.mergeDocumentUpdates('x', 5, bytes(1, 2, 3, 4, 5)),
        other.mergeDocumentUpdates('x', 6, bytes(1, 2, 3, 4, 5, 6)),
      ]);
      expect(await all(store, 'x')).toEqual([[6, [1, 2, 3, 4, 5, 6]]]);
      expect(await store.addDocumentUpdates([{ document: 'x', update: bytes(7), deletion: 0 }])).toEqual([7]);
    });

    test.concurrent('documents are listed by their names, without those that are deleted', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      for (const document of ['b', 'a', 'c', 'a']) {
        await store.addDocumentUpdates([{ document, update: bytes(1), deletion: 0 }]);
      }
      const version = { kind: 'named', name: 'One', at: 1, from: null, once: null, state: bytes(1) } as const;
      await store.addDocumentVersion({ ...version, id: 'v1', document: 'c' }, 0);
      expect(await store.documents('', 2)).toEqual([
        { document: 'a', versions: 0 },
        { document: 'b', versions: 0 },
      ]);
      expect(await store.documents('b', 2)).toEqual([{ document: 'c', versions: 1 }]);
      await store.deleteDocument({ document: 'b', seq: 1, deletion: 0 }, bytes(1));
      expect((await store.documents('', 9)).map(({ document }) => document)).toEqual(['a', 'c']);
      await store.addDocumentUpdates([{ document: 'b', update: bytes(2), deletion: 2 }]);
      expect((await store.documents('', 9)).map(({ document }) => document)).toEqual(['a', 'b', 'c']);
    });

    test.concurrent('large updates come page by page', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const large = new Uint8Array(300_000).fill(7);
      for (let n = 0; n < 3; n++) await store.addDocumentUpdates([{ document: 'x', update: large, deletion: 0 }]);
      const first = await store.documentUpdates('x', 0);
      expect([first.updates.map(({ seq }) => seq), first.full]).toEqual([[1, 2], true]);
      expect((await store.documentUpdates('x', 2)).updates.map(({ update }) => update.length)).toEqual([300_000]);
    });
  });
}
