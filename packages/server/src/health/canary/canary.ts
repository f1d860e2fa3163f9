import type { CanaryHealth } from '@tidings/protocol';
import type { Clock, Ephemeral } from '../../domain/ports.ts';
import type { CommitStore } from '../../domain/store/commits.ts';
import type { Hub } from '../../fanout/hub.ts';
import type { Transport } from '../../telemetry/counters.ts';
import { Histogram } from '../../telemetry/histogram.ts';
import { type Loopback, LoopbackClient } from './loopback.ts';
import { OtherNodes } from './other-nodes.ts';
import { type Beat, canaryWrite, markOf } from './record.ts';
import { type Release, ReleasedBeats } from './released-beats.ts';

/** Time from one beat to the next, ms. */
export const beatEveryMs = 3_000;
/** Time limit of a whole beat, and of its connections to be made, ms. Both are short of the 10 s in which a break is to be shown. */
const [limitMs, openMs] = [4_000, 2_000];
/** Time from the commit after which a record that the store brought was not just overtaken by it, ms. */
const lateMs = 75;
const transports: readonly Transport[] = ['websocket', 'sse', 'long_poll'];
/** The bounds of the durations of beats, seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The way of one beat, as far as it came. Times from its beginning, ms; null for a stage that it did not reach. */
export interface BeatResult {
  sentAt: number;
  connects: Loopback['way'];
  commitMs: number | null;
  /** Why it was not committed; null where it was, or where that is not known yet. */
  commitFailure: string | null;
  hubMs: number | null;
  /** True if the hub had to read it from the store, since the broker had not brought it in time. */
  isFromStore: boolean;
  arrivals: Readonly<Record<Transport, { ms: number | null; failure: string | null }>>;
}

export interface CanaryParts {
  node: string;
  store: CommitStore;
  hub: Pick<Hub, 'join'>;
  ephemeral: Ephemeral;
  clock: Clock;
}

/** The way to this process's own transports, and the secret by which connections of the canary are let in. */
interface Route {
  loopback: () => Loopback | null;
  secret: string;
}

type Arrival = BeatResult['arrivals'][Transport];

/**
 * Sends a record through everything that a notification goes through: it is committed, brought by the broker, released by the hub, and read
 * from a connection of each transport.
 */
