import { documentReadOnly, TidingsError } from '@tidings/protocol';
import type * as Yjs from 'yjs';
import type { DocumentDeletion, DocumentStore } from '../domain/store/documents.ts';
import type { Close } from '../session/close.ts';
import type { Telemetry } from '../telemetry/events.ts';
import { Awareness, type UserState } from './awareness.ts';
import { DocumentSize } from './document-size.ts';
import { Message } from './message.ts';
import { cannotRead, cannotStore, documentDeleted, reopens } from './provider-closes.ts';
import { UncommittedChanges } from './uncommitted-changes.ts';
import { deepest } from './update-check.ts';
import { missingMessage, updateMessage } from './wire.ts';
import { type Clocks, YjsDocument, type YjsLibrary } from './yjs-document.ts';

/** A connection to a document. */
export interface Member {
  send(message: Message): void;
  close(close: Close): void;
}

export interface DocumentLimits {
  /** The largest state of a document, bytes. */
  documentBytes: number;
  /** The largest update, bytes. */
  updateBytes: number;
}

export interface DocumentParts {
  store: DocumentStore;
  /** Called where there are changes to be committed. */
  changed(document: SharedDocument): void;
  telemetry: Telemetry;
  limits: DocumentLimits;
  /** Called where a commit of this node has stored an update: other nodes are to read it. */
  stored(document: SharedDocument, seq: number, update: Uint8Array): void;
  /** Called where the document cannot go on, and has closed its connections. */
  failed(document: SharedDocument): void;
}

/** So many bytes may wait for updates that they build on. */
const mostWaitingBytes = 65_536;

/**
 * A document that is open on this node. What an editor changes is in it at once, and given out when it is stored: nothing that one
 * editor was sent of another is lost, however the process ends.
 */
export class SharedDocument {
  readonly name: string;
  readonly awareness = new Awareness();
  readonly members = new Set<Member>();
  readonly #parts: DocumentParts;
  readonly #content: YjsDocument;
  /** The number up to which everything that is stored is in it. */
  #seq = 0;
  /** The last deletion of what it was before; null if there was none. */
  #deletion: { seq: number; deleted: Clocks } | null = null;
  /** The newest number that is known to be stored. */
  #expected = 0;
  #reading: Promise<void> | null = null;
  readonly #uncommitted = new UncommittedChanges();
  readonly #size: DocumentSize;
  #merging: Promise<void> | null = null;
  #hasFailed = false;
  /** True once it holds what is not to be stored. */
  #isAbandoned = false;

