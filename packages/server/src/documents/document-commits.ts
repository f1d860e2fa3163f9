import { CloseCode } from '@tidings/protocol';
import type { DocumentStore } from '../domain/store/documents.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { SharedDocument } from './shared-document.ts';

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

  constructor(store: DocumentStore, counters: Pick<Counters, 'documentUpdates'>) {
    this.#store = store;
    this.#counters = counters;
  }

  /** A document has changes to be stored. */
  request(document: SharedDocument): void {
    this.#waiting.add(document);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Changes of the same tick go along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) await this.#commit(this.#take());
    this.#running = null;
  }

  #take(): SharedDocument[] {
    const taken: SharedDocument[] = [];
    let bytes = 0;
    for (const document of this.#waiting) {
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
        parts.map(({ document, commit }) => ({ document: document.name, update: commit.update })),
      );
      this.#counters.documentUpdates += parts.length;
      for (const [i, { document, commit }] of parts.entries()) document.committed(commit, seqs[i] as number);
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

const cannotStore = {
  code: CloseCode.overloaded,
  reason: 'the server cannot store changes now; try again later',
};
