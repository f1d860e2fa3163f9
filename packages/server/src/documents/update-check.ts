import type * as Yjs from 'yjs';

/** An update as Yjs has decoded it. */
type DecodedUpdate = ReturnType<typeof Yjs.decodeUpdate>;
type Place = Yjs.ID | null;

/** The most types within each other, such as the elements of a list in a list. */
export const deepest = 100;

/**
 * Finds in an update that can be decoded what Yjs makes nowhere, and on which it fails in the middle of taking it: parts and deletions without a
 * length, and parts that stand beside or within what their own client makes later.
 */
export function isConsistent({ structs, ds }: DecodedUpdate): boolean {
  for (const struct of structs) if (!(struct.length > 0) || standsOnLater(struct)) return false;
  for (const deleted of ds.clients.values()) if (deleted.some(({ len }) => len === 0)) return false;
  return true;
}

/** Of a part that is no item all of these are missing. */
type Struct = Pick<Yjs.Item, 'id'> & { origin?: Place; rightOrigin?: Place; parent?: unknown };

function standsOnLater({ id, origin, rightOrigin, parent }: Struct): boolean {
  const isLater = (place: Place | undefined): boolean =>
    place !== null && place !== undefined && place.client === id.client && place.clock >= id.clock;
  return isLater(origin) || isLater(rightOrigin) || isLater(isPlace(parent) ? parent : null);
}

const isPlace = (parent: unknown): parent is Yjs.ID =>
  typeof parent === 'object' && parent !== null && 'client' in parent && 'clock' in parent;

/** True if a transaction, whose observers were not called yet, puts types deeper into each other than is allowed. */
export function isTooDeep(yjs: typeof Yjs, { doc, beforeState, afterState }: Yjs.Transaction): boolean {
  for (const [client, clock] of afterState) {
    const before = beforeState.get(client) ?? 0;
    if (before >= clock) continue;
    const structs = doc.store.clients.get(client) ?? [];
    for (let i = before === 0 ? 0 : yjs.findIndexSS(structs, before); i < structs.length; i++) {
      const struct = structs[i];
      if (struct instanceof yjs.Item && struct.content instanceof yjs.ContentType && depthOf(struct) > deepest)
        return true;
    }
  }
  return false;
}

/** The number of types around an item and in it, counted no further than is allowed. */
function depthOf(item: Yjs.Item): number {
  let depth = 1;
  for (let at: Yjs.Item | null = item; at !== null && depth <= deepest; depth++) {
    at = (at.parent as Yjs.AbstractType<unknown> | null)?._item ?? null;
  }
  return depth;
}