  constructor(name: string, yjs: YjsLibrary, parts: DocumentParts) {
    this.name = name;
    this.#parts = parts;
    this.#content = new YjsDocument(
      yjs,
      (update, isStored) => this.#changed(update, isStored),
      () => this.#abandon(tooDeep()),
    );
    this.#size = new DocumentSize(parts.limits.documentBytes, () => this.#content.state().length);
  }

  /** Reads all that is stored. */
  load(): Promise<void> {
    this.#reading ??= this.#read(true);
    return this.#reading;
  }

  /** The document itself, to be changed in this process. */
  get doc(): Yjs.Doc {
    return this.#content.doc;
  }

  /** Its state vector: says how much of each client's changes it has. */
  vector(): Uint8Array {
    return this.#content.vector();
  }

  /** The size of the changes that wait for a commit, bytes. */
  get waitingBytes(): number {
    return this.#uncommitted.bytes;
  }

  /** Answers a member with what it lacks, once that is stored. @throws TidingsError `bad_request` */
  answer(member: Member, vector: Uint8Array): void {
    if (this.#deletion) this.#content.refuseDeleted(vector, this.#deletion.deleted);
    const message = new Message(missingMessage(this.#content.state(vector)));
    const send = (): void => {
      if (this.members.has(member)) member.send(message);
    };
    // All members are closed if it cannot be stored.
    this.#whenStored(send, () => {});
  }

  /**
   * Takes an update of an editor.
   * @returns false if too much waits for updates that it builds on, and was dropped: who has all of it is to bring it together
   * @throws TidingsError `bad_request`, `forbidden`, `payload_too_large` where it is not taken
   */
  take(update: Uint8Array, mayWrite: boolean): boolean {
    const { updateBytes, documentBytes } = this.#parts.limits;
    const { isEmpty, adds, removes } = this.#content.inspect(update, this.#deletion?.deleted);
    if (isEmpty) return true;
    if (!mayWrite) throw new TidingsError('forbidden', documentReadOnly);
    if (update.length > updateBytes) {
      const message = `an update has ${update.length} bytes, and may have ${updateBytes}; change less at once`;
      throw new TidingsError('payload_too_large', message);
    }
    if (adds && !this.#size.reserve(update.length, this.#uncommitted.bytes)) {
      const message = `the document has ${documentBytes} bytes, with its history, and may have no more; remove some of it, or go on in another`;
      throw new TidingsError('payload_too_large', message);
    }
    try {
      this.#content.take(update);
    } catch (error) {
      // Some of it may be in the document now, and not in the store.
      this.#abandon(error);
      throw new TidingsError('bad_request', 'an update does not fit into its document', { cause: error });
    }
    if (this.#isAbandoned) throw tooDeep();
    if (removes) this.#size.removed();
    if (this.#content.waitingBytes <= mostWaitingBytes) return true;
    this.#content.dropWaiting();
    return false;
  }

  /** Resolves when all that was changed here until now is stored; rejects where it cannot be. */
  stored(): Promise<void> {
    return new Promise((resolve, reject) => this.#whenStored(resolve, reject));
  }

  #whenStored(run: () => void, failed: (error: unknown) => void): void {
    if (this.#hasFailed) failed(reopened());
    else this.#uncommitted.whenStored(run, failed);
  }

  /** Sends to all who are connected here. */
  broadcast(message: Message): void {
    for (const member of this.members) member.send(message);
  }

  broadcastStates(states: readonly UserState[]): void {
    if (states.length > 0) this.broadcast(Message.ofStates(states));
  }

  /** Something is stored up to this number: what is not here is read. */
  expect(seq: number): void {
    this.#expected = Math.max(this.#expected, seq);
    if (this.#expected > this.#seq && this.#reading === null && !this.#hasFailed) this.#reading = this.#read(false);
  }

  /** Another node has stored this, as this number. */
  takeRemote(seq: number, update: Uint8Array): void {
    if (seq === this.#seq + 1 && this.#reading === null) this.#takeStored(seq, update);
    this.expect(seq);
  }

  /** The number of its last deletion; 0: there was none. */
  get deletion(): number {
    return this.#deletion?.seq ?? 0;
  }

  /** The number up to which everything that is stored is in it. */
  get seq(): number {
    return this.#seq;
  }

  /** All that it has, as one update. */
  state(): Uint8Array {
    return this.#content.state();
  }

  /** The state vector of all that it has, and of all that was ever deleted of it. */
  vectorWithDeleted(): Uint8Array {
    return this.#content.vectorWith(this.#deletion?.deleted);
  }

  /** Reads what is stored by now, on whatever node. @throws TidingsError `unavailable` */
  async catchUp(): Promise<void> {
    const heads = await this.#parts.store.documentHeads([this.name]);
    this.expect(heads.get(this.name) ?? 0);
    await this.#reading;
    if (this.#hasFailed || this.#isAbandoned) throw reopened();
  }

  /**
   * Stores a change together with all that waits, as `store` does it. For `DocumentCommits.hold`.
   *
   * @param store is given the whole update; resolves with false if the document has changed meanwhile
   * @returns false if it has: nothing came in
   */
  async amend(change: Uint8Array, store: (update: Uint8Array) => Promise<boolean>): Promise<boolean> {
    if (this.#hasFailed || this.#isAbandoned) throw reopened();
    const waiting = [...this.#uncommitted.updates];
    const update = this.#content.merge([...waiting, change]);
    const [seq, count] = [this.#seq + 1, this.#uncommitted.made];
    try {
      if (!(await store(update))) return false;
    } catch (error) {
      this.fail(error, cannotStore);
      throw error;
    }
    if (this.#hasFailed) return true;
    this.#uncommitted.take(waiting.length);
    this.#size.removed();
    this.#content.takeOwn(change);
    this.committed({ update, count }, seq);
    return true;
  }

  /** Takes what waits, for a commit. */
  beginCommit(): { update: Uint8Array; count: number } {
    const { updates, made } = this.#uncommitted;
    const update = this.#content.merge(updates);
    this.#uncommitted.take(updates.length);
    return { update, count: made };
  }

  /** A commit is stored as this number: gives it out to the editors. */
  committed({ update, count }: { update: Uint8Array; count: number }, seq: number): void {
    if (this.#hasFailed) return;
    this.#size.add(update.length);
    if (seq === this.#seq + 1) this.#seq = seq;
    this.broadcast(new Message(updateMessage(update)));
    this.#uncommitted.stored(count);
    this.#parts.stored(this, seq, update);
    this.expect(seq);
    if (this.#size.isMergeDue) this.merge();
  }

  /** It cannot go on: what is in memory is not what is stored. Editors come back, and bring what they have. */
  fail(error: unknown, close: Close): void {
    if (this.#hasFailed) return;
    this.#parts.telemetry.emit({ type: 'failure', where: 'documents', error: error as Error });
    this.end(close, error);
  }

  /** Ends it for all who have it open here. */
  end(close: Close, error: unknown = reopened()): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#parts.failed(this);
    this.#uncommitted.fail(error);
    for (const member of [...this.members]) member.close(close);
  }

  /** Resolves when nothing is being read or merged. */
  async idle(): Promise<void> {
    await Promise.all([this.#reading, this.#merging]);
  }

  destroy(): void {
    this.#content.destroy();
  }

  /** Fails it, after the editor who brought the fault is refused for that, and so does not come back. */
  #abandon(error: unknown): void {
    this.#isAbandoned = true;
    queueMicrotask(() => this.fail(error, reopens));
  }

  #changed(update: Uint8Array, isStored: boolean): void {
    if (this.#hasFailed || this.#isAbandoned) return;
    if (isStored) {
      this.broadcast(new Message(updateMessage(update)));
      return;
    }
    this.#uncommitted.add(update);
    this.#parts.changed(this);
  }

  async #read(isWhole: boolean): Promise<void> {
    try {
      for (let more = isWhole; more || this.#seq < this.#expected; ) {
        const from = this.#seq;
        const { updates, deletion, full } = await this.#parts.store.documentUpdates(this.name, from);
        if (this.#isDeletedBy(deletion, isWhole && from === 0)) {
          if (isWhole) throw reopened();
          return;
        }
        for (const { seq, update } of updates) if (seq > this.#seq) this.#takeStored(seq, update);
        more = full;
        // A number that the store does not know: its database is another now.
        if (updates.length === 0) this.#expected = this.#seq;
      }
    } catch (error) {
      if (isWhole) throw error;
      this.fail(error, cannotRead);
    } finally {
      this.#reading = null;
    }
  }

  /** Ends it if it was deleted since it was opened. */
  #isDeletedBy(deletion: DocumentDeletion | null, isFirst: boolean): boolean {
    if (isFirst && deletion) {
      this.#deletion = { seq: deletion.seq, deleted: this.#content.clocksOf(deletion.vector) };
    }
    if ((deletion?.seq ?? 0) === this.deletion) return false;
    this.end(documentDeleted);
    return true;
  }

  #takeStored(seq: number, update: Uint8Array): void {
    this.#seq = seq;
    this.#size.addRead(update.length);
    try {
      this.#content.takeStored(update);
    } catch (error) {
      this.#parts.telemetry.emit({ type: 'failure', where: 'documents', error: error as Error });
    }
  }

  /** Merges what is stored into one state. Everything up to `#seq` is in the document, and more may be. */
  merge(): void {
    if (this.#merging !== null || this.#hasFailed || this.#seq === 0) return;
    const state = this.#content.state();
    this.#size.merged(state.length);
    this.#merging = this.#parts.store
      .mergeDocumentUpdates(this.name, this.#seq, state)
      .catch((error: Error) => this.#parts.telemetry.emit({ type: 'failure', where: 'documents', error }))
      .finally(() => {
        this.#merging = null;
      });
  }
}

const reopened = (): TidingsError =>
  new TidingsError('unavailable', 'the document had to be opened again; change it once more');

const tooDeep = (): TidingsError =>
  new TidingsError('bad_request', `types are nested ${deepest} deep in a document at most; put less into each other`);
