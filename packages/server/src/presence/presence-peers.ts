import type { Clock, Ephemeral } from '../domain/ports.ts';
import type { PresenceKey, PresenceStore, PresenceWrite } from '../domain/store/presence.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { NodeDirectory } from './node-directory.ts';
import { channelOf, hintText, keyOf, messageText, received, sessionOf, takeFitting, textOf } from './peer-messages.ts';
import { PeerRoom, type Unwritten } from './peer-room.ts';
import type { OpenedRoom, PresencePeers } from './presence-service.ts';
import type { PresentSession, SessionKey } from './present-users.ts';

/** Time from one message about a room to the next, ms, and how many there are at a time: others wait, the oldest goes first. */
const [sendEveryMs, messagesAtOnce] = [50, 4];
/** Time for which a node's sessions stay in rooms without a sign of life, ms. With the time between two comparisons it is less than 10 s. */
const leaseMs = 8_000;
/** Time after which nothing is left of a node, ms. */
const forgottenAfterMs = 60_000;

export interface PresencePeersParts {
  store: PresenceStore;
  ephemeral: Ephemeral;
  nodes: NodeDirectory;
  clock: Clock;
  telemetry: Telemetry;
  /** Time for which the sessions of a node that is shut down stay, ms: their clients are about to connect to another. */
  handoverMs: number;
}

/**
 * Tells the other nodes of this one's sessions in rooms, and learns of theirs. Changes go by messages, which may be lost, and into a table, which is the
 * truth: comings and goings at once, states once a second. Each node compares with it.
 */
export class StoredPeers implements PresencePeers {
  readonly self: string;
  readonly #parts: PresencePeersParts;
  /** By topic. */
  readonly #rooms = new Map<string, PeerRoom>();
  /** Rooms in which something is to be sent, and to be written. */
  readonly #toSend = new Set<string>();
  readonly #toWrite = new Set<string>();
  /** The highest number of a message about a room that was closed. */
  #lastSeq = 0;
  #stopSending: (() => void) | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** Rooms that are about to be read. */
  readonly #unread = new Set<string>();
  #reading: Promise<void> | null = null;
  /** Writes go one after another. */
  #writing: Promise<void> = Promise.resolve();
  /** True if a write waits that takes who came and went by then. */
  #isWriteDue = false;
  /** True after a write that failed: the next second tries again. */
  #hasFailed = false;
  #cleanedAt = Number.NEGATIVE_INFINITY;
  /** The number of the last write, and of the one that left what is stored of this node; null if that is not known. */
  #writeNumber = 0;
  #storedNumber: number | null = null;
  /** When this node's own lease was first extended without interruption, and last. */
  #lease: { since: number; last: number } | null = null;
  #isClosed = false;

  constructor(parts: PresencePeersParts) {
    this.self = parts.nodes.self;
    this.#parts = parts;
  }

