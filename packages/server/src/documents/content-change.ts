import type * as Yjs from 'yjs';
import { ChangedTypes, typeAt } from './changed-types.ts';
import { type AnyType, type Content, Contents, cut, itemOf, type Part, partsOf } from './content-parts.ts';
import { KeptTypes, type TypeInList } from './kept-types.ts';
import { PartList } from './part-list.ts';
import type { YjsLibrary } from './yjs-document.ts';

/** The id of the unit after which something is put; null for the beginning of the list. */
type Place = Yjs.ID | null;

export interface Change {
  /** In the first of Yjs's two encodings. */
  update: Uint8Array;
  /** The size that the document has with it at most, bytes: exact where it might be past the limit. */
  bytes: number;
}

/**
 * Makes the change by which a document comes to have the content of an earlier version of itself: what both have stays as it is, with what
 * others, who are away, do in it; what came since is deleted; what was deleted since is put in anew.
 *
 * @param state the document as it is, as one update; `version` likewise
 * @param documentBytes the largest size of a document
 * @returns null if the contents are equal
 */
export function changeTo(
  yjs: YjsLibrary,
  state: Uint8Array,
  version: Uint8Array,
  documentBytes: number,
): Change | null {
  // Deleted parts stay in them: they are thrown away soon, and Yjs takes long to clear away thousands of types.
  const [doc, wanted] = [new yjs.Doc({ gc: false }), new yjs.Doc({ gc: false })];
  try {
    yjs.applyUpdate(doc, state);
    yjs.applyUpdate(wanted, version);
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    yjs.transact(doc, (transaction) => new ContentChange(yjs, transaction, wanted).run());
    const [update] = updates;
    if (update === undefined) return null;
    const bytes = state.length + update.length;
    return { update, bytes: bytes <= documentBytes ? bytes : sizeOf(yjs, [state, update]) };
  } finally {
    doc.destroy();
    wanted.destroy();
  }
}

/** The size of the document that updates make. */
function sizeOf(yjs: YjsLibrary, updates: readonly Uint8Array[]): number {
  const doc = new yjs.Doc();
  for (const update of updates) yjs.applyUpdate(doc, update);
  const { length } = yjs.encodeStateAsUpdate(doc);
  doc.destroy();
  return length;
}

/** One such change, in a transaction of the document. The kinds of the types at its top are not known, so all are changed item by item. */
class ContentChange {
  readonly #yjs: YjsLibrary;
  readonly #transaction: Yjs.Transaction;
  readonly #doc: Yjs.Doc;
  readonly #wanted: Yjs.Doc;
  readonly #contents: Contents;
  readonly #changed: ChangedTypes;

  constructor(yjs: YjsLibrary, transaction: Yjs.Transaction, wanted: Yjs.Doc) {
    this.#yjs = yjs;
    this.#transaction = transaction;
    this.#doc = transaction.doc;
    this.#wanted = wanted;
    this.#contents = new Contents(yjs);
    this.#changed = new ChangedTypes(yjs, this.#doc, wanted);
  }

  run(): void {
    const { AbstractType } = this.#yjs;
    for (const name of new Set([...this.#doc.share.keys(), ...this.#wanted.share.keys()])) {
      this.#equalize(this.#doc.get(name, AbstractType) as AnyType, this.#wanted.get(name, AbstractType) as AnyType);
    }
  }

  /** Makes a type equal to another, or to what it was itself. */
  #equalize(type: AnyType, wanted: AnyType): void {
    const isItself = isOneType(type, wanted);
    if (isItself && !this.#changed.has(wanted)) return;
    for (const key of new Set([...type._map.keys(), ...wanted._map.keys()])) this.#equalizeKey(type, wanted, key);
    this.#equalizeList(type, wanted);
    if (isItself) this.#equalizeWithin(wanted);
  }

  /** Makes the types in the list of a type equal to what they were. */
  #equalizeWithin(wanted: AnyType): void {
    for (const inner of this.#changed.within(wanted)) {
      const { id, parentSub } = inner._item as Yjs.Item;
      const type = parentSub === null ? typeAt(this.#yjs, this.#doc, id) : null;
      if (type !== null) this.#equalize(type, inner);
    }
  }

  #equalizeKey(type: AnyType, wanted: AnyType, key: string): void {
    const [had, want] = [itemOf(type, key), itemOf(wanted, key)];
    if (want === null) had?.delete(this.#transaction);
    else if (had === null || !this.#equalizeValue(had.content, want.content)) {
      this.#insert(want.content, (content, id) => {
        const left = type._map.get(key) ?? null;
        return new this.#yjs.Item(id, left, left?.lastId ?? null, null, null, type, key, content);
      });
    }
  }

