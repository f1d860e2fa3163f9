import { largestFrame } from '../../domain/frame-size.ts';
import type { Identity } from '../../domain/identity.ts';
import type { Clock } from '../../domain/ports.ts';
import { canaryTopic } from '../../domain/topics.ts';
import type { Subscriber } from '../../fanout/hub.ts';
import type { Connection, ConnectionEvents, ConnectionInfo } from '../../session/connection.ts';
import { Session, type SessionParts } from '../../session/session.ts';
import type { View } from '../../session/view.ts';
import { Counters } from '../../telemetry/counters.ts';
import { beatOf } from './record.ts';

const view: View = { topics: () => [canaryTopic], isInbox: false, room: null };

const identity: Identity = {
  ...{ id: 'canary', username: 'canary', roles: [], grants: [], expiresAt: null, issuedAt: 0, isDated: true },
  ...{ tokenId: null, isEvidence: false },
};

/** Serves the canary's connections by sessions like those of users, which are counted apart and listed nowhere. */
export class CanarySessions {
  readonly #parts: SessionParts;
  readonly #clock: Clock;

  /** @param node the one whose beats they are sent */
  constructor(parts: Omit<SessionParts, 'counters'>, { node, clock }: { node: string; clock: Clock }) {
    this.#parts = { ...parts, hub: onlyBeatsOf(node, parts.hub), counters: new Counters() };
    this.#clock = clock;
  }

  /** Begins a session that is live from now on. */
  open(connection: Connection): ConnectionEvents {
    const info: ConnectionInfo = {
      ...{ path: '/ws', address: '', userAgent: '', at: this.#clock.now(), maxFrame: largestFrame, sessionName: null },
    };
    const session = new Session('canary', identity, { connection, info, view }, this.#parts);
    session.feed.beginReading(view.topics(identity));
    session.send({ type: 'connection_established' });
    session.feed.goLive(this.#parts.hub.position, []);
    void session.output.drained().then(() => session.checkpoint({ isLive: true, hasNews: false }));
    return {
      receive() {},
      receiveBinary() {},
      alive: () => session.output.answered(),
      drained: () => session.output.resume(),
      closed: () => session.leave(),
    };
  }
}

/** A hub that delivers the beats of one node: those of another would end a long poll before the one that it waits for. */
function onlyBeatsOf(node: string, hub: SessionParts['hub']): SessionParts['hub'] {
  const filters = new Map<Subscriber, Subscriber>();
  const filterOf = (subscriber: Subscriber): Subscriber => ({
    get lastRev() {
      return subscriber.lastRev;
    },
    deliver(frame) {
      if (beatOf(frame.change).node === node) subscriber.deliver(frame);
    },
    historyChanged: () => subscriber.historyChanged(),
  });
  return {
    get position() {
      return hub.position;
    },
    join(topic, subscriber) {
      const filter = filters.get(subscriber) ?? filterOf(subscriber);
      filters.set(subscriber, filter);
      hub.join(topic, filter);
    },
    leave(topic, subscriber) {
      const filter = filters.get(subscriber);
      if (filter) hub.leave(topic, filter);
      filters.delete(subscriber);
    },
  };
}
