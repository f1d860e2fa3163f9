import type { PresentSession } from './present-users.ts';

/** A session of another node, null once it is gone, as of a message of that node. */
interface Entry {
  seq: number;
  session: PresentSession | null;
}

/** A message of a node about one room: what became of sessions since the message before. */
export interface PeerMessage {
  /** The number of the message before; 0 if the node had no session in the room before. */
  from: number;
  seq: number;
  changes: readonly (readonly [key: string, session: PresentSession | null])[];
}

/** Receives what becomes different. */
export interface PeerListener {
  set(session: PresentSession, isNew: boolean): void;
  delete(session: PresentSession): void;
}

/**
 * The sessions of one other node in one room. Its messages are numbered; those that are lost are noticed, and what the table says up to
 * a number takes their place. Each session is as the newest message has it, in whatever order they come.
 */
export class PeerSessions {
  readonly #listener: PeerListener;
  readonly #entries = new Map<string, Entry>();
  /** Up to this message nothing is missing. */
  #upTo = 0;
  /** The messages behind a gap; null for none. */
  #behind: { from: number; to: number } | null = null;

  constructor(listener: PeerListener) {
    this.#listener = listener;
  }

  get upTo(): number {
    return this.#upTo;
  }

  take({ from, seq, changes }: PeerMessage): void {
    if (seq <= this.#upTo) return;
    for (const [key, session] of changes) this.#change(key, { seq, session });
    if (from === 0) this.#removeOlder(seq, new Set(changes.map(([key]) => key)));
    if (from === 0 || from <= this.#upTo) this.#reach(seq);
    else if (this.#behind?.to === from) this.#behind.to = seq;
    else if (!this.#behind || seq > this.#behind.to) this.#behind = { from, to: seq };
  }

  /** Takes what the table has: all that the node has said up to a message, and perhaps more. */
  takeStored(seq: number, sessions: ReadonlyMap<string, PresentSession>): void {
    // It was read before what came since.
    if (seq < this.#upTo) return;
    for (const [key, session] of sessions) this.#change(key, { seq, session });
    this.#removeOlder(seq, new Set(sessions.keys()));
    this.#reach(seq);
  }

  clear(): void {
    this.#removeOlder(Number.MAX_SAFE_INTEGER, new Set());
    this.#entries.clear();
  }

  #reach(seq: number): void {
    this.#upTo = Math.max(this.#upTo, seq);
    if (this.#behind && this.#behind.from <= this.#upTo) {
      this.#upTo = Math.max(this.#upTo, this.#behind.to);
      this.#behind = null;
    }
    // Older messages are not taken any more.
    for (const [key, entry] of this.#entries)
      if (entry.session === null && entry.seq <= this.#upTo) this.#entries.delete(key);
  }

  #removeOlder(seq: number, kept: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if (entry.seq <= seq && entry.session && !kept.has(key)) this.#change(key, { seq, session: null });
    }
  }

  /** A message that is as new as the table's is not better than it: it is part of it. */
  #change(key: string, entry: Entry): void {
    const before = this.#entries.get(key);
    if (before && before.seq > entry.seq) return;
    this.#entries.set(key, entry);
    if (entry.session) this.#listener.set(entry.session, !before?.session);
    else if (before?.session) this.#listener.delete(before.session);
  }
}
