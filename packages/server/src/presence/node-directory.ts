import type { Clock, Ephemeral } from '../domain/ports.ts';

/** A node that was not heard from for so long is taken for gone, ms. */
const expiresAfter = 5_000;
const channel = 'nodes';

interface Announcement {
  node: string;
  /** `arrived`: the others announce themselves at once, so that the new node knows them. */
  state: 'arrived' | 'present' | 'leaving';
}

/** The other nodes that were heard from in the last 5 s; each announces itself once a second. */
export class NodeDirectory {
  readonly self: string;
  readonly #ephemeral: Ephemeral;
  readonly #clock: Clock;
  /** When each was last heard from, epoch milliseconds. */
  readonly #heardAt = new Map<string, number>();
  readonly #unsubscribe: () => void;

  /** @param self this node's name, another for each start */
  constructor(self: string, ephemeral: Ephemeral, clock: Clock) {
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
    const now = this.#clock.now();
    for (const [node, at] of this.#heardAt) if (Math.abs(now - at) > expiresAfter) this.#heardAt.delete(node);
    return [...this.#heardAt.keys()];
  }

  announce(): void {
    this.#announce('present');
  }

  close(): void {
    this.#unsubscribe();
    this.#announce('leaving');
  }

  #announce(state: Announcement['state']): void {
    const announcement: Announcement = { node: this.self, state };
    this.#ephemeral.publish(channel, JSON.stringify(announcement));
  }

  #receive({ node, state }: Announcement): void {
    if (node === this.self) return;
    if (state === 'leaving') this.#heardAt.delete(node);
    else this.#heardAt.set(node, this.#clock.now());
    if (state === 'arrived') this.announce();
  }
}
