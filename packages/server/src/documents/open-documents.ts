import { TidingsError } from '@tidings/protocol';
import type { Doc } from 'yjs';
import type { Clock, Ephemeral } from '../domain/ports.ts';
import type { DocumentStore } from '../domain/store/documents.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { UserState } from './awareness.ts';
import { DocumentCommits } from './document-commits.ts';
import { GatheredStates } from './gathered-states.ts';
import { NodeLink } from './node-link.ts';
import { documentDeleted } from './provider-closes.ts';
import { type DocumentLimits, SharedDocument } from './shared-document.ts';
import { loadYjs } from './yjs-document.ts';

export interface OpenDocumentsParts {
  /** The id of this process among all that serve the documents. */
  node: string;
  store: DocumentStore;
  ephemeral: Pick<Ephemeral, 'publish' | 'subscribe'>;
  clock: Clock;
  telemetry: Telemetry;
  counters: Pick<Counters, 'documentUpdates'>;
  /** Those of one document, and the number of documents that may be open at a time. */
  limits: DocumentLimits & { open: number };
}

interface Entry {
  document: Promise<SharedDocument>;
  /** The number of those who have it open. */
  users: number;
  link: NodeLink | null;
  /** Gathers states of clients on this node, for members here and for other nodes. */
  states: GatheredStates | null;
}

/** The most names in one question to the store. */
const namesAtOnce = 500;

/** The documents that are open on this node: each once, for as long as somebody uses it. */
export class OpenDocuments {
  readonly #parts: OpenDocumentsParts;
  readonly #commits: DocumentCommits;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: OpenDocumentsParts) {
    this.#parts = parts;
    this.#commits = new DocumentCommits(parts.store, parts);
  }

  /** The number of documents that are open. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Opens a document, with all that is stored of it. One that nobody has changed is empty.
   * @throws TidingsError `unavailable` where too many are open, or the store cannot be read
   */
  async open(name: string): Promise<{ document: SharedDocument; leave: () => void }> {
    const entry = this.#entries.get(name) ?? this.#add(name);
    entry.users++;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      entry.users--;
      void this.#closeUnused(name, entry);
    };
    try {
      return { document: await entry.document, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * Calls with a document, and resolves when what was changed in it is stored, with what the call came to. Others may change it meanwhile.
   * @throws TidingsError `unavailable` where it cannot be read or stored; what the call throws, and what was changed until then stays
   */
  async use<Result>(name: string, call: (doc: Doc) => Result | Promise<Result>): Promise<Result> {
    const { document, leave } = await this.open(name);
    try {
      const result = await call(document.doc);
      await document.stored();
      return result;
    } finally {
      leave();
    }
  }

  /**
   * Calls with a document of which nothing else is stored meanwhile on this node. It has what is stored on all of them.
   * @throws TidingsError `unavailable` where it cannot be read or stored
   */
  async alone<Result>(name: string, call: (document: SharedDocument) => Promise<Result>): Promise<Result> {
    const { document, leave } = await this.open(name);
    try {
      return await this.#commits.hold(document, async () => {
        await document.catchUp();
        return call(document);
      });
    } finally {
      leave();
    }
  }

  /** Asks the other nodes to store nothing of a document for so long. They may not hear it. */
  askToHold({ name }: SharedDocument, ms: number): void {
    this.#entries.get(name)?.link?.askToHold(ms);
  }

  /** A deletion was stored: closes this node's editors, and sends it to the other nodes. */
  deleted(document: SharedDocument, seq: number): void {
    this.#entries.get(document.name)?.link?.sendHead(seq);
    document.end(documentDeleted);
  }

  /** States of clients on this node have changed: sends them to members here and to other nodes. */
  sendStates({ name }: SharedDocument, states: readonly UserState[]): void {
    this.#entries.get(name)?.states?.add(states);
  }

  /** Once a second: finds updates of other nodes whose messages were lost, and drops clients of theirs that are silent. */
  async sweep(): Promise<void> {
    const now = this.#parts.clock.now();
    const documents = await this.#all();
    for (const document of documents) document.broadcastStates(document.awareness.sweep(now));
    for (let from = 0; from < documents.length; from += namesAtOnce) {
      const some = documents.slice(from, from + namesAtOnce);
      const heads = await this.#parts.store.documentHeads(some.map(({ name }) => name));
      for (const document of some) document.expect(heads.get(document.name) ?? 0);
    }
  }

  /** Resolves when all that was changed is stored. */
  async close(): Promise<void> {
    await this.#commits.idle();
    for (const document of await this.#all()) await document.idle();
    for (const entry of this.#entries.values()) endLink(entry);
  }

  async #all(): Promise<SharedDocument[]> {
    const settled = await Promise.allSettled([...this.#entries.values()].map(({ document }) => document));
    return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  #add(name: string): Entry {
    const { limits } = this.#parts;
    if (this.#entries.size >= limits.open) {
      throw new TidingsError('unavailable', `this server has ${limits.open} documents open; try again later`);
    }
    const entry: Entry = { document: Promise.resolve(null as never), users: 0, link: null, states: null };
    entry.document = this.#load(name, entry);
    this.#entries.set(name, entry);
    return entry;
  }

  async #load(name: string, entry: Entry): Promise<SharedDocument> {
    const { store, telemetry, limits } = this.#parts;
    const document = new SharedDocument(name, await loadYjs(), {
      ...{ store, telemetry, limits },
      changed: (changed) => this.#commits.request(changed),
      stored: (_, seq, update) => entry.link?.sendUpdate(seq, update),
      failed: () => this.#remove(name, entry),
    });
    let isHeld = false;
    const hold = async (ms: number): Promise<void> => {
      // A node that asks meanwhile asks again. One after another they would stop the editors of this one.
      if (isHeld) return;
      isHeld = true;
      await this.#commits.hold(document, () => after(this.#parts.clock, ms)).catch(() => {});
      isHeld = false;
    };
    // Before it is read, so that no message about a later update is missed.
    const link = new NodeLink(document, { ...this.#parts, hold });
    entry.link = link;
    entry.states = new GatheredStates(this.#parts.clock, (states) => {
      document.broadcastStates(states);
      link.sendStates(states);
    });
    try {
      await document.load();
    } catch (error) {
      this.#remove(name, entry);
      throw error;
    }
    return document;
  }

  async #closeUnused(name: string, entry: Entry): Promise<void> {
    const document = await entry.document.catch(() => null);
    if (document === null) return;
    await document.stored().catch(() => {});
    await document.idle();
    if (entry.users > 0 || this.#entries.get(name) !== entry) return;
    this.#remove(name, entry);
    document.destroy();
  }

  #remove(name: string, entry: Entry): void {
    endLink(entry);
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
  }
}

/** Sends the other nodes the states that wait, and nothing after that. */
function endLink({ link, states }: Entry): void {
  states?.end();
  link?.close();
}

const after = (clock: Pick<Clock, 'after'>, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve));
