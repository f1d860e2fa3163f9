import fc from 'fast-check';
import * as Y from 'yjs';

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
/** An edit of one of some editors, of any kind that editors of text, tables and drawings make. */
export const editBy = (editors: number) =>
  fc.record({
    who: fc.nat(editors - 1),
    kind: fc.constantFrom(...kinds),
    at: fc.nat(30),
    count: fc.integer({ min: 1, max: 5 }),
    text,
    value,
    attributes,
  });
type Edit = ReturnType<typeof editBy> extends fc.Arbitrary<infer E> ? E : never;

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

/** Makes an edit in a document. */
export function applyEdit(doc: Y.Doc, { kind, at, count: n, text, value, attributes }: Edit): void {
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

/** All that readers of a document see. */
export const contentSeen = (doc: Y.Doc): unknown => [
  contentOf(doc.getText('words')),
  contentOf(doc.getXmlFragment('xml')),
  contentOf(doc.getArray('list')),
  contentOf(doc.getMap('map')),
];
