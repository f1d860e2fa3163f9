import type { Clock, Ephemeral, Store } from '../src/domain/ports.ts';
import { NodeDirectory } from '../src/presence/node-directory.ts';
import { StoredPeers } from '../src/presence/presence-peers.ts';
import { PresenceService } from '../src/presence/presence-service.ts';
import type { RoomSeat } from '../src/session/room-seat.ts';
import { Counters } from '../src/telemetry/counters.ts';
import type { ManualClock } from './manual-clock.ts';
import { PresenceView } from './presence-view.ts';

interface PresenceNodeParts {
  store: Store;
  ephemeral: Ephemeral;
  clock: ManualClock;
}

/** A session in a room, and who it was told is there. */
export interface SeatedSession {
  seat: RoomSeat;
  view: PresenceView;
}

/** Presence on one node, over a real store, without connections. What servers do once a second is called by the test. */
export class PresenceNode {
  readonly name: string;
  readonly store: Store;
  readonly service: PresenceService;
  readonly peers: StoredPeers;
  /** The time by which the node's own clock is wrong, ms. */
  clockShiftMs = 0;
  readonly #directory: NodeDirectory;
  #sessions = 0;

  constructor(name: string, { store, ephemeral, clock }: PresenceNodeParts) {
    this.name = name;
    this.store = store;
    const own: Clock = {
      now: () => clock.now() + this.clockShiftMs,
      monotonic: () => clock.monotonic(),
      after: (ms, call) => clock.after(ms, call),
    };
    this.#directory = new NodeDirectory(name, ephemeral, own);
    const telemetry = { emit: () => {} };
    this.peers = new StoredPeers({
      store,
      ephemeral,
      nodes: this.#directory,
      clock: own,
      telemetry,
      handoverMs: 10_000,
    });
    const options = { conflateMs: 50, maxMembers: 100, graceMs: 5_000, userStateBytes: 10_000 };
    this.service = new PresenceService({ ...options, clock: own, counters: new Counters() }, this.peers);
    this.#directory.arrive();
  }

  enter(topic: string, user: string): SeatedSession {
    const view = new PresenceView(topic.slice('room:'.length));
    const session = {
      sessionId: `${this.name}-${++this.#sessions}`,
      userId: user,
      username: user,
      name: null,
      isPoll: false,
    };
    const seat = this.service.enter(topic, session, {
      ...{ maxFrame: 1_000_000, awaitsChange: false },
      sendPresence(frames) {
        for (const { text } of frames) view.take(JSON.parse(text));
        return true;
      },
    });
    return { seat, view };
  }

  /** Those who are in a room, as this node knows. */
  async users(topic: string): Promise<string[]> {
    return (await this.service.read(topic)).map(({ user_id }) => user_id).sort();
  }

  announce(): void {
    this.#directory.announce();
  }

  /** Ends it as kill -9 does: nothing of it is heard any more. */
  end(): void {
    this.service.close();
  }
}
