import type { DocumentStore } from '../domain/store/documents.ts';
import type { Counters } from '../telemetry/counters.ts';
import { documentDeleted } from './provider-closes.ts';
import { cannotStore, type SharedDocument } from './shared-document.ts';

/** The most bytes of updates in one transaction, unless the first document has more. */
const mostBytes = 8_388_608;

/**
 * Group commit of documents: changes that come while a transaction is under way go into the next one, those of each document as one update,
 * those of all documents together.
 */
export class DocumentCommits {
  readonly #store: DocumentStore;
  readonly #counters: Pick<Counters, 'documentUpdates'>;
  readonly #waiting = new Set<SharedDocument>();
  #running: Promise<void> | null = null;
  /** The commit that is under way. */
  #committing: Promise<void> | null = null;
  /** Documents of which nothing is stored now but by the last of these calls. */
  readonly #held = new Map<SharedDocument, Promise<unknown>>();

  constructor(store: DocumentStore, counters: Pick<Counters, 'documentUpdates'>) {
    this.#store = store;
    this.#counters = counters;
  }

  /** A document has changes to be stored. */
  request(document: SharedDocument): void {
    this.#waiting.add(document);
    this.#running ??= this.#run();
  }

  /** Calls when nothing of a document is being stored; until that has resolved, its changes wait. One call for a document follows another. */
  async hold<Result>(document: SharedDocument, call: () => Promise<Result>): Promise<Result> {
    const before = this.#held.get(document);
    const turn = (async () => {
      await before?.catch(() => {});
      await this.#committing;
      return call();
    })();
    this.#held.set(document, turn);
    try {
      return await turn;
    } finally {
      if (this.#held.get(document) === turn) {
        this.#held.delete(document);
        if (document.waitingBytes > 0) this.request(document);
      }
    }
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running || this.#held.size > 0) {
      await this.#running;
      await Promise.allSettled(this.#held.values());
    }
  }

  async #run(): Promise<void> {
    // Changes of the same tick go along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let taken = this.#take(); taken.length > 0; taken = this.#take()) {
      this.#committing = this.#commit(taken);
      await this.#committing;
      this.#committing = null;
    }
    this.#running = null;
  }

  #take(): SharedDocument[] {
    const taken: SharedDocument[] = [];
    let bytes = 0;
    for (const document of this.#waiting) {
      if (this.#held.has(document)) continue;
      bytes += document.waitingBytes;
      if (taken.length > 0 && bytes > mostBytes) break;
      taken.push(document);
      this.#waiting.delete(document);
    }
    return taken;
  }

  async #commit(documents: readonly SharedDocument[]): Promise<void> {
    const parts = documents.flatMap((document) => this.#begin(document));
    try {
      const seqs = await this.#store.addDocumentUpdates(
        parts.map(({ document, commit }) => ({
          ...{ document: document.name, update: commit.update, deletion: document.deletion },
        })),
      );
      this.#counters.documentUpdates += parts.length;
      for (const [i, { document, commit }] of parts.entries()) {
        const seq = seqs[i] ?? null;
        if (seq === null) document.end(documentDeleted);
        else document.committed(commit, seq);
      }
    } catch (error) {
      for (const { document } of parts) document.fail(error, cannotStore);
    }
  }

  /** Of one whose changes cannot be put together, nothing is stored; the others are not held up. */
  #begin(document: SharedDocument): { document: SharedDocument; commit: ReturnType<SharedDocument['beginCommit']> }[] {
    try {
      return [{ document, commit: document.beginCommit() }];
    } catch (error) {
      document.fail(error, cannotStore);
      return [];
    }
  }
}
