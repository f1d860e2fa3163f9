import type * as Yjs from 'yjs';
import type { AnyType } from './content-parts.ts';
import type { YjsLibrary } from './yjs-document.ts';

/**
 * The content of a document as JSON, by the names of the types at its top. A text is `{text, delta}`, a map an object, an array an array, an
 * XML fragment the array of its children: each a text, or `{element, attributes, children}`. Bytes are base64.
 *
 * The kind of a type at the top is stored nowhere, so it is found out from its content; an empty one is left out.
 */
export function contentOf(yjs: YjsLibrary, state: Uint8Array): Record<string, unknown> {
  const doc = new yjs.Doc();
  try {
    yjs.applyUpdate(doc, state);
    const content: [string, unknown][] = [];
    for (const name of [...doc.share.keys()].sort()) {
      const kind = kindOf(yjs, doc.share.get(name) as AnyType);
      if (kind !== null) content.push([name, jsonOf(yjs, doc.get(name, kind as typeof yjs.Map))]);
    }
    return Object.fromEntries(content);
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

function jsonOf(yjs: YjsLibrary, value: unknown): unknown {
  const inner = (one: unknown): unknown => jsonOf(yjs, one);
  if (value instanceof yjs.Text) return textOf(yjs, value);
  if (value instanceof yjs.XmlElement) {
    const attributes = objectOf(Object.entries(value.getAttributes()), inner);
    return { element: value.nodeName, attributes, children: value.toArray().map(inner) };
  }
  if (value instanceof yjs.XmlFragment || value instanceof yjs.Array) return value.toArray().map(inner);
  if (value instanceof yjs.Map) return objectOf([...value.entries()], inner);
  if (value instanceof yjs.Doc) return { document: value.guid };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value === 'object' && value !== null) return objectOf(Object.entries(value), inner);
  return value ?? null;
}

function textOf(yjs: YjsLibrary, text: Yjs.Text): object {
  const delta = (text.toDelta() as { insert: unknown; attributes?: object }[]).map(({ insert, attributes }) => ({
    insert: jsonOf(yjs, insert),
    ...(attributes === undefined ? {} : { attributes: jsonOf(yjs, attributes) }),
  }));
  return { text: text.toString(), delta };
}

const objectOf = (entries: [string, unknown][], read: (value: unknown) => unknown): object =>
  Object.fromEntries(entries.map(([key, value]) => [key, read(value)]));