  /** Makes a value equal to another, if it need not be put in anew for that. */
  #equalizeValue(content: Content, wanted: Content): boolean {
    const { ContentType } = this.#yjs;
    if (!(content instanceof ContentType && wanted instanceof ContentType)) {
      return this.#contents.isSame({ content, at: 0 }, { content: wanted, at: 0 });
    }
    if (!this.#contents.isSameKind(content.type, wanted.type)) return false;
    this.#equalize(content.type, wanted.type);
    return true;
  }

  /** The units that two lists have in common are in the same order in both, as always in Yjs. One walk finds them, and the gaps between them are filled. */
  #equalizeList(type: AnyType, wanted: AnyType): void {
    const [all, allWanted] = [partsOf(type), partsOf(wanted)];
    const [had, want] = [new PartList(cut(all, allWanted)), new PartList(cut(allWanted, all))];
    const isHarmed = this.#changed.isHarmed(type);
    let place: Place = null;
    while (!had.isEmpty || !want.isEmpty) {
      const gap = { had: new PartList(), want: new PartList() };
      let shared: Part | null = null;
      while (shared === null && !(had.isEmpty && want.isEmpty)) {
        had.moveTo(gap.had);
        want.moveTo(gap.want);
        const length = Math.min(had.first?.length ?? 0, want.first?.length ?? 0);
        if (length === 0) continue;
        const [one, other] = [had.take(length), want.take(length)];
        if (!isHarmed || this.#isUnharmed(one)) shared = one;
        else {
          gap.had.add(one);
          gap.want.add(other);
        }
      }
      place = this.#fill(type, place, gap.had, gap.want);
      if (shared === null) return;
      place = this.#yjs.createID(shared.client, shared.clock + shared.length - 1);
    }
  }

