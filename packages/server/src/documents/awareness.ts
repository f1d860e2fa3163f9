import type { AwarenessState } from './wire.ts';

/** A client's state with the user that it belongs to. */
export interface UserState extends AwarenessState {
  user: string;
}

interface Entry extends UserState {
  /** The connection that brings it; null if that is another node's. */
  owner: object | null;
  /** When it was last told, epoch milliseconds. */
  at: number;
}

/** The time for which a client of another node may say nothing before it counts as gone, ms. Browsers let hidden pages speak once a minute. */
const silentMs = 90_000;
/** The time for which it is remembered that a client has gone, ms: what comes late of it does not bring it back. */
const rememberedMs = 60_000;

/** The most clients that one connection speaks for. */
const mostClients = 100;
/** The last clock of a client that is taken: one that comes near the end of its numbers would leave its client none to go on with. */
const lastClock = 2 ** 48;

/** The fate of states that a connection or another node brought. */
interface TakenStates {
  /** New states, for everybody. */
  accepted: UserState[];
  /** Clients that count as gone, and are not: whoever brought them is told so, and says with a newer clock that they are there. */
  gone: UserState[];
  /** True if some were not taken, since the states of their user would have too many bytes together. */
  isTooMuch?: boolean;
}

/**
 * The awareness of one document on one node. A client's state is its own: it comes by the connection that brought it first, or by another of the same
 * user with a newer clock, and is gone with the connection. What clients relay of each other changes nothing.
 */
export class Awareness {
  readonly #entries = new Map<number, Entry>();
  /** The bytes that the states of each user have together. */
  readonly #bytes = new Map<string, number>();
  /** The clients that each connection has brought. */
  readonly #brought = new WeakMap<object, Set<number>>();

  /** The states of the clients that are there. */
  get present(): UserState[] {
    return [...this.#entries.values()].filter(({ state }) => state !== null);
  }

  /** The states of the clients that connections of this node have brought. */
  get own(): UserState[] {
    return this.present.filter(({ client }) => this.#entries.get(client)?.owner !== null);
  }

  /**
   * Takes the states that a connection brings: of 100 clients at most, as long as it is there, those that have left it as well.
   * @param mostBytes the bytes that the states of their user may have together, on all connections
   */
  take(states: readonly UserState[], owner: object, now: number, mostBytes = Number.POSITIVE_INFINITY): TakenStates {
    const taken: TakenStates = { accepted: [], gone: [] };
    for (const one of states) {
      const known = this.#entries.get(one.client);
      if (this.#isNews(one, owner, known) && this.#mayBring(one.client, owner)) {
        if (this.#bytesWith(one) > mostBytes) {
          taken.isTooMuch = true;
          continue;
        }
        this.#set({ ...one, owner, at: now });
        taken.accepted.push(one);
      } else if (known?.user === one.user && known.state === null && one.state !== null) {
        taken.gone.push({ ...one, clock: known.clock, state: null });
      }
    }
    return taken;
  }

  /** The bytes that the states of a user have with a new one; 0 where that is none. */
  #bytesWith({ client, user, state }: UserState): number {
    if (state === null) return 0;
    const known = this.#entries.get(client);
    const before = known?.user === user ? bytesOf(known) : 0;
    return (this.#bytes.get(user) ?? 0) - before + bytesOf({ state });
  }

  #set(entry: Entry): void {
    const known = this.#entries.get(entry.client);
    if (known) this.#count(known.user, -bytesOf(known));
    this.#count(entry.user, bytesOf(entry));
    this.#entries.set(entry.client, entry);
  }

  #count(user: string, bytes: number): void {
    const sum = (this.#bytes.get(user) ?? 0) + bytes;
    if (sum > 0) this.#bytes.set(user, sum);
    else this.#bytes.delete(user);
  }

  #mayBring(client: number, owner: object): boolean {
    const brought = this.#brought.get(owner) ?? new Set<number>();
    this.#brought.set(owner, brought);
    return brought.has(client) || (brought.size < mostClients && brought.add(client).has(client));
  }

  #isNews(one: UserState, owner: object, known: Entry | undefined): boolean {
    if (one.clock > lastClock) return false;
    if (!known) return one.state !== null;
    if (known.state === null) return known.user === one.user && one.state !== null && one.clock > known.clock;
    if (known.owner === owner) return one.clock > known.clock || (one.clock === known.clock && one.state === null);
    return known.user === one.user && one.state !== null && one.clock > known.clock;
  }

  /** Takes the states that another node has. */
  takeRemote(states: readonly UserState[], now: number): TakenStates {
    const taken: TakenStates = { accepted: [], gone: [] };
    for (const one of states) {
      const known = this.#entries.get(one.client);
      if (one.state === null && (known?.state ?? null) === null) continue;
      if (!known || one.clock > known.clock || (one.clock === known.clock && one.state === null)) {
        this.#set({ ...one, owner: null, at: now });
        taken.accepted.push(one);
      } else if (known.state === null) taken.gone.push({ ...one, clock: known.clock, state: null });
    }
    return taken;
  }

  /** Removes the clients of a connection that is gone. @returns them, as gone */
  leave(owner: object, now: number): UserState[] {
    return this.#remove((entry) => entry.owner === owner, now);
  }

  /** Removes the clients of other nodes that are silent, and forgets who has gone. @returns those that were removed */
  sweep(now: number): UserState[] {
    for (const [client, { state, at }] of this.#entries) {
      if (state === null && Math.abs(now - at) > rememberedMs) this.#entries.delete(client);
    }
    return this.#remove(({ owner, at }) => owner === null && Math.abs(now - at) > silentMs, now);
  }

  #remove(isGone: (entry: Entry) => boolean, now: number): UserState[] {
    const removed: UserState[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.state === null || !isGone(entry)) continue;
      this.#set({ ...entry, state: null, owner: null, at: now });
      removed.push({ client: entry.client, clock: entry.clock, state: null, user: entry.user });
    }
    return removed;
  }
}

const bytesOf = ({ state }: Pick<UserState, 'state'>): number => (state === null ? 0 : Buffer.byteLength(state));
