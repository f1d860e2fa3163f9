import { TidingsError } from '@tidings/protocol';
import type { DocumentControl, VersionInput } from '../commands/context.ts';
import { notFound } from '../commands/refuse.ts';
import { newId } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';
import type {
  DocumentVersionRow,
  DocumentVersionStore,
  NewDocumentVersion,
} from '../domain/store/document-versions.ts';
import type { Counters } from '../telemetry/counters.ts';
import { ContentWork } from './content-work.ts';
import type { OpenDocuments } from './open-documents.ts';
import type { SharedDocument } from './shared-document.ts';

interface VersionLimits {
  /** The most versions of a document. */
  count: number;
  /** The bytes that the versions of a document have together. */
  bytes: number;
  /** The most characters of a name. */
  nameLength: number;
  /** The largest state of a document, bytes. */
  documentBytes: number;
}

interface DocumentVersionsParts {
  documents: Pick<OpenDocuments, 'alone' | 'askToHold' | 'deleted'>;
  store: DocumentVersionStore;
  clock: Pick<Clock, 'now'>;
  counters: Pick<Counters, 'documentVersions' | 'documentsDeleted'>;
  limits: VersionLimits;
}

/** The most tries of a change, which fails where another node has stored something meanwhile. */
const mostTries = 50;

/** After so many tries, and again after as many more, the other nodes are asked to store nothing for a short while. */
const triesBeforeHold = 2;
/** After each try that took longer they are asked, ms: this node's editors wait for all of them. */
const shortTryMs = 100;
/** The time for which they are asked to, beside twice the time that it took to make the change; the longest, ms. */
const [holdMs, longestHoldMs] = [500, 10_000];

/** Saves and restores versions of shared documents, and deletes documents. */
export class DocumentVersions implements DocumentControl {
  readonly #parts: DocumentVersionsParts;
  readonly #work = new ContentWork();

  constructor(parts: DocumentVersionsParts) {
    this.#parts = parts;
  }

  async save(document: string, { name, from, once }: VersionInput): Promise<DocumentVersionRow> {
    const { documents, store } = this.#parts;
    return documents.alone(document, async (open) => {
      const before = once === null ? null : await store.documentVersionByKey(document, once);
      if (before !== null) return before;
      const state = open.state();
      await this.#roomFor(document, state.length, false);
      const version = this.#versionOf(document, { kind: 'named', name, from, once, state });
      if (await store.addDocumentVersion(version, open.deletion)) {
        this.#parts.counters.documentVersions.saved++;
        return rowOf(version);
      }
      const made = once === null ? null : await store.documentVersionByKey(document, once);
      if (made === null) throw overtaken();
      return made;
    });
  }

