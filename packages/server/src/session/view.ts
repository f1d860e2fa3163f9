import type { Identity } from '../domain/identity.ts';
import { inboxTopics, userTopic } from '../domain/topics.ts';

/** The part of a user's records that a session shows. */
export interface View {
  /** The topics it subscribes to from the start. */
  topics(user: Identity): string[];
  /** True if it is an inbox: with unread counts, and with the shared topics that become the user's. */
  isInbox: boolean;
  /** The topic of the room that it shows; null if it shows none. */
  room: string | null;
}

export const inboxView: View = { topics: inboxTopics, isInbox: true, room: null };
/** The user's own records: tasks, and what is sent to the user alone. */
export const tasksView: View = { topics: (user) => [userTopic(user.id)], isInbox: false, room: null };
/** One room, by its topic. */
export const roomView = (topic: string): View => ({ topics: () => [topic], isInbox: false, room: topic });
