import type { Clock, Ephemeral } from '../domain/ports.ts';

const channel = 'nodes';
/** Time from one check to the next, ms. */
const checkEvery = 500;
/** A node that was not heard from in so many checks is missed: after 5 s. */
const missedAfter = 10;

interface Announcement {
  node: string;
  /** `arrived`: the others announce themselves at once, so that the new node knows them. */
  state: 'arrived' | 'present' | 'leaving';
}

/** The end of a node: it said that it leaves, or it was not heard from any more. */
type Departure = 'left' | 'missed';

/**
 * The other nodes that were heard from in the last 5 s; each announces itself once a second. Silence is counted in this node's own checks,
 * not by the time: a node that was busy itself has not heard what waits for it, and misses nobody for that.
 */
export class NodeDirectory {
  readonly self: string;
  readonly #ephemeral: Ephemeral;
  readonly #clock: Pick<Clock, 'after'>;
  /** By node: the checks since it was last heard from. */
  readonly #silence = new Map<string, number>();
  readonly #goneListeners: ((node: string, how: Departure) => void)[] = [];
  readonly #unsubscribe: () => void;
  #stopChecks: (() => void) | null = null;

  /** @param self this node's name, another for each start */
  constructor(self: string, ephemeral: Ephemeral, clock: Pick<Clock, 'after'>) {
    this.self = self;
    this.#ephemeral = ephemeral;
    this.#clock = clock;
    this.#unsubscribe = ephemeral.subscribe(channel, (text) => this.#receive(JSON.parse(text)));
  }

  /** Makes this node and the others known to each other. */
  arrive(): void {
    this.#announce('arrived');
  }

  get others(): readonly string[] {
    return [...this.#silence.keys()];
  }

  /** Calls back when a node has left or is missed. */
  onGone(listener: (node: string, how: Departure) => void): void {
    this.#goneListeners.push(listener);
  }

  announce(): void {
    this.#announce('present');
  }

  close(): void {
    this.#unsubscribe();
    this.#stopChecks?.();
    this.#stopChecks = null;
    this.#announce('leaving');
  }

  #announce(state: Announcement['state']): void {
    const announcement: Announcement = { node: this.self, state };
    this.#ephemeral.publish(channel, JSON.stringify(announcement));
  }

  #receive({ node, state }: Announcement): void {
    if (node === this.self) return;
    if (state === 'leaving') {
      this.#remove(node, 'left');
      return;
    }
    this.#silence.set(node, 0);
    this.#stopChecks ??= this.#clock.after(checkEvery, () => this.#check());
    if (state === 'arrived') this.announce();
  }

  #check(): void {
    for (const [node, checks] of this.#silence) {
      if (checks < missedAfter) this.#silence.set(node, checks + 1);
      else this.#remove(node, 'missed');
    }
    const isAlone = this.#silence.size === 0;
    this.#stopChecks = isAlone ? null : this.#clock.after(checkEvery, () => this.#check());
  }

  #remove(node: string, how: Departure): void {
    if (this.#silence.delete(node)) for (const listener of this.#goneListeners) listener(node, how);
  }
}
