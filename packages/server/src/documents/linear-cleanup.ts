import type * as Yjs from 'yjs';

type Struct = Yjs.GC | Yjs.Item;

/**
 * Clears away what a large transaction has deleted, and joins parts that have become one, as Yjs is about to do, in a time that grows with their
 * number; Yjs 13 alone may hold up the process for much longer. To be called after the observers of a transaction: Yjs then finds
 * nothing left to do.
 *
 * @param atLeast a client with fewer changed parts is left to Yjs, which is quicker there
 */
export function cleanUp(
  yjs: typeof Yjs,
  { doc, deleteSet, beforeState, afterState }: Yjs.Transaction,
  atLeast = 1_000,
): void {
  const changed = new Map<number, Place[]>();
  for (const [client, clock] of afterState) {
    const before = beforeState.get(client) ?? 0;
    if (before !== clock) changed.set(client, [{ clock: before, end: clock }]);
  }
  for (const [client, ranges] of deleteSet.clients) {
    const places = ranges.map(({ clock, len }) => ({ clock, end: clock + len }));
    changed.set(client, [...places, ...(changed.get(client) ?? [])]);
  }
  const large = [...changed].flatMap(([client, places]) => {
    const structs = doc.store.clients.get(client) as Struct[] | undefined;
    return structs && countIn(yjs, structs, places) >= atLeast ? [{ client, structs, places }] : [];
  });
  // All first: one client's deleted parts may be within another's.
  if (doc.gc) for (const { client, structs } of large) clear(yjs, doc, structs, deleteSet.clients.get(client) ?? []);
  for (const { structs, places } of large) join(yjs, structs, places);
}

/** Parts of a client from a clock up to another one, which is not among them. */
interface Place {
  clock: number;
  end: number;
}

/** The number of parts in some places, each counted as often as it is in one. */
function countIn(yjs: typeof Yjs, structs: Struct[], places: readonly Place[]): number {
  let count = 0;
  for (const { clock, end } of places) {
    count += 1 + yjs.findIndexSS(structs, end - 1) - yjs.findIndexSS(structs, clock);
  }
  return count;
}

/** Takes the content out of deleted items. */
function clear(
  yjs: typeof Yjs,
  doc: Yjs.Doc,
  structs: Struct[],
  ranges: readonly { clock: number; len: number }[],
): void {
  for (const { clock, len } of ranges) {
    for (let at = yjs.findIndexSS(structs, clock); at < structs.length; at++) {
      const struct = structs[at] as Struct;
      if (struct.id.clock >= clock + len) break;
      if (struct instanceof yjs.Item && struct.deleted && !struct.keep && doc.gcFilter(struct))
        struct.gc(doc.store, false);
    }
  }
}

/**
 * Joins parts with those before them where they are one: each part in some places, the one behind each place, and from there on all that are one
 * with what was joined. From right to left, as Yjs does.
 */
function join(yjs: typeof Yjs, structs: Struct[], places: readonly Place[]): void {
  const open = union(places);
  const kept: Struct[] = [];
  let at = structs.length - 1;
  for (let wasJoined = false; at > 0; at--) {
    const struct = structs[at] as Struct;
    while ((open.at(-1)?.clock ?? -1) > struct.id.clock) open.pop();
    const place = open.at(-1);
    if (!place && !wasJoined) break;
    const mayJoin: boolean = wasJoined || (place !== undefined && struct.id.clock <= place.end);
    wasJoined = mayJoin && isJoined(yjs, structs[at - 1] as Struct, struct);
    if (!wasJoined) kept.push(struct);
  }
  structs.length = at + 1;
  for (const struct of kept.reverse()) structs.push(struct);
}

/** The same places in order, without two that overlap or touch. */
function union(places: readonly Place[]): Place[] {
  const found: Place[] = [];
  for (const { clock, end } of [...places].sort((a, b) => a.clock - b.clock)) {
    const last = found.at(-1);
    if (last && clock <= last.end) last.end = Math.max(last.end, end);
    else found.push({ clock, end });
  }
  return found;
}

function isJoined(yjs: typeof Yjs, left: Struct, right: Struct): boolean {
  if (left.deleted !== right.deleted || left.constructor !== right.constructor || !left.mergeWith(right as never)) {
    return false;
  }
  if (right instanceof yjs.Item && right.parentSub !== null) {
    const { _map: keys } = right.parent as Yjs.AbstractType<unknown>;
    if (keys.get(right.parentSub) === right) keys.set(right.parentSub, left as Yjs.Item);
  }
  return true;
}
