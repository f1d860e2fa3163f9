import type { Registry } from './registry.ts';
import type { Session } from './session.ts';

/** The number of topics that a session may follow now, and the limit that says so. */
export interface TopicLimit {
  most: number;
  by: 'maxTopics' | 'maxTopicsPerUser';
}

/** The limit of a connection's topics, or what is left of the limit of its user. */
export function topicLimitOf({ limits, identity, feed }: Session, registry: Pick<Registry, 'topicsOf'>): TopicLimit {
  const leftOfUser = limits.topicsPerUser - registry.topicsOf(identity.id) + feed.topics.length;
  return leftOfUser < limits.topics
    ? { most: leftOfUser, by: 'maxTopicsPerUser' }
    : { most: limits.topics, by: 'maxTopics' };
}
