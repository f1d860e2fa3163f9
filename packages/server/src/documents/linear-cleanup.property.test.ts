import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { cleanUp } from './linear-cleanup.ts';

type Change = { kind: 'text' | 'format' | 'map' | 'list' | 'delete' | 'clear'; place: number; size: number };

const change = fc.record({
  kind: fc.constantFrom('text', 'format', 'map', 'list', 'delete', 'clear') as fc.Arbitrary<Change['kind']>,
  place: fc.nat(1_000),
  size: fc.integer({ min: 1, max: 6 }),
});
/** Changes of editors, each list in one transaction of the editor that is named. */
const play = fc.array(fc.record({ editor: fc.nat(2), changes: fc.array(change, { minLength: 1, maxLength: 12 }) }), {
  minLength: 1,
  maxLength: 12,
});

function apply(doc: Y.Doc, { kind, place, size }: Change): void {
  const [text, list, map] = [doc.getText('text'), doc.getArray('list'), doc.getMap('map')];
  const at = (length: number): number => place % (length + 1);
  if (kind === 'text') text.insert(at(text.length), 'abcdef'.slice(0, size));
  else if (kind === 'format' && text.length > 0)
    text.format(at(text.length - 1), size, { bold: size % 2 ? true : null });
  else if (kind === 'map') {
    const inner = new Y.Map<unknown>();
    map.set(`key ${place % 4}`, inner);
    for (let n = 0; n < size; n++) inner.set(`inner ${n % 3}`, n);
  } else if (kind === 'list')
    list.insert(
      at(list.length),
      Array.from({ length: size }, () => new Y.Map([['a', 1]])),
    );
  else if (kind === 'delete' && list.length > 0) list.delete(0, Math.min(size, list.length));
  else if (kind === 'clear') {
    map.clear();
    text.delete(0, Math.floor(text.length / 2));
  }
}

/** Everything that a document keeps, as it keeps it. */
const partsOf = (doc: Y.Doc) =>
  [...doc.store.clients].map(([client, structs]) => [
    client,
    structs.map((struct) => [
      struct.constructor.name,
      ...[struct.id.clock, struct.length, struct.deleted],
      struct instanceof Y.Item ? struct.content.constructor.name : null,
    ]),
  ]);

test('a document that is cleaned up keeps what Yjs itself keeps of it, part by part', () => {
  fc.assert(
    fc.property(play, (steps) => {
      const editors = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }));
      const [own, plain] = [new Y.Doc(), new Y.Doc()];
      own.on('afterTransaction', (transaction) => cleanUp(Y, transaction, 0));
      for (const { editor, changes } of steps) {
        const doc = editors[editor] as Y.Doc;
        const before = Y.encodeStateVector(doc);
        doc.transact(() => {
          for (const one of changes) apply(doc, one);
        });
        const update = Y.encodeStateAsUpdate(doc, before);
        // Texts that are formatted are tidied once more by each editor, in its own words.
        for (const one of [own, plain]) Y.applyUpdate(one, update);
        for (const one of editors) if (one !== doc) Y.applyUpdate(one, update);
      }
      expect(partsOf(own)).toEqual(partsOf(plain));
      expect(own.toJSON()).toEqual(plain.toJSON());
      expect(Y.encodeStateAsUpdate(own)).toEqual(Y.encodeStateAsUpdate(plain));
      for (const doc of [...editors, own, plain]) doc.destroy();
    }),
    { numRuns: 300 },
  );
});

test('of a large deletion Yjs is left nothing to move', () => {
  const [author, doc] = [new Y.Doc(), new Y.Doc()];
  doc.on('afterTransaction', (transaction) => cleanUp(Y, transaction));
  const list = author.getArray('list');
  list.insert(
    0,
    Array.from({ length: 2_000 }, () => new Y.Map([['a', 1]])),
  );
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(author));
  const before = Y.encodeStateVector(author);
  list.delete(0, 1_999);
  const structs = doc.store.clients.get(author.clientID) as unknown[];
  let moves = 0;
  Object.assign(structs, {
    splice: (...args: [number, number]) => {
      moves++;
      return Array.prototype.splice.apply(structs, args);
    },
  });
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(author, before));
  expect(doc.getArray('list').length).toBe(1);
  expect(moves).toBeLessThan(5);
});
