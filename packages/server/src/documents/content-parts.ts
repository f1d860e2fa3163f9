import { isDeepStrictEqual } from 'node:util';
import type * as Yjs from 'yjs';
import type { YjsLibrary } from './yjs-document.ts';

/** Any type of Yjs. Each has a list, which a map leaves empty, and a map: of an element its attributes. */
export type AnyType = Yjs.AbstractType<unknown>;

/** The content of an item. */
export type Content = Yjs.Item['content'];

/** Neighbouring units of a list: characters, elements, and the marks between which a text has a format. */
export interface Part {
  client: number;
  clock: number;
  length: number;
}

/** One unit, as it stands in the content of an item. */
export interface Unit {
  content: Content;
  at: number;
}

/** The item of a key of a type that has a value. */
export const itemOf = (type: AnyType, key: string): Yjs.Item | null => {
  const item = type._map.get(key);
  return item === undefined || item.deleted ? null : item;
};

/** The list of a type, without what was deleted. */
export function partsOf(type: AnyType): Part[] {
  const parts: Part[] = [];
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { client, clock } = item.id;
    const last = parts.at(-1);
    if (last?.client === client && last.clock + last.length === clock) last.length += item.length;
    else parts.push({ client, clock, length: item.length });
  }
  return parts;
}

/** Cuts parts where others begin and end, so that each is wholly among the others, or not at all. */
export function cut(parts: readonly Part[], others: readonly Part[]): (Part & { isShared: boolean })[] {
  const byClient = Map.groupBy(others, ({ client }) => client);
  for (const ranges of byClient.values()) ranges.sort((a, b) => a.clock - b.clock);
  return parts.flatMap(({ client, clock, length }) => {
    const pieces: (Part & { isShared: boolean })[] = [];
    const add = (from: number, to: number, isShared: boolean): void => {
      if (to > from) pieces.push({ client, clock: from, length: to - from, isShared });
    };
    const end = clock + length;
    const ranges = byClient.get(client) ?? [];
    let at = clock;
    for (let i = firstEndingAfter(ranges, clock); at < end; i++) {
      const range = ranges[i];
      const from = Math.min(end, range?.clock ?? end);
      add(at, from, false);
      at = Math.max(at, from);
      const to = range ? Math.min(end, range.clock + range.length) : end;
      if (range) add(at, to, true);
      at = Math.max(at, to);
    }
    return pieces;
  });
}

function firstEndingAfter(ranges: readonly Part[], clock: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { clock: from, length } = ranges[middle] as Part;
    if (from + length > clock) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Reads the contents of parts, from either of two documents, and compares them. */
export class Contents {
  readonly #yjs: YjsLibrary;

  constructor(yjs: YjsLibrary) {
    this.#yjs = yjs;
  }

  unit({ store }: Yjs.Doc, client: number, clock: number): Unit {
    const item = this.#yjs.getItem(store, this.#yjs.createID(client, clock)) as Yjs.Item;
    return { content: item.content, at: clock - item.id.clock };
  }

  /** The contents of a part: each with the place in it where the part begins, and the number of its units. */
  *of({ store }: Yjs.Doc, { client, clock, length }: Part): Iterable<Unit & { length: number }> {
    for (let from = clock; from < clock + length; ) {
      const item = this.#yjs.getItem(store, this.#yjs.createID(client, from)) as Yjs.Item;
      const at = from - item.id.clock;
      const count = Math.min(item.length - at, clock + length - from);
      yield { content: item.content, at, length: count };
      from += count;
    }
  }

  /** The text of a part; '' for one that has none. */
  text(doc: Yjs.Doc, part: Part): string {
    let text = '';
    for (const { content, at, length } of this.of(doc, part)) {
      if (content instanceof this.#yjs.ContentString) text += content.str.slice(at, at + length);
    }
    return text;
  }

  isSame(a: Unit, b: Unit): boolean {
    const {
      ContentString,
      ContentAny,
      ContentJSON,
      ContentBinary,
      ContentEmbed,
      ContentFormat,
      ContentType,
      ContentDoc,
    } = this.#yjs;
    const [one, other] = [a.content, b.content];
    if (one.constructor !== other.constructor) return false;
    if (one instanceof ContentString) return one.str[a.at] === (other as Yjs.ContentString).str[b.at];
    if (one instanceof ContentAny || one instanceof ContentJSON) {
      return isDeepStrictEqual(one.arr[a.at], (other as Yjs.ContentAny).arr[b.at]);
    }
    if (one instanceof ContentBinary) return isDeepStrictEqual(one.content, (other as Yjs.ContentBinary).content);
    if (one instanceof ContentEmbed) return isDeepStrictEqual(one.embed, (other as Yjs.ContentEmbed).embed);
    if (one instanceof ContentFormat) {
      const { key, value } = other as Yjs.ContentFormat;
      return one.key === key && isDeepStrictEqual(one.value, value);
    }
    if (one instanceof ContentDoc) return one.doc.guid === (other as Yjs.ContentDoc).doc.guid;
    return one instanceof ContentType && this.isSameType(one.type, (other as Yjs.ContentType).type);
  }

  /** True if two types are of one kind: elements are if they have the same name. */
  isSameKind(a: AnyType, b: AnyType): boolean {
    const names = ({ nodeName, hookName }: { nodeName?: string; hookName?: string }) => [nodeName, hookName];
    return a.constructor === b.constructor && isDeepStrictEqual(names(a as object), names(b as object));
  }

  isSameType(a: AnyType, b: AnyType): boolean {
    return this.isSameKind(a, b) && this.#isSameMap(a, b) && this.#isSameList(a, b);
  }

  #isSameMap(a: AnyType, b: AnyType): boolean {
    return [...new Set([...a._map.keys(), ...b._map.keys()])].every((key) => {
      const [one, other] = [itemOf(a, key), itemOf(b, key)];
      if (one === null || other === null) return one === other;
      return this.isSame({ content: one.content, at: 0 }, { content: other.content, at: 0 });
    });
  }

  #isSameList(a: AnyType, b: AnyType): boolean {
    const others = units(b);
    for (const one of units(a)) {
      const other = others.next();
      if (other.done || !this.isSame(one, other.value)) return false;
    }
    return others.next().done === true;
  }
}

function* units(type: AnyType): Generator<Unit, void> {
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    for (let at = 0; at < item.length; at++) yield { content: item.content, at };
  }
}
