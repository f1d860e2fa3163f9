import type { Clock, Ephemeral } from '../../domain/ports.ts';

const channel = 'canary';
/** Time after which a node that was heard is missed, and after which it is forgotten, ms. A node sends every 3 s. */
const [missedAfterMs, forgottenAfterMs] = [12_000, 60_000];

/** A message of a node: it has committed a beat, or it stops. */
interface Announcement {
  node: string;
  state: 'beating' | 'leaving';
}

/** Times at which something of a node came, by `Clock.monotonic`; `announced` and `received` only once there was one. */
interface OtherNode {
  firstAt: number;
  announcedAt: number | null;
  receivedAt: number | null;
}

/** A node whose beats do not arrive. */
export interface MissedNode {
  node: string;
  seconds: number;
  /** True if it says that it commits them. */
  isAnnounced: boolean;
}

/**
 * The other nodes whose beats are expected. Each says on an ephemeral channel that it has committed one, so that a node is missed whose records
 * do not arrive although it lives. One that is not heard at all any more is missed too, for a minute, unless it said that it stops.
 */
export class OtherNodes {
  readonly #self: string;
  readonly #ephemeral: Ephemeral;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #nodes = new Map<string, OtherNode>();
  readonly #unsubscribe: () => void;

  constructor(self: string, ephemeral: Ephemeral, clock: Pick<Clock, 'monotonic'>) {
    this.#self = self;
    this.#ephemeral = ephemeral;
    this.#clock = clock;
    this.#unsubscribe = ephemeral.subscribe(channel, (text) => this.#receive(JSON.parse(text)));
  }

  /** This node has committed a beat. */
  announce(): void {
    this.#publish('beating');
  }

  /** A beat of another node has arrived. */
  received(node: string): void {
    if (node !== this.#self) this.#of(node).receivedAt = this.#clock.monotonic();
  }

  /** The nodes whose beats have not arrived for a while. */
  missed(): MissedNode[] {
    const now = this.#clock.monotonic();
    return [...this.#nodes].flatMap(([node, { firstAt, announcedAt, receivedAt }]) => {
      const isAnnounced = announcedAt !== null && now - announcedAt <= missedAfterMs;
      const silentFor = now - (receivedAt ?? firstAt);
      if (!isAnnounced && silentFor > forgottenAfterMs) this.#nodes.delete(node);
      else if (silentFor > missedAfterMs) return [{ node, seconds: Math.round(silentFor / 1_000), isAnnounced }];
      return [];
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#publish('leaving');
  }

  #publish(state: Announcement['state']): void {
    const announcement: Announcement = { node: this.#self, state };
    this.#ephemeral.publish(channel, JSON.stringify(announcement));
  }

  #receive({ node, state }: Announcement): void {
    if (node === this.#self) return;
    if (state === 'leaving') this.#nodes.delete(node);
    else this.#of(node).announcedAt = this.#clock.monotonic();
  }

  #of(node: string): OtherNode {
    const known = this.#nodes.get(node) ?? { firstAt: this.#clock.monotonic(), announcedAt: null, receivedAt: null };
    this.#nodes.set(node, known);
    return known;
  }
}
