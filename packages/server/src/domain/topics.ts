/** A topic names the recipients of a change. */
export const everyone = 'everyone';
export const userPrefix = 'user:';
export const userTopic = (userId: string): string => `${userPrefix}${userId}`;
export const roleTopic = (role: string): string => `role:${role}`;
export const taskTopic = (taskId: string): string => `task:${taskId}`;
export const taskOfTopic = (topic: string): string => topic.slice(taskTopic('').length);
/** The topic of notifications to a name that no token has yet bound to a user. */
export const usernameTopic = (username: string): string => `username:${username}`;
export const usernamePrefix = 'username:';

/** The topics whose notifications make up a user's inbox. */
export function inboxTopics(user: { id: string; roles: readonly string[] }): string[] {
  return [userTopic(user.id), everyone, ...user.roles.map(roleTopic)];
}

/** The topic of changes of users' rights, for the nodes that keep them. */
export const rightsTopic = 'rights';

/** The topic of the nodes' canaries: no user can follow it. */
export const canaryTopic = 'canary';

/** True for a topic of many users, such as a role's: a user receives it by a membership. */
export const isShared = (topic: string): boolean => topic === everyone || topic.startsWith('role:');
