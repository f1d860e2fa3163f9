import { membershipChangeOf } from '../domain/identity.ts';
import { roomTopic } from '../domain/rooms.ts';
import { rightsTopic, userTopic } from '../domain/topics.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { DocumentSocket } from './document-socket.ts';

interface Follower {
  socket: DocumentSocket;
  userId: string;
}

/** All connections to documents on this node: where a right of theirs may have changed, it is looked up again. */
export class DocumentFollowers implements Subscriber {
  lastRev = 0;
  readonly #followers = new Set<Follower>();

  constructor(hub: Pick<Hub, 'join'>) {
    hub.join(rightsTopic, this);
  }

  get size(): number {
    return this.#followers.size;
  }

  /** @returns what ends it */
  add(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  deliver({ change }: SharedFrame): void {
    this.lastRev = change.rev;
    const membership = membershipChangeOf(change);
    if (!membership) return;
    for (const { socket, userId } of this.#followers) {
      if (roomTopic(socket.name) === membership.topic && change.topics.includes(userTopic(userId)))
        void socket.rights.lookUp();
    }
  }

  historyChanged(): void {
    this.lastRev = 0;
    for (const { socket } of this.#followers) void socket.rights.lookUp();
  }

  /** Once a second: looks up what the application gave the right for, and shows clients to which nothing was sent that the server is there. */
  sweep(now: number): void {
    for (const { socket } of this.#followers) {
      socket.beat(now);
      if (socket.rights.isApplications) void socket.rights.lookUp();
    }
  }
}