  /** False for text in which Yjs has replaced characters, since a pair of surrogates was cut in two. */
  #isUnharmed(part: Part): boolean {
    const text = this.#contents.text(this.#doc, part);
    return !text.includes('\ufffd') || text === this.#contents.text(this.#wanted, part);
  }

  /** Makes one gap equal to another. What is the same at either end stays: an earlier restore has put it in anew. @returns the place behind the gap */
  #fill(type: AnyType, after: Place, had: PartList, want: PartList): Place {
    let place = after;
    for (let same = this.#sameAtStart(had, want); same > 0; same = this.#sameAtStart(had, want)) {
      const { client, clock } = had.take(same);
      place = this.#yjs.createID(client, clock + same - 1);
      want.take(same);
    }
    let last: Place = null;
    for (let same = this.#sameAtEnd(had, want); same > 0; same = this.#sameAtEnd(had, want)) {
      const { client, clock } = had.takeLast(same);
      last ??= this.#yjs.createID(client, clock + same - 1);
      want.takeLast(same);
    }
    place = this.#replace(type, place, had, want);
    return last ?? place;
  }

  #replace(type: AnyType, after: Place, had: PartList, want: PartList): Place {
    const { ContentType, ContentString } = this.#yjs;
    const kept = new KeptTypes(this.#typesOf(had));
    let place = after;
    let text = '';
    const insert = (content: Content): void => {
      place = this.#insertAfter(type, place, content);
    };
    const flush = (): void => {
      if (text !== '') insert(new ContentString(text));
      text = '';
    };
    for (const part of want.parts) {
      for (const { content, at, length } of this.#contents.of(this.#wanted, part)) {
        if (content instanceof ContentString) {
          // Joined, lest a pair of surrogates is cut in two.
          text += content.str.slice(at, at + length);
          continue;
        }
        flush();
        const keptPlace = content instanceof ContentType ? this.#keep(content.type, had, kept) : null;
        if (keptPlace === null) insert(this.#slice(content, at, length));
        else place = keptPlace;
      }
    }
    flush();
    for (const part of had.parts) this.#delete(part);
    return place;
  }

  /** Turns the next type of a gap into a wanted one of the same kind, and deletes what is before it. @returns its place; null if it is of another kind */
  #keep(wanted: AnyType, had: PartList, kept: KeptTypes): Place {
    const { next } = kept;
    if (next === undefined || !this.#contents.isSameKind(next.type, wanted)) return null;
    for (let left = kept.take(); left > 0; ) {
      const part = had.take(Math.min(left, had.first?.length ?? 0));
      this.#delete(part);
      left -= part.length;
    }
    const { client, clock } = had.take(1);
    this.#equalize(next.type, wanted);
    return this.#yjs.createID(client, clock);
  }

  /** The types of a list, each with the number of units before it. They are looked for once: a list may have a million. */
  #typesOf(list: PartList): TypeInList[] {
    const types: TypeInList[] = [];
    let before = 0;
    for (const part of list.parts) {
      for (const { content, length } of this.#contents.of(this.#doc, part)) {
        if (content instanceof this.#yjs.ContentType) types.push({ type: content.type, before });
        before += length;
      }
    }
    return types;
  }

  /** The number of units at the start of both that are the same, and are not to be divided: 2 for a pair of surrogates. */
  #sameAtStart(had: PartList, want: PartList): number {
    const [one, other] = [had.first, want.first];
    if (!one || !other || !this.#isSame(one, other, 0, 0)) return 0;
    if (!/[\ud800-\udbff]/.test(this.#character(one, 0))) return 1;
    return one.length > 1 && other.length > 1 && this.#isSame(one, other, 1, 1) ? 2 : 0;
  }

  #sameAtEnd(had: PartList, want: PartList): number {
    const [one, other] = [had.last, want.last];
    if (!one || !other || !this.#isSame(one, other, one.length - 1, other.length - 1)) return 0;
    if (!/[\udc00-\udfff]/.test(this.#character(one, one.length - 1))) return 1;
    return one.length > 1 && other.length > 1 && this.#isSame(one, other, one.length - 2, other.length - 2) ? 2 : 0;
  }

  #isSame(one: Part, other: Part, at: number, otherAt: number): boolean {
    const wanted = this.#contents.unit(this.#wanted, other.client, other.clock + otherAt);
    return this.#contents.isSame(this.#contents.unit(this.#doc, one.client, one.clock + at), wanted);
  }

  #character({ client, clock }: Part, at: number): string {
    return this.#contents.text(this.#doc, { client, clock: clock + at, length: 1 });
  }

  #slice(content: Content, at: number, length: number): Content {
    const { ContentAny, ContentJSON } = this.#yjs;
    if (content instanceof ContentAny) return new ContentAny(content.arr.slice(at, at + length));
    if (content instanceof ContentJSON) return new ContentJSON(content.arr.slice(at, at + length));
    return content;
  }

  #insertAfter(type: AnyType, place: Place, content: Content): Yjs.ID {
    const left =
      place === null ? null : (this.#yjs.getItemCleanEnd(this.#transaction, this.#doc.store, place) as Yjs.Item);
    const right = left === null ? type._start : left.right;
    return this.#insert(
      content,
      (copy, id) => new this.#yjs.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, type, null, copy),
    ).lastId;
  }

  /** Puts a copy of a content into the document. A type is put in empty, and then filled. */
  #insert(wanted: Content, item: (content: Content, id: Yjs.ID) => Yjs.Item): Yjs.Item {
    const { createID, getState, ContentType } = this.#yjs;
    const { clientID, store } = this.#doc;
    const content = wanted.copy();
    const made = item(content, createID(clientID, getState(store, clientID)));
    made.integrate(this.#transaction, 0);
    if (content instanceof ContentType && wanted instanceof ContentType) this.#equalize(content.type, wanted.type);
    return made;
  }

  #delete({ client, clock, length }: Part): void {
    const { createID, getItemCleanStart, getItemCleanEnd } = this.#yjs;
    getItemCleanEnd(this.#transaction, this.#doc.store, createID(client, clock + length - 1));
    for (let from = clock; from < clock + length; ) {
      const item = getItemCleanStart(this.#transaction, createID(client, from)) as Yjs.Item;
      from += item.length;
      item.delete(this.#transaction);
    }
  }
}

/** True for one type in two states of a document. Those at the top are compared by their names. */
function isOneType({ _item: one }: AnyType, { _item: other }: AnyType): boolean {
  if (one === null || other === null) return one === other;
  return one.id.client === other.id.client && one.id.clock === other.id.clock;
}
