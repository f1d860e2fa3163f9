import type { Clock } from '../domain/ports.ts';
import type { DocumentStore } from '../domain/store/documents.ts';
import type { Counters } from '../telemetry/counters.ts';
import { cannotStore, documentDeleted } from './provider-closes.ts';
import type { SharedDocument } from './shared-document.ts';

/** The most bytes of updates in one transaction, unless the first document has more. */
const mostBytes = 8_388_608;

/** The pause between two commits of a document, ms: a tenth for each editor, rounded down, and `most` at most. */
const pauseMs = { most: 10, perEditor: 0.1 };

/**
 * Group commit of documents: changes that come while a transaction is under way go into the next one, those of each document as one update,
 * those of all documents together. Changes of many editors are gathered for some milliseconds, since each commit is sent to all of them.
 */
export class DocumentCommits {
  readonly #store: DocumentStore;
  readonly #counters: Pick<Counters, 'documentUpdates'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<SharedDocument>();
  /** Documents that were committed a moment ago, with what ends their pause. Their changes wait for that. */
  readonly #paused = new Map<SharedDocument, () => void>();
  #running: Promise<void> | null = null;
  /** The commit that is under way. */
  #committing: Promise<void> | null = null;
  /** Documents whose changes wait, each with the last call of `hold`. */
  readonly #held = new Map<SharedDocument, Promise<unknown>>();

  constructor(
    store: DocumentStore,
    { counters, clock }: { counters: Pick<Counters, 'documentUpdates'>; clock: Pick<Clock, 'after'> },
  ) {
    this.#store = store;
    this.#counters = counters;
    this.#clock = clock;
  }

  /** A document has changes to be stored. */
  request(document: SharedDocument): void {
    this.#waiting.add(document);
    if (!this.#paused.has(document)) this.#running ??= this.#run();
  }

  /**
   * Calls while nothing of a document is being stored: its changes wait until the call has resolved. Calls for one document run one after another;
   * what was changed before one begins is stored first, so that editors wait for one call, however many there are.
   */
  async hold<Result>(document: SharedDocument, call: () => Promise<Result>): Promise<Result> {
    const before = this.#held.get(document);
    const turn = (async () => {
      await before?.catch(() => {});
      await this.#committing;
      this.#waiting.delete(document);
      if (document.waitingBytes > 0) await this.#commit([document]);
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
    for (;;) {
      for (const endPause of [...this.#paused.values()]) endPause();
      if (!this.#running && this.#held.size === 0) return;
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
      if (this.#held.has(document) || this.#paused.has(document)) continue;
      if (document.waitingBytes === 0) {
        // It went along with a call that held the document.
        this.#waiting.delete(document);
        continue;
      }
      bytes += document.waitingBytes;
      if (taken.length > 0 && bytes > mostBytes) break;
      taken.push(document);
      this.#waiting.delete(document);
      this.#pause(document);
    }
    return taken;
  }

  #pause(document: SharedDocument): void {
    const ms = Math.floor(Math.min(pauseMs.most, document.members.size * pauseMs.perEditor));
    if (ms === 0) return;
    const end = (): void => {
      cancel();
      this.#paused.delete(document);
      if (this.#waiting.has(document)) this.request(document);
    };
    const cancel = this.#clock.after(ms, end);
    this.#paused.set(document, end);
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

  /** Fails a document whose changes cannot be merged, so that it does not hold up the others. */
  #begin(document: SharedDocument): { document: SharedDocument; commit: ReturnType<SharedDocument['beginCommit']> }[] {
    try {
      return [{ document, commit: document.beginCommit() }];
    } catch (error) {
      document.fail(error, cannotStore);
      return [];
    }
  }
}