  opened(topic: string, opened: OpenedRoom): boolean {
    const { ephemeral } = this.#parts;
    const room = this.#rooms.get(topic) ?? new PeerRoom(this.#lastSeq);
    this.#rooms.set(topic, room);
    room.open(
      opened,
      ephemeral.subscribe(channelOf(topic), (text) => this.#receive(topic, text)),
    );
    this.#read(topic);
    return false;
  }

  closed(topic: string): void {
    this.#rooms.get(topic)?.close();
    this.#toWrite.add(topic);
  }

  changed(topic: string, key: SessionKey, session: PresentSession | null): void {
    const room = this.#rooms.get(topic);
    if (!room || this.#isClosed) return;
    this.#toSend.add(topic);
    this.#toWrite.add(topic);
    if (room.change(keyOf(key), session)) this.#writeSoon();
    this.#scheduleSending();
  }

  async read(topic: string): Promise<(readonly [string, PresentSession])[]> {
    const found = await this.#parts.store.presence([topic]);
    return found
      .filter(({ node }) => node !== this.self)
      .flatMap(({ node, sessions }) => sessions.map(({ session }) => [node, sessionOf(session)] as const));
  }

  /** Once a second: writes all that is different, extends the lease, and at times removes what is left of nodes that died. */
  async writeAll(): Promise<void> {
    if (this.#isClosed) return;
    await this.#inTurn(() => this.#writeRooms(true, leaseMs));
    const { store, clock } = this.#parts;
    if (clock.monotonic() - this.#cleanedAt < forgottenAfterMs) return;
    this.#cleanedAt = clock.monotonic();
    await store.removeLostNodes(forgottenAfterMs);
  }

  /** Every one and a half seconds: reads the rooms of which others have stored what did not come here. */
  async compare(): Promise<void> {
    const topics = [...this.#rooms].flatMap(([topic, { isOpen }]) => (isOpen ? [topic] : []));
    if (topics.length === 0 || this.#isClosed) return;
    const { nodes, heads } = await this.#parts.store.presenceHeads(topics);
    const isDead = (node: string) => this.#isSure && !nodes.includes(node) && !this.#parts.nodes.others.includes(node);
    const byTopic = Map.groupBy(heads, ({ topic }) => topic);
    for (const topic of topics) {
      const room = this.#rooms.get(topic);
      const others = (byTopic.get(topic) ?? []).filter(({ node }) => node !== this.self);
      if (room?.compare(others, nodes, isDead)) this.#read(topic);
    }
    await this.#reading;
  }

  /** Hands the sessions over to the nodes to which their clients come back: they stay for that time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#stopSending?.();
    this.#send();
    this.#isClosed = true;
    if (this.#lease) await this.#inTurn(() => this.#writeRooms(true, this.#parts.handoverMs)).catch(() => {});
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
  }

  /** True if this node has had a lease for so long that others, which are as well, have one again too. */
  get #isSure(): boolean {
    if (this.#lease === null) return false;
    const { since, last } = this.#lease;
    return last - since >= leaseMs && this.#parts.clock.monotonic() - last < leaseMs;
  }

  #receive(topic: string, text: string): void {
    const { node, message } = received(text);
    if (node === this.self) return;
    if (message) this.#rooms.get(topic)?.take(node, message);
    else this.#read(topic);
  }

  #scheduleSending(): void {
    if (this.#stopSending || this.#isClosed) return;
    const { clock } = this.#parts;
    const run = (): void => {
      if (this.#stopSending !== stop) return;
      this.#stopSending = null;
      this.#sentAt = clock.monotonic();
      if (this.#send()) this.#scheduleSending();
    };
    const wait = this.#sentAt + sendEveryMs - clock.monotonic();
    if (wait <= 0) queueMicrotask(run);
    const stop = wait <= 0 ? () => {} : clock.after(wait, run);
    this.#stopSending = stop;
  }

  /** @returns true if there is more to send */
  #send(): boolean {
    const { ephemeral, nodes } = this.#parts;
    const isAlone = nodes.others.length === 0;
    for (const topic of this.#toSend) {
      const room = this.#rooms.get(topic);
      // The number of a message that is sent is to be in the table.
      this.#toWrite.add(topic);
      if (isAlone) room?.skip();
      for (let n = 0; room && n < messagesAtOnce && room.unsent.size > 0; n++) {
        const { changes, isAnyTooLarge } = takeFitting(room.unsent, topic);
        if (isAnyTooLarge) room.leaveGap();
        ephemeral.publish(channelOf(topic), messageText(this.self, room.next(changes)));
      }
      if (!room || room.unsent.size === 0) this.#toSend.delete(topic);
    }
    return this.#toSend.size > 0;
  }

  /** Writes who came and went. Those who do so before it begins are in it. */
  #writeSoon(): void {
    if (this.#isWriteDue || this.#hasFailed) return;
    this.#isWriteDue = true;
    const write = this.#inTurn(() => {
      this.#isWriteDue = false;
      return this.#isClosed ? Promise.resolve() : this.#writeRooms(false, leaseMs);
    });
    // The next second tries again.
    write.catch(() => {});
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => {});
    return written;
  }

  /** @param isWhole false for those alone who came or went. All there is is written if it is not known what is stored. */
  async #writeRooms(isWhole: boolean, lease: number): Promise<void> {
    const [after, began] = [this.#storedNumber, this.#parts.clock.monotonic()];
    const taken = this.#take(isWhole, after === null);
    const number = ++this.#writeNumber;
    // One that fails may be stored all the same, at once or later.
    this.#storedNumber = null;
    if (!(await this.#write(lease, { number, after, ...changesIn(taken) }))) return this.#writeRooms(true, lease);
    this.#storedNumber = number;
    this.#noteLease(began);
    for (const { topic, room, isHintDue, isOver } of taken) {
      if (isHintDue) this.#parts.ephemeral.publish(channelOf(topic), hintText(this.self));
      if (!isOver || !room.isOver) continue;
      this.#rooms.delete(topic);
      this.#lastSeq = Math.max(this.#lastSeq, room.seq);
    }
  }

  async #write(lease: number, write: PresenceWrite): Promise<boolean> {
    try {
      const isWritten = await this.#parts.store.writePresence(this.self, lease, write);
      this.#hasFailed = false;
      return isWritten;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #take(isWhole: boolean, isAnew: boolean): ({ topic: string; room: PeerRoom } & Unwritten)[] {
    if (isAnew) {
      for (const [topic, room] of this.#rooms) {
        room.writeAgain();
        this.#toWrite.add(topic);
      }
    }
    const taken = [...this.#toWrite].flatMap((topic) => {
      const room = this.#rooms.get(topic);
      return room ? [{ topic, room, ...room.takeUnwritten(isWhole || isAnew) }] : [];
    });
    if (isWhole || isAnew) this.#toWrite.clear();
    return taken;
  }

  #noteLease(at: number): void {
    const isContinued = this.#lease !== null && at - this.#lease.last < leaseMs;
    this.#lease = { since: isContinued && this.#lease ? this.#lease.since : at, last: at };
  }

  #read(topic: string): void {
    this.#unread.add(topic);
    this.#reading ??= this.#readRooms();
  }

  async #readRooms(): Promise<void> {
    // Rooms of one turn are read together.
    await null;
    while (this.#unread.size > 0 && !this.#isClosed) {
      const topics = [...this.#unread];
      this.#unread.clear();
      try {
        for (const { node, topic, seq, sessions } of await this.#parts.store.presence(topics)) {
          if (node === this.self) continue;
          this.#rooms
            .get(topic)
            ?.takeStored(node, seq, new Map(sessions.map(({ key, session }) => [key, sessionOf(session)])));
        }
      } catch (error) {
        // The next comparison finds what is missing.
        this.#parts.telemetry.emit({ type: 'failure', where: 'presence', error: error as Error });
      }
      for (const topic of topics) this.#rooms.get(topic)?.complete();
    }
    this.#reading = null;
  }
}

function changesIn(taken: readonly ({ topic: string } & Unwritten)[]): Omit<PresenceWrite, 'number' | 'after'> {
  const [put, removed, upTo, closed]: [
    { topic: string; key: string; session: string }[],
    PresenceKey[],
    { topic: string; seq: number }[],
    string[],
  ] = [[], [], [], []];
  for (const { topic, changes, seq, isOver } of taken) {
    for (const [key, session] of changes) {
      if (session) put.push({ topic, key, session: textOf(session) });
      else removed.push({ topic, key });
    }
    if (isOver) closed.push(topic);
    else if (seq !== null) upTo.push({ topic, seq });
  }
  return { put, removed, upTo, closed };
}
