import { membershipChangeOf } from '../domain/identity.ts';
import { isRoomTopic, roomOfTopic } from '../domain/rooms.ts';
import { rightsTopic, userPrefix } from '../domain/topics.ts';
import type { Hub, Subscriber } from '../fanout/hub.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';
import type { DocumentSocket } from './document-socket.ts';

/** All connections to documents on this node: where a right of theirs may have changed, it is looked up again. */
export class DocumentFollowers implements Subscriber {
  lastRev = 0;
  /** By user. */
  readonly #sockets = new Map<string, Set<DocumentSocket>>();

  constructor(hub: Pick<Hub, 'join'>) {
    hub.join(rightsTopic, this);
  }

  get size(): number {
    let size = 0;
    for (const sockets of this.#sockets.values()) size += sockets.size;
    return size;
  }

  /** @returns what ends it */
  add(userId: string, socket: DocumentSocket): () => void {
    const sockets = this.#sockets.get(userId) ?? new Set();
    this.#sockets.set(userId, sockets.add(socket));
    return () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#sockets.get(userId) === sockets) this.#sockets.delete(userId);
    };
  }

  deliver({ change }: SharedFrame): void {
    this.lastRev = change.rev;
    const membership = membershipChangeOf(change);
    if (!membership || !isRoomTopic(membership.topic)) return;
    const name = roomOfTopic(membership.topic);
    for (const topic of change.topics) {
      if (!topic.startsWith(userPrefix)) continue;
      for (const socket of this.#sockets.get(topic.slice(userPrefix.length)) ?? [])
        if (socket.name === name) socket.rights.membershipChanged(change.rev, membership.access);
    }
  }

  historyChanged(): void {
    this.lastRev = 0;
    for (const socket of this.#all()) void socket.rights.lookUp();
  }

  /** Once a second: looks up what the application gave the right for, and shows clients to which nothing was sent that the server is there. */
  sweep(now: number): void {
    for (const socket of this.#all()) {
      socket.beat(now);
      if (socket.rights.isApplications) void socket.rights.lookUp();
    }
  }
  *#all(): Iterable<DocumentSocket> {
    for (const sockets of this.#sockets.values()) yield* sockets;
  }
}
