import { TidingsError } from '@tidings/protocol';
import type * as Yjs from 'yjs';
import { cleanUp } from './linear-cleanup.ts';
import { documentDeleted } from './provider-closes.ts';
import { isConsistent, isTooDeep } from './update-check.ts';

export type YjsLibrary = typeof Yjs;

/** By client, the number of its first unit that is not among some: a state vector as Yjs has decoded it. */
export type Clocks = Map<number, number>;

/** Loads Yjs, when the first document is opened: a server without any starts sooner. */
export const loadYjs = (): Promise<YjsLibrary> => import('yjs');

/** The origin of changes that are read from the store. */
const stored = Symbol('stored');
/** The origin of changes that this process made and has stored. */
const own = Symbol('own');

/** The content of a document, and the changes that came into it. Nothing of it is given out that is not in it whole. */
export class YjsDocument {
  readonly doc: Yjs.Doc;
  readonly #yjs: YjsLibrary;

  /**
   * @param changed is given each change but those of `takeOwn`: `isStored` if it was read from the store
   * @param tooDeep is called before a change that nests types too deep, which is not to be kept
   */
  constructor(yjs: YjsLibrary, changed: (update: Uint8Array, isStored: boolean) => void, tooDeep: () => void) {
    this.#yjs = yjs;
    this.doc = new yjs.Doc();
    this.doc.on('beforeObserverCalls', (transaction) => {
      if (transaction.origin === stored || transaction.origin === own || !isTooDeep(yjs, transaction)) return;
      // No observer is called for it.
      transaction.changed.clear();
      tooDeep();
    });
    this.doc.on('afterTransaction', (transaction) => cleanUp(yjs, transaction));
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== own) changed(update, origin === stored);
    });
  }

  /**
   * Reads an update without taking it.
   *
   * @param deleted the clocks of what was deleted with an earlier document of this name
   * @throws TidingsError `bad_request` where it is none, `conflict` where some of it was deleted
   */
  inspect(update: Uint8Array, deleted?: Clocks): { isEmpty: boolean; adds: boolean; removes: boolean } {
    const { structs, ds } = this.#decode(update);
    const [adds, removes] = [structs.length > 0, ds.clients.size > 0];
    const { Skip } = this.#yjs;
    for (const struct of deleted ? structs : []) {
      const { client, clock } = struct.id;
      if (!(struct instanceof Skip) && clock < (deleted?.get(client) ?? 0)) throw deletedContent();
    }
    return { isEmpty: !adds && !removes, adds, removes };
  }

  #decode(update: Uint8Array): ReturnType<YjsLibrary['decodeUpdate']> {
    try {
      const decoded = this.#yjs.decodeUpdate(update);
      if (!isConsistent(decoded)) throw new RangeError('its parts do not fit together');
      return decoded;
    } catch (error) {
      throw new TidingsError('bad_request', 'an update is none that Yjs can read', { cause: error });
    }
  }

  /** Refuses an editor whose state vector has some of a document of this name that was deleted. @throws TidingsError `conflict`, `bad_request` */
  refuseDeleted(vector: Uint8Array, deleted: Clocks): void {
    for (const client of this.clocksOf(vector).keys()) if (deleted.has(client)) throw deletedContent();
  }

  /** Reads a state vector. @throws TidingsError `bad_request` for one that is none */
  clocksOf(vector: Uint8Array): Clocks {
    try {
      return this.#yjs.decodeStateVector(vector);
    } catch (error) {
      throw new TidingsError('bad_request', 'a state vector is none that Yjs can read', { cause: error });
    }
  }

  /** Takes a change that was made from this document, and is stored. */
  takeOwn(update: Uint8Array): void {
    this.#yjs.applyUpdate(this.doc, update, own);
  }

  /** The state vector, with all that another one has. */
  vectorWith(other: Clocks = new Map()): Uint8Array {
    const clocks = this.#yjs.decodeStateVector(this.vector());
    for (const [client, clock] of other) {
      clocks.set(client, Math.max(clock, clocks.get(client) ?? 0));
    }
    return this.#yjs.encodeStateVector(clocks);
  }

  /** Takes an update of an editor. What it builds on and what is not here yet is kept beside the document, and taken with that. */
  take(update: Uint8Array): void {
    this.#yjs.applyUpdate(this.doc, update);
  }

  /** Takes an update from the store. If others wait for it, the change that they make together counts as not stored yet. */
  takeStored(update: Uint8Array): void {
    const { pendingStructs, pendingDs } = this.doc.store;
    this.#yjs.applyUpdate(this.doc, update, pendingStructs === null && pendingDs === null ? stored : null);
  }

  /** The size of what waits for updates that it builds on, bytes. */
  get waitingBytes(): number {
    const { pendingStructs, pendingDs } = this.doc.store;
    return (pendingStructs?.update.length ?? 0) + (pendingDs?.length ?? 0);
  }

  /** Drops what waits: who made it has it, and brings it again. */
  dropWaiting(): void {
    Object.assign(this.doc.store, { pendingStructs: null, pendingDs: null });
  }

  /** The state vector, from which others find out what the document lacks. */
  vector(): Uint8Array {
    return this.#yjs.encodeStateVector(this.doc);
  }

  /** All that the document has, or what somebody lacks who has this. @throws TidingsError `bad_request` for a vector that is none */
  state(vector?: Uint8Array): Uint8Array {
    const { store } = this.doc;
    const { pendingStructs, pendingDs } = store;
    // Yjs would send them along, stored or not.
    this.dropWaiting();
    try {
      return this.#yjs.encodeStateAsUpdate(this.doc, vector);
    } catch (error) {
      throw new TidingsError('bad_request', 'a state vector is none that Yjs can read', { cause: error });
    } finally {
      Object.assign(store, { pendingStructs, pendingDs });
    }
  }

  /** One update for several. */
  merge(updates: readonly Uint8Array[]): Uint8Array {
    return updates.length === 1 ? (updates[0] as Uint8Array) : this.#yjs.mergeUpdates([...updates]);
  }

  destroy(): void {
    this.doc.destroy();
  }
}

const deletedContent = (): TidingsError => new TidingsError('conflict', documentDeleted.reason);
