import { type PeerMessage, PeerSessions } from './peer-sessions.ts';
import type { OpenedRoom } from './presence-service.ts';
import type { PresentSession } from './present-users.ts';

/** A node of whose room the table says nothing is given up after so many comparisons: what it said may not be stored yet. */
const patience = 1;

/** Changes of a room that are to be written. */
export interface Unwritten {
  /** Sessions of this node, null for those that are gone. */
  changes: ReadonlyMap<string, PresentSession | null>;
  /** The message up to which all is in the table with them; null if the table says so already, or it is not known. */
  seq: number | null;
  /** True if others are to be told, once it is written, that the table has more than messages. */
  isHintDue: boolean;
  /** True if nothing of it is left. */
  isOver: boolean;
}

/** One room: the sessions of this node there, as far as others were told, and those of other nodes. */
export class PeerRoom {
  #opened: OpenedRoom | null = null;
  #unsubscribe: () => void = () => {};
  readonly #peers = new Map<string, { sessions: PeerSessions; missing: number }>();
  /** The sessions of this node. */
  readonly #own = new Map<string, PresentSession>();
  /** Changes that are not sent yet, the oldest first. */
  readonly unsent = new Map<string, PresentSession | null>();
  /** Changes that are not in the table yet. */
  readonly #unwritten = new Map<string, { session: PresentSession | null; isUrgent: boolean }>();
  #seq: number;
  #from = 0;
  /** The number that the table has; null if it has none. */
  #writtenSeq: number | null = null;
  #isHintDue = false;

  /** @param seq the number before that of the first message: higher than any of a former time */
  constructor(seq: number) {
    this.#seq = seq;
  }

  /** The number of the last message. */
  get seq(): number {
    return this.#seq;
  }

  get isOpen(): boolean {
    return this.#opened !== null;
  }

  /** True if nothing of it is left to tell. */
  get isOver(): boolean {
    return !this.isOpen && this.#own.size === 0 && this.unsent.size === 0 && this.#unwritten.size === 0;
  }

  open(opened: OpenedRoom, unsubscribe: () => void): void {
    this.#opened = opened;
    this.#unsubscribe = unsubscribe;
  }

  close(): void {
    this.#opened = null;
    this.#unsubscribe();
    this.#peers.clear();
  }

  complete(): void {
    this.#opened?.complete();
  }

  /** A session of this node is another than it was. @returns true if somebody came or went */
  change(key: string, session: PresentSession | null): boolean {
    const before = this.#own.get(key);
    if (session) this.#own.set(key, session);
    else this.#own.delete(key);
    const isUrgent = !before || !session || before.goneAt !== session.goneAt;
    this.unsent.set(key, session);
    this.#unwritten.set(key, { session, isUrgent: isUrgent || (this.#unwritten.get(key)?.isUrgent ?? false) });
    return isUrgent;
  }

  next(changes: PeerMessage['changes']): PeerMessage {
    const from = this.#from;
    this.#from = ++this.#seq;
    return { from, seq: this.#seq, changes };
  }

  /** Nobody is there to be told: the table says it to who comes. */
  skip(): void {
    if (this.unsent.size > 0) this.next([]);
    this.unsent.clear();
  }

  /** A session does not fit into a message: others read it from the table. */
  leaveGap(): void {
    this.next([]);
    this.#isHintDue = true;
  }

  /** @param isWhole false for those alone who came or went */
  takeUnwritten(isWhole: boolean): Unwritten {
    const changes = new Map<string, PresentSession | null>();
    for (const [key, { session, isUrgent }] of this.#unwritten) {
      if (!isWhole && !isUrgent) continue;
      changes.set(key, session);
      this.#unwritten.delete(key);
    }
    const isHintDue = isWhole && this.#isHintDue;
    if (isWhole) this.#isHintDue = false;
    const isOver = isWhole && this.isOver;
    // That it is there is known from the first write on.
    const seq = isWhole ? this.#seq : (this.#writtenSeq ?? 0);
    const isNews = seq !== this.#writtenSeq && !isOver;
    this.#writtenSeq = isOver ? null : seq;
    return { changes, seq: isNews ? seq : null, isHintDue, isOver };
  }

  /** Nothing is left in the table, or is about to be. */
  writeAgain(): void {
    this.#writtenSeq = null;
    this.#unwritten.clear();
    for (const [key, session] of this.#own) this.#unwritten.set(key, { session, isUrgent: true });
  }

  take(node: string, message: PeerMessage): void {
    if (this.isOpen) this.#peer(node).take(message);
  }

  takeStored(node: string, seq: number, sessions: ReadonlyMap<string, PresentSession>): void {
    if (this.isOpen) this.#peer(node).takeStored(seq, sessions);
  }

  /**
   * Compares with what the table says of other nodes, and gives up those that are not there any more.
   *
   * @returns true if the room is to be read
   */
  compare(
    heads: readonly { node: string; seq: number }[],
    live: readonly string[],
    isDead: (node: string) => boolean,
  ): boolean {
    const seqs = new Map(heads.map(({ node, seq }) => [node, seq]));
    for (const [node, peer] of this.#peers) {
      const isMissing = live.includes(node) && !seqs.has(node);
      peer.missing = isMissing ? peer.missing + 1 : 0;
      if (!isDead(node) && peer.missing <= patience) continue;
      peer.sessions.clear();
      this.#peers.delete(node);
    }
    return heads.some(({ node, seq }) => seq > (this.#peers.get(node)?.sessions.upTo ?? 0));
  }

  #peer(node: string): PeerSessions {
    const known = this.#peers.get(node);
    if (known) return known.sessions;
    const sessions = new PeerSessions({
      set: (session, isNew) => {
        this.#opened?.set(node, session);
        if (isNew && session.goneAt === null) this.#opened?.came(session);
      },
      delete: (session) => this.#opened?.delete(node, session),
    });
    this.#peers.set(node, { sessions, missing: 0 });
    return sessions;
  }
}