  async restore(
    document: string,
    id: string,
    from: VersionInput['from'],
  ): Promise<{ version: DocumentVersionRow; saved: DocumentVersionRow; removed: string[] } | null> {
    const { clock, limits } = this.#parts;
    const { documentBytes } = limits;
    let workMs = 0;
    return this.#parts.documents.alone(document, async (open) => {
      const version = await this.#parts.store.documentVersion(document, id);
      if (version === null) throw notFound('version', id);
      for (let n = 0; n < mostTries; n++, await this.#prepareRetry(open, n, workMs)) {
        // Of one moment: what other nodes store from now on is in the document soon, and not in the change.
        const read = { seq: open.seq, state: open.state() };
        const { state } = read;
        const begun = clock.now();
        const change = await this.#work.run(document, { do: 'change', state, version: version.state, documentBytes });
        if (change === null) return null;
        if (change.bytes > documentBytes) throw tooLarge(change.bytes, documentBytes);
        workMs = Math.abs(clock.now() - begun);
        const amended = await this.#amend(open, { ...read, version, change: change.update, from });
        if (amended === null) continue;
        this.#parts.counters.documentVersions.restored++;
        return { version, ...amended };
      }
      throw overtaken();
    });
  }

  async rename(document: string, id: string, name: string): Promise<boolean> {
    const { store, counters } = this.#parts;
    const isRenamed = await store.renameDocumentVersion(document, id, name);
    if (isRenamed) counters.documentVersions.renamed++;
    return isRenamed;
  }

  async removeVersion(document: string, id: string): Promise<boolean> {
    const { store, counters } = this.#parts;
    const isRemoved = await store.removeDocumentVersion(document, id);
    if (isRemoved) counters.documentVersions.removed++;
    return isRemoved;
  }

  async remove(document: string): Promise<boolean> {
    const { documents, store, counters } = this.#parts;
    return documents.alone(document, async (open) => {
      for (let n = 0; n < mostTries; n++, await this.#prepareRetry(open, n)) {
        const { seq, deletion } = open;
        const { count } = await store.documentVersionTotals(document);
        if (seq === deletion && count === 0) return false;
        if (await store.deleteDocument({ document, seq, deletion }, open.vectorWithDeleted())) {
          documents.deleted(open, seq + 1);
          counters.documentsDeleted++;
          return true;
        }
      }
      throw overtaken();
    });
  }

  async contentOf(document: string, state: Uint8Array): Promise<Record<string, unknown>> {
    const content = await this.#work.run(document, { do: 'read', state });
    if (content !== null) return content;
    throw new TidingsError('payload_too_large', 'the content is too large as JSON; read it with "as=update"');
  }

  close(): Promise<void> {
    return this.#work.close();
  }

  /** Reads what other nodes have stored, for another try. Where they store changes all the time, they are asked to let this one pass. */
  async #prepareRetry(open: SharedDocument, tried: number, workMs = 0): Promise<void> {
    const ms = Math.min(longestHoldMs, holdMs + 2 * workMs);
    if (workMs > shortTryMs || tried % triesBeforeHold === 0) this.#parts.documents.askToHold(open, ms);
    await open.catchUp();
  }

  /**
   * Stores the change that brings a version back, and a version of what was before.
   *
   * @param seq the number up to which all is in the state from which the change was made
   * @returns null if another node has stored something since
   */
  async #amend(
    open: SharedDocument,
    {
      seq,
      state,
      version,
      change,
      from,
    }: { seq: number; state: Uint8Array; version: DocumentVersionRow; change: Uint8Array } & Pick<VersionInput, 'from'>,
  ): Promise<{ saved: DocumentVersionRow; removed: string[] } | null> {
    const { limits, store } = this.#parts;
    const { name: document, deletion } = open;
    const dropped = await this.#roomFor(document, state.length, true);
    const name = [...`Before restore of ${version.name}`].slice(0, limits.nameLength).join('');
    const before = this.#versionOf(document, { kind: 'before_restore', name, from, once: null, state });
    const isStored = await open.amend(change, (update) =>
      store.restoreDocument({ document, seq, deletion }, { update, before, dropped }),
    );
    return isStored ? { saved: rowOf(before), removed: dropped } : null;
  }

  /**
   * Refuses a version for which there is no room. Versions that are made on different nodes at the same moment may exceed the limits by a few.
   *
   * @param isAutomatic the server makes it by itself: older ones of that kind are dropped for it
   * @returns the ids of the versions to drop
   * @throws TidingsError `payload_too_large`
   */
  async #roomFor(document: string, bytes: number, isAutomatic: boolean): Promise<string[]> {
    const { limits, store } = this.#parts;
    const total = await store.documentVersionTotals(document);
    const dropped: string[] = [];
    const fits = (): boolean => total.count < limits.count && total.bytes + bytes <= limits.bytes;
    if (fits()) return dropped;
    const all = isAutomatic ? await store.documentVersions(document, { before: null, limit: total.count }) : [];
    for (const one of all.reverse()) {
      if (one.kind === 'named') continue;
      dropped.push(one.id);
      total.count--;
      total.bytes -= one.bytes;
      if (fits()) return dropped;
    }
    const message = `the document has ${total.count} versions with ${total.bytes} bytes, and may have ${limits.count} with ${limits.bytes}; this one has ${bytes}: delete some first`;
    throw new TidingsError('payload_too_large', message);
  }

  #versionOf(document: string, given: Omit<NewDocumentVersion, 'id' | 'document' | 'at'>): NewDocumentVersion {
    const at = this.#parts.clock.now();
    return { id: newId('v', at), document, at, ...given };
  }
}

const rowOf = ({ id, kind, name, at, from, state }: NewDocumentVersion): DocumentVersionRow => ({
  ...{ id, kind, name, at, from, bytes: state.length },
});

const tooLarge = (size: number, most: number): TidingsError =>
  new TidingsError(
    'payload_too_large',
    `the document would have ${size} bytes, with its history, and may have ${most}; remove some of it first`,
  );

const overtaken = (): TidingsError =>
  new TidingsError('unavailable', 'the document changes too fast for this now; try again');