export class Canary {
  readonly others: OtherNodes;
  /** The time of beats that have come through, from their commit's beginning to the last of their connections. */
  readonly durations = new Histogram(bounds);
  /** The number of beats, and of those that did not come through. */
  readonly counts = { sent: 0, lost: 0 };
  readonly #parts: CanaryParts;
  readonly #released: ReleasedBeats;
  /** Those that are open. */
  readonly #clients = new Map<Transport, LoopbackClient>();
  /** Ends each wait that is under way. */
  readonly #waits = new Set<() => void>();
  #route: Route | null = null;
  #beat = 0;
  #committing: Promise<void> | null = null;
  #last: BeatResult | null = null;
  /** The number of beats in a row that did not come through. */
  #lostInRow = 0;
  /** The number of beats in a row that the broker did not bring. */
  #missedByBroker = 0;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
    this.others = new OtherNodes(parts.node, parts.ephemeral, parts.clock);
    this.#released = new ReleasedBeats(parts.node, parts.hub, this.others);
  }

  /** Sets the way to this process's own transports. Before that nothing is sent. */
  connectBy(route: Route): void {
    this.#route = route;
  }

  get isRunning(): boolean {
    return this.#route !== null && this.#route.loopback() !== null;
  }

  /** The last beat; null before the end of the first. */
  get last(): BeatResult | null {
    return this.#last;
  }

  /** The number of beats in a row that did not come through; 0 once one did. */
  get lostInRow(): number {
    return this.#lostInRow;
  }

  /** The number of beats in a row that only the store brought. */
  get missedByBroker(): number {
    return this.#missedByBroker;
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#route = null;
    for (const end of this.#waits) end();
    for (const client of this.#clients.values()) client.close();
    this.others.close();
  }

  /** Sends one beat, and waits until it has come through, or is late. */
  async run(): Promise<void> {
    const route = this.#route;
    const loopback = route?.loopback();
    if (!route || !loopback) return;
    const result = await this.#send(loopback, route.secret);
    if (this.#route === null) return;
    if (result.commitMs !== null) this.others.announce();
    this.#last = result;
    this.counts.sent++;
    const times = Object.values(result.arrivals).map(({ ms }) => ms);
    const isLost = times.includes(null);
    this.#lostInRow = isLost ? this.#lostInRow + 1 : 0;
    if (isLost) this.counts.lost++;
    else this.durations.observe(Math.max(...(times as number[])));
    if (result.hubMs !== null) this.#missedByBroker = result.isFromStore ? this.#missedByBroker + 1 : 0;
  }

  view(): CanaryHealth {
    const last = this.#last;
    const ms = (value: number | null | undefined) => (value == null ? null : Math.round(value * 10) / 10);
    return {
      ...{ running: this.isRunning, connects: last?.connects ?? 'none' },
      sent_at: last ? new Date(last.sentAt).toISOString() : null,
      ...{ commit_ms: ms(last?.commitMs), hub_ms: ms(last?.hubMs) },
      websocket_ms: ms(last?.arrivals.websocket.ms),
      sse_ms: ms(last?.arrivals.sse.ms),
      long_poll_ms: ms(last?.arrivals.long_poll.ms),
    };
  }

  async #send(loopback: Loopback, secret: string): Promise<BeatResult> {
    const { clock, node } = this.#parts;
    const late = this.#deadline(limitMs);
    const lateToOpen = this.#deadline(openMs);
    const clients = transports.map((transport) => this.#clientOf(transport, loopback, secret));
    try {
      const opened = await Promise.all(clients.map((client) => client.opened(lateToOpen.comes)));
      const beat: Beat = { node, beat: ++this.#beat };
      const begun = performance.now();
      const sentAt = clock.now();
      const commit = this.#commit(beat);
      const release = this.#released.released(beat);
      const arrivals = clients.map((client, n) =>
        arrivalOf(client, { beat, begun, late: late.comes, isOpen: opened[n] as boolean }),
      );
      const [committed, released] = await Promise.all([
        Promise.race([commit, late.comes]),
        Promise.race([release, late.comes, commit.then(({ failure }) => (failure === null ? release : null))]),
      ]);
      const found = await Promise.all(arrivals);
      // One that lasts and has brought nothing is not asked again: what is well by now is to be found so.
      for (const [n, client] of clients.entries()) if (found[n]?.ms === null) this.#drop(client);
      return {
        ...{ sentAt, connects: loopback.way },
        ...stagesOf(begun, committed, released),
        arrivals: Object.fromEntries(
          clients.map(({ transport }, n) => [transport, found[n]]),
        ) as BeatResult['arrivals'],
      };
    } finally {
      for (const { cancel } of [late, lateToOpen]) cancel();
      for (const client of clients) if (this.#route === null || !isLasting(client)) this.#drop(client);
    }
  }

  /** The connection that is open, where one lasts; else a new one. */
  #clientOf(transport: Transport, loopback: Loopback, secret: string): LoopbackClient {
    const open = this.#clients.get(transport);
    if (open && isLasting(open)) return open;
    if (open) this.#drop(open);
    const client = new LoopbackClient(transport, loopback, secret);
    this.#clients.set(transport, client);
    return client;
  }

  #drop(client: LoopbackClient): void {
    client.close();
    this.#clients.delete(client.transport);
  }

  /** A commit that hangs is waited for by one beat after the other, so that a database that is away is not handed more and more of them. */
  async #commit(beat: Beat): Promise<Committed> {
    if (this.#committing) {
      await this.#committing;
      return { at: null, failure: 'the one before it was not committed in time' };
    }
    let failure: string | null = null;
    const committing = this.#parts.store
      .commit([canaryWrite(beat)])
      .catch((error: Error) => {
        failure = error.message;
      })
      .then(() => {
        this.#committing = null;
      });
    this.#committing = committing;
    await committing;
    return { at: failure === null ? performance.now() : null, failure };
  }

  #deadline(ms: number): { comes: Promise<null>; cancel: () => void } {
    const { promise: comes, resolve } = Promise.withResolvers<null>();
    const end = () => resolve(null);
    const stopClock = this.#parts.clock.after(ms, end);
    this.#waits.add(end);
    return {
      comes,
      cancel: () => {
        stopClock();
        this.#waits.delete(end);
        end();
      },
    };
  }
}

/** True for a connection that brings the next beat too: a poll ends with its answer, and so tests each time whether new ones are made. */
const isLasting = ({ transport, failure }: LoopbackClient): boolean => transport !== 'long_poll' && failure === null;

interface Committed {
  /** By the process's own clock, ms; null if it was not. */
  at: number | null;
  failure: string | null;
}

function stagesOf(begun: number, committed: Committed | null, released: Release | null) {
  const commitMs = committed?.at == null ? null : committed.at - begun;
  // The hub may have it before the caller of the commit is answered.
  const sinceCommit = released && committed?.at != null ? released.at - committed.at : 0;
  return {
    ...{ commitMs, commitFailure: committed?.failure ?? null },
    hubMs: released ? released.at - begun : null,
    isFromStore: released !== null && !released.isByBroker && sinceCommit > lateMs,
  };
}

interface Expected {
  beat: Beat;
  begun: number;
  late: Promise<null>;
  isOpen: boolean;
}

async function arrivalOf(client: LoopbackClient, { beat, begun, late, isOpen }: Expected): Promise<Arrival> {
  if (!isOpen) return { ms: null, failure: client.failure ?? `no connection was made in ${openMs / 1_000} s` };
  const hasCome = await client.received(markOf(beat), late);
  return hasCome ? { ms: performance.now() - begun, failure: null } : { ms: null, failure: client.failure };
}
