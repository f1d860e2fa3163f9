import { CloseCode, documentReadOnly, TidingsError } from '@tidings/protocol';
import { LimitExceeded } from '../domain/limit-exceeded.ts';
import type { Clock } from '../domain/ports.ts';
import { type Close, closeWithRetry } from '../session/close.ts';
import type { Connection } from '../session/connection.ts';
import type { UserState } from './awareness.ts';
import { FrameQueue } from './frame-queue.ts';
import type { MemberRights } from './member-rights.ts';
import { type EncodeBinary, Message } from './message.ts';
import type { OpenDocuments } from './open-documents.ts';
import { documentDeleted } from './provider-closes.ts';
import type { Member, SharedDocument } from './shared-document.ts';
import { type AwarenessState, type ClientMessage, deniedMessage, readMessage, stateVectorMessage } from './wire.ts';

export interface SocketLimits {
  /** Bytes that may wait for a slow reader. */
  outboxBytes: number;
  /** The largest state of a client, bytes. */
  awarenessBytes: number;
  /** Bytes that may come before the document is open. */
  earlyBytes: number;
}

export interface DocumentSocketParts {
  connection: Pick<Connection, 'write'>;
  encode: EncodeBinary;
  /** The document's name. */
  name: string;
  user: string;
  documents: Pick<OpenDocuments, 'open' | 'sendStates'>;
  rights: MemberRights;
  clock: Pick<Clock, 'now'>;
  limits: SocketLimits;
  /** Counts a message of a user, of so many bytes. Throws `too_many` past the user's limit. */
  count(userId: string, bytes: number): void;
  end(close: Close): void;
}

/** A connection to which nothing was sent for so long is sent a message without content, ms: clients leave after 30 s of silence. */
const quietMs = 10_000;
const nothing = Message.ofStates([]);

/** The most that the states of one user may have together in a document, in states of the largest size: each editor that comes is sent all of them. */
const statesOfUser = 16;

/** One connection to a document: what its client says in y-protocols, and what it is sent. */
export class DocumentSocket implements Member {
  readonly #parts: DocumentSocketParts;
  readonly #queue: FrameQueue;
  #document: SharedDocument | null = null;
  #leave: () => void = () => {};
  /** Messages that came before the document was open; null from then on. */
  #early: Uint8Array[] | null = [];
  #earlyBytes = 0;
  #isOver = false;
  #isFirst = true;
  #sentAt: number;
  /** Reasons for which something of its client was not taken: each is told once. */
  readonly #denied = new Set<string>();
  /** True once its client was asked for what was dropped: one that lacks it too is not asked for ever. */
  #isAskedAgain = false;

  constructor(parts: DocumentSocketParts) {
    this.#parts = parts;
    this.#sentAt = parts.clock.now();
    const { connection, encode, limits } = parts;
    const overflow = () => this.close({ code: CloseCode.tooSlow, reason: 'too much waits to be read; come back' });
    this.#queue = new FrameQueue({ connection, encode, most: limits.outboxBytes, overflow });
  }

  get name(): string {
    return this.#parts.name;
  }

  get rights(): MemberRights {
    return this.#parts.rights;
  }

