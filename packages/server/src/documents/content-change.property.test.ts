import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { applyEdit, contentSeen, editBy } from '../../testing/document-edits.ts';
import { changeTo } from './content-change.ts';

const editors = 3;
const edit = editBy(editors);

/** Documents as editors have them, of which some exchange what they did at times. */
class Editors {
  readonly docs = Array.from({ length: editors }, (_, n) => {
    const doc = new Y.Doc();
    // The ids of clients may have 53 bits.
    doc.clientID = 2 ** 52 + n * 2 ** 33 + Math.floor(Math.random() * 2 ** 32);
    return doc;
  });

  one(n: number): Y.Doc {
    return this.docs[n] as Y.Doc;
  }

  exchange(): void {
    for (const from of this.docs)
      for (const to of this.docs) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
  }
}

const changeOf = (state: Uint8Array, version: Uint8Array): Uint8Array | null =>
  changeTo(Y, state, version, 1_000_000)?.update ?? null;

const stateOf = (update: Uint8Array): Y.Doc => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
};

const round = fc.record({ edits: fc.array(edit, { maxLength: 25 }), back: fc.nat(5) });

test('each restore gives every editor the content of the version, as often as it is done, and leaves nothing to do', () => {
  fc.assert(
    fc.property(fc.array(round, { minLength: 2, maxLength: 6 }), (rounds) => {
      const all = new Editors();
      const versions: { state: Uint8Array; content: unknown }[] = [];
      for (const { edits, back } of rounds) {
        for (const [n, one] of edits.entries()) {
          applyEdit(all.one(one.who), one);
          if (n % 4 === 0) all.exchange();
        }
        all.exchange();
        all.exchange();
        versions.push({ state: Y.encodeStateAsUpdate(all.one(0)), content: contentSeen(all.one(0)) });
        const version = versions[back % versions.length] as (typeof versions)[number];
        // As on a server, which knows no kinds.
        const change = changeOf(Y.encodeStateAsUpdate(all.one(1)), version.state);
        if (change) for (const doc of all.docs) Y.applyUpdate(doc, change);
        all.exchange();
        for (const doc of all.docs) expect(contentSeen(doc)).toEqual(version.content);
        const again = changeOf(Y.encodeStateAsUpdate(all.one(1)), version.state);
        if (again) {
          const after = stateOf(Y.encodeStateAsUpdate(all.one(1)));
          Y.applyUpdate(after, again);
          expect(contentSeen(after)).toEqual(version.content);
        }
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('what an editor does meanwhile, and what one brings who was away, stays in what the version has too', () => {
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 30 }),
      fc.array(edit, { maxLength: 30 }),
      fc.array(edit, { maxLength: 10 }),
      (first, second, away) => {
        const all = new Editors();
        for (const one of first) applyEdit(all.one(one.who), one);
        all.exchange();
        all.exchange();
        const version = Y.encodeStateAsUpdate(all.one(0));
        for (const one of second) applyEdit(all.one(0), one);
        for (const one of away) applyEdit(all.one(1), one);
        const change = changeOf(Y.encodeStateAsUpdate(all.one(0)), version);
        if (change) Y.applyUpdate(all.one(0), change);
        all.exchange();
        all.exchange();
        const [one, ...others] = all.docs.map(contentSeen);
        for (const other of others) expect(other).toEqual(one);
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);

test('one who was away while a paragraph was restored keeps what they wrote in another, and brings nothing back', () => {
  const all = new Editors();
  const xml = all.one(0).getXmlFragment('xml');
  const paragraph = (words: string): Y.XmlElement => {
    const element = new Y.XmlElement('p');
    element.insert(0, [new Y.XmlText(words)]);
    return element;
  };
  xml.insert(0, [paragraph('one'), paragraph('two')]);
  all.exchange();
  const version = Y.encodeStateAsUpdate(all.one(0));
  xml.delete(0, 1);
  xml.insert(1, [paragraph('three')]);
  all.exchange();
  const away = all.one(2);
  ((away.getXmlFragment('xml').get(0) as Y.XmlElement).get(0) as Y.XmlText).insert(3, ' and a half');
  ((away.getXmlFragment('xml').get(1) as Y.XmlElement).get(0) as Y.XmlText).insert(0, 'lost ');
  Y.applyUpdate(all.one(0), changeOf(Y.encodeStateAsUpdate(all.one(0)), version) as Uint8Array);
  all.exchange();
  all.exchange();
  for (const doc of all.docs) expect(doc.getXmlFragment('xml').toString()).toBe('<p>one</p><p>two and a half</p>');
});
