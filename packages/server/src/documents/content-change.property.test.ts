import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { changeTo } from './content-change.ts';

const editors = 3;
const attributes = fc.constantFrom<Record<string, unknown>>(
  {},
  { bold: true },
  { bold: null },
  { link: { href: 'x' } },
  { bold: true, link: null },
);
const text = fc.constantFrom('a', 'bc', '🦉', 'x🦉y', 'é', '\n', 'long words');
const value = fc.constantFrom<unknown>(1, 'v', null, true, { a: [1, { b: 2 }] }, Uint8Array.of(1, 2));
const kinds = ['text', 'embed', 'format', 'map', 'array', 'nested', 'xml', 'attribute', 'remove', 'deep'] as const;
const edit = fc.record({
  who: fc.nat(editors - 1),
  kind: fc.constantFrom(...kinds),
  at: fc.nat(30),
  count: fc.integer({ min: 1, max: 5 }),
  text,
  value,
  attributes,
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

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

const place = (length: number, at: number): number => (length === 0 ? 0 : at % (length + 1));
const count = (length: number, from: number, wanted: number): number => Math.min(wanted, length - from);

/** A place in a text that is not within a pair of surrogates: no editor cuts one in two, and Yjs would put other characters there. */
function textPlace(text: Y.Text, at: number): number {
  const from = place(text.length, at);
  const parts = text.toDelta().map(({ insert }: { insert: unknown }) => (typeof insert === 'string' ? insert : ' '));
  return /[\ud800-\udbff]/.test(parts.join('')[from - 1] ?? '') ? from - 1 : from;
}
const textCount = (text: Y.Text, from: number, wanted: number): number =>
  Math.max(0, textPlace(text, Math.min(from + wanted, text.length)) - from);

function apply(doc: Y.Doc, { kind, at, count: n, text, value, attributes }: Edit): void {
  const words = doc.getText('words');
  const xml = doc.getXmlFragment('xml');
  const list = doc.getArray('list');
  const map = doc.getMap('map');
  const from = textPlace(words, at);
  const anElement = xml.length === 0 ? null : xml.get(at % xml.length);
  switch (kind) {
    case 'text':
      words.insert(from, text, attributes as object);
      break;
    case 'embed':
      words.insertEmbed(from, { image: text }, attributes as object);
      break;
    case 'format':
      words.format(from, textCount(words, from, n), attributes as object);
      break;
    case 'map':
      if (n === 5) map.delete(`k${at % 3}`);
      else map.set(`k${at % 3}`, value);
      break;
    case 'array':
      list.insert(
        place(list.length, at),
        Array.from({ length: n }, () => value),
      );
      break;
    case 'nested': {
      const inner = new Y.Map<unknown>();
      inner.set('v', value);
      inner.set('t', new Y.Text(text));
      if (n > 2) list.insert(place(list.length, at), [inner]);
      else map.set(`k${at % 3}`, inner);
      break;
    }
    case 'xml': {
      const element = new Y.XmlElement(n > 2 ? 'p' : 'h1');
      element.insert(0, [new Y.XmlText(text), ...(n > 3 ? [new Y.XmlElement('br')] : [])]);
      xml.insert(place(xml.length, at), [element]);
      break;
    }
    case 'attribute':
      if (anElement instanceof Y.XmlElement) anElement.setAttribute(`a${n}`, text);
      break;
    case 'deep': {
      const inner =
        anElement instanceof Y.XmlElement && anElement.length > 0 ? anElement.get(0) : map.get(`k${at % 3}`);
      if (inner instanceof Y.XmlText) inner.insert(textPlace(inner, at), text, attributes as object);
      if (inner instanceof Y.Map) {
        inner.set(`v${n}`, value);
        const t = inner.get('t');
        if (t instanceof Y.Text) t.insert(textPlace(t, at), text, attributes as object);
      }
      break;
    }
    default:
      if (at % 3 === 0) words.delete(from, textCount(words, from, n));
      else if (at % 3 === 1) {
        const first = place(list.length, at);
        list.delete(first, count(list.length, first, n));
      } else {
        const first = place(xml.length, at);
        xml.delete(first, count(xml.length, first, Math.min(n, 2)));
      }
  }
}

/** A text as those see it who read it: which marks stand next to each other without effect does not matter. */
function deltaOf(text: Y.Text): unknown[] {
  const merged: { insert: unknown; attributes: unknown }[] = [];
  for (const { insert, attributes = {} } of text.toDelta()) {
    const last = merged.at(-1);
    const sorted = JSON.stringify(Object.entries(attributes).sort());
    if (last?.attributes === sorted && typeof last.insert === 'string' && typeof insert === 'string')
      last.insert += insert;
    else merged.push({ insert: insert instanceof Y.AbstractType ? contentOf(insert) : insert, attributes: sorted });
  }
  return merged;
}

function contentOf(type: unknown): unknown {
  if (type instanceof Y.Text) return [deltaOf(type), sorted(type.getAttributes(), (one) => one)];
  if (type instanceof Y.XmlElement)
    return [type.nodeName, sorted(type.getAttributes(), contentOf), type.toArray().map(contentOf)];
  if (type instanceof Y.XmlFragment) return type.toArray().map(contentOf);
  if (type instanceof Y.Array) return type.toArray().map(contentOf);
  if (type instanceof Y.Map) return sorted(Object.fromEntries(type.entries()), contentOf);
  return type;
}
const sorted = (of: object, read: (value: unknown) => unknown): unknown[] =>
  Object.entries(of)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, read(value)]);

const content = (doc: Y.Doc): unknown => [
  contentOf(doc.getText('words')),
  contentOf(doc.getXmlFragment('xml')),
  contentOf(doc.getArray('list')),
  contentOf(doc.getMap('map')),
];

const changeOf = (state: Uint8Array, version: Uint8Array): Uint8Array | null =>
  changeTo(Y, state, version)?.change ?? null;

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
          apply(all.one(one.who), one);
          if (n % 4 === 0) all.exchange();
        }
        all.exchange();
        all.exchange();
        versions.push({ state: Y.encodeStateAsUpdate(all.one(0)), content: content(all.one(0)) });
        const version = versions[back % versions.length] as (typeof versions)[number];
        // As on a server, which knows no kinds.
        const change = changeOf(Y.encodeStateAsUpdate(all.one(1)), version.state);
        if (change) for (const doc of all.docs) Y.applyUpdate(doc, change);
        all.exchange();
        for (const doc of all.docs) expect(content(doc)).toEqual(version.content);
        const again = changeOf(Y.encodeStateAsUpdate(all.one(1)), version.state);
        if (again) {
          const after = stateOf(Y.encodeStateAsUpdate(all.one(1)));
          Y.applyUpdate(after, again);
          expect(content(after)).toEqual(version.content);
        }
      }
    }),
    { numRuns: 300 },
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
        for (const one of first) apply(all.one(one.who), one);
        all.exchange();
        all.exchange();
        const version = Y.encodeStateAsUpdate(all.one(0));
        for (const one of second) apply(all.one(0), one);
        for (const one of away) apply(all.one(1), one);
        const change = changeOf(Y.encodeStateAsUpdate(all.one(0)), version);
        if (change) Y.applyUpdate(all.one(0), change);
        all.exchange();
        all.exchange();
        const [one, ...others] = all.docs.map(content);
        for (const other of others) expect(other).toEqual(one);
      },
    ),
    { numRuns: 200 },
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