  /** Opens the document, and tells the client what the server has and who is there. */
  async open(): Promise<void> {
    const { documents, rights, name } = this.#parts;
    const opening = documents.open(name);
    await rights.lookUp();
    try {
      const { document, leave } = await opening;
      if (this.#isOver) {
        leave();
        return;
      }
      this.#begin(document, leave);
    } catch (error) {
      if (!this.#isOver) this.#fail(error);
    }
  }

  #begin(document: SharedDocument, leave: () => void): void {
    [this.#document, this.#leave] = [document, leave];
    document.members.add(this);
    this.askForMissing();
    const { present } = document.awareness;
    if (present.length > 0) this.send(Message.ofStates(present));
    const early = this.#early ?? [];
    this.#early = null;
    for (const bytes of early) this.#read(bytes);
  }

  /** Asks the client for what the server lacks. Of one that may not write, nothing is taken. */
  askForMissing(): void {
    if (this.#document && this.#parts.rights.mayWrite) {
      this.#denied.delete(documentReadOnly);
      this.send(new Message(stateVectorMessage(this.#document.vector())));
    }
  }

  /** Says that what the client changes is not taken from now on. */
  denyChanges(): void {
    if (this.#document) this.#deny(documentReadOnly);
  }

  /** A message of the client. */
  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#parts.count(this.#parts.user, bytes.length);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#early === null) {
      this.#read(bytes);
      return;
    }
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > this.#parts.limits.earlyBytes) {
      this.close({ code: CloseCode.tooManyActions, reason: 'too much before the document was open; come back' });
    } else this.#early.push(bytes);
  }

  send(message: Message): void {
    if (this.#isOver) return;
    this.#sentAt = this.#parts.clock.now();
    this.#queue.write(message);
  }

  /** The client keeps up again. */
  resume(): void {
    this.#queue.resume();
  }

  /** Has the client notice that the server is there, if it was sent nothing for a while. */
  beat(now: number): void {
    if (this.#early === null && Math.abs(now - this.#sentAt) >= quietMs) this.send(nothing);
  }

  close(close: Close): void {
    this.left();
    this.#parts.end(close);
  }

  /** The connection is gone, and its clients with it. */
  left(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const document = this.#document;
    if (!document) return;
    document.members.delete(this);
    this.#parts.documents.sendStates(document, document.awareness.leave(this, this.#parts.clock.now()));
    this.#leave();
  }

  #read(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#take(readMessage(bytes));
      this.#isFirst = false;
    } catch (error) {
      this.#fail(error instanceof TidingsError ? error : unreadable(error));
    }
  }

  #take(message: ClientMessage): void {
    const document = this.#document as SharedDocument;
    switch (message.kind) {
      case 'state_vector':
        document.answer(this, message.vector);
        break;
      case 'update':
        this.#takeUpdate(document, message.update);
        break;
      case 'awareness':
        this.#takeStates(document, message.states);
        break;
      case 'awareness_query':
        this.send(Message.ofStates(document.awareness.present));
        break;
      case 'unknown':
        // Applications may have messages of their own. A client that begins with one speaks another protocol, and would wait for ever.
        if (this.#isFirst) {
          const what = `this is no y-protocols: its first message is of kind ${message.number}`;
          throw new TidingsError('bad_request', `${what}; use the provider of y-websocket`);
        }
        break;
      default:
    }
  }

  #takeUpdate(document: SharedDocument, update: Uint8Array): void {
    try {
      const isTaken = document.take(update, this.#parts.rights.mayWrite);
      if (!isTaken && !this.#isAskedAgain) this.askForMissing();
      this.#isAskedAgain = !isTaken;
    } catch (error) {
      if (!(error instanceof TidingsError) || error.code !== 'forbidden') throw error;
      this.#deny(error.message);
    }
  }

  #takeStates(document: SharedDocument, states: readonly AwarenessState[]): void {
    const { awarenessBytes } = this.#parts.limits;
    const { awareness } = document;
    const fitting = states.filter(({ state }) => Buffer.byteLength(state ?? '') <= awarenessBytes);
    if (fitting.length < states.length) {
      this.#deny(`the awareness state of a client may have ${awarenessBytes} bytes; put less into it`);
    }
    const named: UserState[] = fitting.map((state) => ({ ...state, user: this.#parts.user }));
    const mostBytes = statesOfUser * awarenessBytes;
    const { accepted, gone, isTooMuch } = awareness.take(named, this, this.#parts.clock.now(), mostBytes);
    if (isTooMuch)
      this.#deny(`the awareness states of a user may have ${mostBytes} bytes together; put less into them`);
    if (gone.length > 0) this.send(Message.ofStates(gone));
    this.#parts.documents.sendStates(document, accepted);
  }

  /** Says once what is not done. */
  #deny(reason: string): void {
    if (this.#denied.has(reason)) return;
    this.#denied.add(reason);
    this.send(new Message(deniedMessage(reason)));
  }

  #fail(error: unknown): void {
    this.close(closeOf(error));
  }
}

const unreadable = (cause: unknown): TidingsError =>
  new TidingsError('bad_request', `a message is no y-protocols: ${(cause as Error).message}`, { cause });

function closeOf(error: unknown): Close {
  if (error instanceof LimitExceeded) {
    return closeWithRetry(CloseCode.tooManyActions, error.retry_after_ms, 'too many messages; slow down');
  }
  if (!(error instanceof TidingsError)) {
    return { code: CloseCode.overloaded, reason: 'the server failed; it has logged why' };
  }
  const code = closeCodes[error.code] ?? CloseCode.overloaded;
  return { code, reason: error.message };
}

const closeCodes: Partial<Record<TidingsError['code'], number>> = {
  bad_request: CloseCode.badFrames,
  payload_too_large: CloseCode.badFrames,
  not_found: CloseCode.forbidden,
  forbidden: CloseCode.forbidden,
  conflict: documentDeleted.code,
};
