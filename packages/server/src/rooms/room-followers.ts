import { membershipChangeOf } from '../domain/identity.ts';
import { isRoomTopic } from '../domain/rooms.ts';
import { rightsTopic, userPrefix } from '../domain/topics.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { Registry } from '../session/registry.ts';

/** The users who are shown in rooms. */
interface PresentUsers {
  /** Removes a user who is shown there without a connection, for the time in which one may come back. */
  rightEnded(topic: string, userId: string): void;
}

/**
 * Ends what sessions follow without a right any more. A membership that ends is a record of the sequence, and ends the subscription as
 * it is released: nothing of the room with a later rev is delivered. What the application says is asked for again and again.
 */
export class RoomFollowers implements Subscriber {
  lastRev = 0;
  readonly #registry: Pick<Registry, 'ofUser' | 'all'>;
  readonly #presence: PresentUsers;

  constructor(hub: Pick<Hub, 'join'>, registry: Pick<Registry, 'ofUser' | 'all'>, presence: PresentUsers) {
    this.#registry = registry;
    this.#presence = presence;
    hub.join(rightsTopic, this);
  }

  deliver({ change }: SharedFrame): void {
    this.lastRev = change.rev;
    const membership = membershipChangeOf(change);
    if (!membership || membership.joined || !isRoomTopic(membership.topic)) return;
    for (const topic of change.topics) {
      if (!topic.startsWith(userPrefix)) continue;
      const userId = topic.slice(userPrefix.length);
      const sessions = this.#registry.ofUser(userId);
      for (const { rooms } of sessions) rooms.membershipEnded(membership.topic, change.rev);
      this.#presence.rightEnded(membership.topic, userId);
    }
  }

  /** The sessions are closed for it. */
  historyChanged(): void {
    this.lastRev = 0;
  }

  /** Looks up what the application gave the right for. */
  sweep(): void {
    for (const { rooms } of this.#registry.all()) rooms.askAgain();
  }
}
