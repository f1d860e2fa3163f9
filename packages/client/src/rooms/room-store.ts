import type { FrameOf, RoomEvent, RoomEventPage, RoomStateEntry, ServerFrame, TidingsError } from '@tidings/protocol';
import type { TidingsClient } from '../client.ts';
import { Listeners } from '../handlers.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import { membersAfter, type PresentMember } from './members.ts';
import { OwnPresence } from './own-presence.ts';
import { type RoomRecord, RoomRecords } from './room-records.ts';

/** An event that is not stored: it has neither `id` nor `rev`. */
export type EphemeralRoomEvent = Omit<FrameOf<'ephemeral_event'>, 'from'> & Pick<RoomEvent, 'from'>;

/** A new object whenever something changed; the same one until then. */
export interface RoomSnapshot {
  /** Newest first. */
  events: readonly RoomEvent[];
  /** The room's state by key, in the order of the keys. */
  state: ReadonlyMap<string, RoomStateEntry>;
  /** The users who are there now, by name; as last known while there is no connection. */
  members: readonly PresentMember[];
  /**
   * `waiting` for the first answer; `loading` while a page is under way; `failed` if the last page did not come; `refused` where this
   * user may not follow the room, as `reason` says. It is asked for again with each connection, when the user becomes a member, by `retry()`,
   * and each 30 to 60 s.
   */
  status: 'waiting' | 'ready' | 'loading' | 'failed' | 'refused';
  /** Why it is refused: `code` is `not_found` for who has no right there, as for a room that nobody ever used. */
  reason: { code: string; message: string } | null;
  /** True if `loadMore()` may bring older events. */
  hasMore: boolean;
}

const pageSize = 50;
/** The shortest pause before a room that was refused is asked for again, in milliseconds; the longest is twice that. */
const betweenAttemptsMs = 30_000;

/** A room as one client follows it, shared by all who use it there. */
export class RoomStore extends SnapshotStore<RoomSnapshot> {
  readonly name: string;
  readonly presence: OwnPresence;
  /** Called with each event that was sent since the room was opened. */
  readonly handlers: Listeners<RoomEvent | EphemeralRoomEvent>;
  /** The number of those who use it, and of those among them who want to be seen there. */
  users = 0;
  seen = 0;
  readonly #client: Pick<TidingsClient, 'request' | 'parts' | 'state'>;
  #records = new RoomRecords();
  /** The records of a snapshot that is coming, until all of it is there. */
  #coming: RoomRecords | null = null;
  #members: readonly PresentMember[] = [];
  #status: RoomSnapshot['status'] = 'waiting';
  #reason: RoomSnapshot['reason'] = null;
  #loading: Promise<void> | null = null;
  #end: () => void = () => {};
  /** True while the server follows it for this client: also without a connection, where that is resumed. */
  #isLive = false;
  /** Counts the subscriptions, so that answers to an earlier one are ignored. */
  #subscription = 0;
  /** An attempt at a room that was refused; null while none is under way. */
  #attempt: Promise<void> | null = null;
  #cancelAttempt: () => void = () => {};
  /** The newest rev of its events that came; -1 before the first snapshot. */
  #lastRev = -1;

  constructor(name: string, client: Pick<TidingsClient, 'request' | 'parts' | 'state'>) {
    super(client.parts, (before) => {
      const { events, state, next } = this.#records;
      const status = this.#loading ? 'loading' : this.#status;
      const after: RoomSnapshot = {
        ...{ events, state, members: this.#members, status, reason: this.#reason },
        hasMore: status !== 'waiting' && status !== 'refused' && next !== null,
      };
      return before && isSame(before, after) ? before : after;
    });
    this.name = name;
    this.#client = client;
    this.handlers = new Listeners(client.parts.logger);
    this.presence = new OwnPresence(name, client.parts);
  }

  /** Asks the server for the room, anew if it was asked before. */
  follow(): void {
    this.#end();
    this.#isLive = false;
    this.presence.setFollowed(false);
    const subscription = ++this.#subscription;
    const named = { room: this.name, ...(this.seen === 0 && { presence: false }) };
    this.#end = this.#client.parts.subscriptions.add(`room:${this.name}`, named, (error) => {
      if (subscription === this.#subscription) this.#answered(error);
    });
  }

  /** Asks for it anew, since it is to be followed unseen from now on, or seen. */
  changeSeen(): void {
    this.#members = [];
    this.changed();
    this.follow();
  }

  /** From now on nothing comes. */
  end(): void {
    this.#subscription++;
    this.#cancelAttempt();
    this.presence.clear();
    this.#end();
    this.#forgetAll();
  }

  /** Another user has signed in: what was held is not theirs. */
  begin(): void {
    this.presence.clear();
    this.#clear('waiting', null);
    this.follow();
  }

  /** The server begins anew: what comes next is a snapshot, and may be of another history. */
  beginAnew(): void {
    this.#isLive = false;
    this.#lastRev = -1;
  }

