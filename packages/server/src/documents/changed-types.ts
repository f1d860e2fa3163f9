import type * as Yjs from 'yjs';
import type { AnyType } from './content-parts.ts';
import type { YjsLibrary } from './yjs-document.ts';

type Struct = Yjs.GC | Yjs.Item;

/**
 * The types of an earlier state of a document that are others now, found in one walk over all that both states have ever held: a unit that is
 * in one of them only makes the type that has it a changed one, and the types around that.
 */
export class ChangedTypes {
  readonly #yjs: YjsLibrary;
  readonly #earlier: Yjs.Doc;
  readonly #changed = new Set<AnyType>();
  readonly #within = new Map<AnyType, AnyType[]>();
  /** By a type of the document as it is, the same type as it was; null if there was none. */
  readonly #known = new Map<AnyType, AnyType | null>();
  /** Types of the document as it is, with text in which Yjs may have replaced characters. */
  readonly #harmed = new Set<AnyType>();

  constructor(yjs: YjsLibrary, now: Yjs.Doc, earlier: Yjs.Doc) {
    this.#yjs = yjs;
    this.#earlier = earlier;
    for (const name of now.share.keys()) {
      this.#known.set(now.get(name, yjs.AbstractType) as AnyType, earlier.get(name, yjs.AbstractType) as AnyType);
    }
    const [clients, before] = [now.store.clients, earlier.store.clients];
    for (const client of new Set([...clients.keys(), ...before.keys()])) {
      this.#compare(clients.get(client) ?? [], before.get(client) ?? []);
    }
    for (const structs of clients.values()) this.#findHarmed(structs);
  }

  /** True for a type of the earlier state that is another now, or has one in it. */
  has(type: AnyType): boolean {
    return this.#changed.has(type);
  }

  /** The changed types that a type of the earlier state has in it. */
  within(type: AnyType): readonly AnyType[] {
    return this.#within.get(type) ?? [];
  }

  /** True for a type of the document as it is in which a pair of surrogates may have been cut in two, which Yjs replaces. */
  isHarmed(type: AnyType): boolean {
    return this.#harmed.has(type);
  }

  /** Compares what one client has made: each state has it in the order of its numbers, from 0 on, cut in its own places. */
  #compare(structs: readonly Struct[], before: readonly Struct[]): void {
    let [n, m] = [0, 0];
    for (let one = structs[n], was = before[m]; one || was; one = structs[n], was = before[m]) {
      const [isThere, wasThere] = [one?.deleted === false, was?.deleted === false];
      if (isThere && !wasThere) this.#add(this.#typeBefore(typeAround(one as Struct)));
      else if (wasThere && !isThere) this.#add(typeAround(was as Struct));
      const [end, endBefore] = [endOf(one), endOf(was)];
      if (end <= endBefore) n++;
      if (endBefore <= end) m++;
    }
  }

  #findHarmed(structs: readonly Struct[]): void {
    const { ContentString } = this.#yjs;
    for (const struct of structs) {
      const { content } = struct as Partial<Yjs.Item>;
      if (content instanceof ContentString && !struct.deleted && content.str.includes('\ufffd')) {
        this.#harmed.add(typeAround(struct));
      }
    }
  }

  #add(type: AnyType | null): void {
    for (let changed = type; changed !== null && !this.#changed.has(changed); ) {
      this.#changed.add(changed);
      const item: Yjs.Item | null = changed._item;
      if (item === null) return;
      const around = typeAround(item);
      const within = this.#within.get(around);
      if (within) within.push(changed);
      else this.#within.set(around, [changed]);
      changed = around;
    }
  }

  #typeBefore(type: AnyType): AnyType | null {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const found = typeAt(this.#yjs, this.#earlier, (type._item as Yjs.Item).id);
    this.#known.set(type, found);
    return found;
  }
}

/** The type whose item has this id in a document; null if there is none, or it was deleted. */
export function typeAt({ getItem, getState, ContentType }: YjsLibrary, { store }: Yjs.Doc, id: Yjs.ID): AnyType | null {
  if (id.clock >= getState(store, id.client)) return null;
  const { deleted, content } = getItem(store, id) as Yjs.Item;
  return !deleted && content instanceof ContentType ? content.type : null;
}

/** The number behind those of a struct; past all others where there is none. */
const endOf = (struct: Struct | undefined): number =>
  struct === undefined ? Number.POSITIVE_INFINITY : struct.id.clock + struct.length;

/** The type that has an item in it, one that was not deleted. */
const typeAround = (item: Struct): AnyType => (item as Yjs.Item).parent as AnyType;
