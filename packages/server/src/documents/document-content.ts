import type * as Yjs from 'yjs';
import type { AnyType } from './content-parts.ts';
import type { YjsLibrary } from './yjs-document.ts';

/** The largest content as JSON, bytes: `atLeast`, and `perByte` for each byte of the state, but `bytes` at most. */
const largest = { atLeast: 1_048_576, perByte: 16, bytes: 67_108_864 };
/** The bytes that a value has in JSON beside its text. */
const valueBytes = 8;

/**
 * The content of a document as JSON, by the names of the types at its top. A text is `{text, delta}`, a map an object, an array an array, an
 * XML fragment the array of its children: each a text, or `{element, attributes, children}`. Bytes are base64.
 *
 * The kind of a type at the top is stored nowhere, so it is found out from its content; an empty one is left out.
 *
 * @returns null where the JSON would be much larger than the state: a long format, for example, is repeated for each of its words
 */
export function contentOf(yjs: YjsLibrary, state: Uint8Array): Record<string, unknown> | null {
  const doc = new yjs.Doc();
  const size = new JsonSize(Math.min(largest.bytes, largest.atLeast + largest.perByte * state.length));
  try {
    yjs.applyUpdate(doc, state);
    const content: [string, unknown][] = [];
    for (const name of [...doc.share.keys()].sort()) {
      const kind = kindOf(yjs, doc.share.get(name) as AnyType);
      if (kind !== null) content.push([name, jsonOf(yjs, doc.get(name, kind as typeof yjs.Map), size)]);
    }
    return Object.fromEntries(content);
  } catch (error) {
    if (error instanceof TooLarge) return null;
    throw error;
  } finally {
    doc.destroy();
  }
}

function kindOf(yjs: YjsLibrary, type: AnyType): unknown {
  let kind: unknown = null;
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    if (
      content instanceof yjs.ContentString ||
      content instanceof yjs.ContentEmbed ||
      content instanceof yjs.ContentFormat
    )
      return yjs.Text;
    const isXml = content instanceof yjs.ContentType && isXmlChild(yjs, content.type);
    if (!isXml) return yjs.Array;
    kind = yjs.XmlFragment;
  }
  const hasKeys = [...type._map.values()].some(({ deleted }) => !deleted);
  return kind ?? (hasKeys ? yjs.Map : null);
}

const isXmlChild = (yjs: YjsLibrary, type: unknown): boolean =>
  type instanceof yjs.XmlElement || type instanceof yjs.XmlText || type instanceof yjs.XmlHook;

function jsonOf(yjs: YjsLibrary, value: unknown, size: JsonSize): unknown {
  const inner = (one: unknown): unknown => jsonOf(yjs, one, size);
  size.add(valueBytes);
  if (value instanceof yjs.Text) return textOf(yjs, value, size);
  if (value instanceof yjs.XmlElement) {
    const attributes = objectOf(Object.entries(value.getAttributes()), inner, size);
    return { element: inner(value.nodeName), attributes, children: value.toArray().map(inner) };
  }
  if (value instanceof yjs.XmlFragment || value instanceof yjs.Array) return value.toArray().map(inner);
  if (value instanceof yjs.Map) return objectOf([...value.entries()], inner, size);
  if (value instanceof yjs.Doc) return { document: inner(value.guid) };
  if (value instanceof Uint8Array) return inner(Buffer.from(value).toString('base64'));
  if (typeof value === 'string') size.add(value.length);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value === 'object' && value !== null) return objectOf(Object.entries(value), inner, size);
  return value ?? null;
}

function textOf(yjs: YjsLibrary, text: Yjs.Text, size: JsonSize): object {
  size.add(deltaSize(yjs, text));
  const delta = (text.toDelta() as { insert: unknown; attributes?: object }[]).map(({ insert, attributes }) => ({
    insert: jsonOf(yjs, insert, size),
    ...(attributes === undefined ? {} : { attributes: jsonOf(yjs, attributes, size) }),
  }));
  return { text: text.toString(), delta };
}

/** The size of the delta of a text, about. The delta repeats the formats at each of its parts, so it is known before it is made. */
function deltaSize(yjs: YjsLibrary, text: Yjs.Text): number {
  const formats = new Map<string, number>();
  let [size, formatsSize, isSameFormat] = [0, 0, false];
  for (let item = (text as AnyType)._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    if (content instanceof yjs.ContentFormat) {
      const { key, value } = content;
      formatsSize -= formats.get(key) ?? 0;
      formats.delete(key);
      if (value !== null) formats.set(key, key.length + valueBytes + (JSON.stringify(value)?.length ?? 0));
      formatsSize += formats.get(key) ?? 0;
      isSameFormat = false;
      continue;
    }
    const isString = content instanceof yjs.ContentString;
    size += isString ? item.length : 0;
    if (!isString || !isSameFormat) size += valueBytes + formatsSize;
    isSameFormat = isString;
  }
  return size;
}

const objectOf = (entries: [string, unknown][], read: (value: unknown) => unknown, size: JsonSize): object =>
  Object.fromEntries(
    entries.map(([key, value]) => {
      size.add(key.length);
      return [key, read(value)];
    }),
  );

class TooLarge extends Error {}

/** Counts what JSON is going to have, bytes, about. Throws TooLarge past the most. */
class JsonSize {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  add(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new TooLarge();
  }
}