  /** Caught up. */
  synced(): void {
    if (this.#isLive) this.presence.setFollowed(true);
  }

  /** The right has come: asked for again, unless it is followed already. */
  joined(): void {
    if (!this.#isLive) this.follow();
  }

  /** Asks whether a room that was refused may be followed now, and follows it then. One attempt at a time. */
  retry(): Promise<void> {
    if (this.#status !== 'refused') return Promise.resolve();
    this.#attempt ??= this.#try(this.#subscription).finally(() => {
      this.#attempt = null;
      this.#tryLater();
    });
    return this.#attempt;
  }

  /** Tries to read an event: a refusal of that says no more than one of a subscription, which the client would log. */
  async #try(subscription: number): Promise<void> {
    const asked = this.#client.request({ action: 'room_events', room: this.name, limit: 1 });
    const isAllowed = await asked.then(
      () => true,
      () => false,
    );
    if (!isAllowed || subscription !== this.#subscription || this.#status !== 'refused') return;
    this.#clear('waiting', null);
    this.follow();
  }

  /** Asks again after a pause, since the server does not learn when the application gives the right again. */
  #tryLater(): void {
    this.#cancelAttempt();
    if (this.#reason?.code !== 'not_found' || this.users === 0 || this.#client.state.status !== 'connected') return;
    const { clock, random } = this.#client.parts;
    this.#cancelAttempt = clock.after(betweenAttemptsMs * (1 + random()), () => {
      // A page that nobody looks at waits.
      if (globalThis.document?.hidden) this.#tryLater();
      else void this.retry();
    });
  }

  /** The connection is gone; the next one asks for what was refused. */
  disconnected(): void {
    this.#cancelAttempt();
    this.presence.setFollowed(false);
  }

  /** A snapshot follows: the whole of the room as it is now. */
  subscribed(): void {
    this.#forgetAll();
    this.#coming = new RoomRecords();
  }

  /** The server has ended it. */
  unsubscribed({ code, reason = '' }: FrameOf<'unsubscribed'>): void {
    if (!code) return;
    // With another code nobody knows now: what is held stays, but for who is there.
    this.#members = [];
    if (code === 'not_found') this.#clear('refused', { code, message: reason });
    this.presence.setFollowed(false);
    this.follow();
  }

  /** Takes in a record that is no duplicate. */
  put(record: RoomRecord & { snapshot?: true }): void {
    if (this.#coming && record.snapshot) {
      this.#coming.put(record);
      return;
    }
    this.#records.put(record);
    for (const id of this.#records.trim()) this.#client.parts.resume.delete(id);
    this.#emit(record);
    this.changed();
  }

  retracted(id: string): void {
    if (this.#records.delete(id)) this.changed();
  }

  setMembers(frame: FrameOf<'presence'>): void {
    this.#members = membersAfter(this.#members, frame);
    this.changed();
  }

  loadMore = (): Promise<void> => {
    if (!this.getSnapshot().hasMore) return Promise.resolve();
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      this.changed();
    });
    this.changed();
    return this.#loading;
  };

  async #load(): Promise<void> {
    const records = this.#records;
    const before = records.next;
    try {
      const reply = await this.#client.request({
        action: 'room_events',
        room: this.name,
        before: before ?? undefined,
        limit: pageSize,
      });
      const { items, next_before } = reply as unknown as RoomEventPage;
      // Others are of a room that was left, or begun anew.
      if (records !== this.#records || records.next !== before) return;
      records.putPage(items, next_before);
      this.#status = 'ready';
    } catch (error) {
      if (records === this.#records && this.#status === 'ready') this.#status = 'failed';
      throw error;
    }
  }

  /** The answer to a subscription: an error, or nothing once the snapshot has come. */
  #answered(error?: TidingsError): void {
    this.#isLive = !error;
    if (!error) {
      const { events } = this.#takeComing();
      this.#status = 'ready';
      this.#reason = null;
      this.presence.setFollowed(true);
      const isFirst = this.#lastRev < 0;
      this.#lastRev = Math.max(this.#lastRev, 0);
      for (const event of [...events].reverse()) {
        if (isFirst) this.#lastRev = event.rev;
        else this.#emit(event);
      }
    } else if (!error.retryable) this.#clear('refused', { code: error.code, message: error.message });
    this.#tryLater();
    this.changed();
  }

  /** The snapshot is whole. */
  #takeComing(): RoomRecords {
    this.#records = this.#coming ?? this.#records;
    this.#coming = null;
    const oldest = this.#records.events.at(-1);
    this.#records.next ??= oldest ? oldest.rev : null;
    return this.#records;
  }

  #emit(record: RoomRecord): void {
    if (record.type !== 'room_event' || record.rev <= this.#lastRev) return;
    this.#lastRev = record.rev;
    this.handlers.emit(record);
  }

  #clear(status: RoomSnapshot['status'], reason: RoomSnapshot['reason']): void {
    this.#forgetAll();
    this.#records = new RoomRecords();
    this.#coming = null;
    this.#members = [];
    this.#lastRev = -1;
    this.#status = status;
    this.#reason = reason;
    this.changed();
  }

  /** The client's own memory of what came, which would take a snapshot for duplicates. */
  #forgetAll(): void {
    for (const records of [this.#records, this.#coming]) {
      for (const id of records?.ids ?? []) this.#client.parts.resume.delete(id);
    }
  }
}

function isSame(a: RoomSnapshot, b: RoomSnapshot): boolean {
  return (Object.keys(a) as (keyof RoomSnapshot)[]).every((name) => a[name] === b[name]);
}

/** True for the frames that a room holds. */
export const isRoomRecord = (frame: ServerFrame): frame is ServerFrame & RoomRecord =>
  frame.type === 'room_event' || frame.type === 'room_state';
