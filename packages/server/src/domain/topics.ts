/** A topic says who hears a change. */
export const everyone = 'everyone';
export const userTopic = (userId: string): string => `user:${userId}`;
export const roleTopic = (role: string): string => `role:${role}`;
export const taskTopic = (taskId: string): string => `task:${taskId}`;
/** Where a notification for a name waits that no token has yet bound to a user. */
export const usernameTopic = (username: string): string => `username:${username}`;
export const usernamePrefix = 'username:';

/** The topics whose notifications make up a user's inbox. */
export function inboxTopics(user: { id: string; roles: readonly string[] }): string[] {
  return [userTopic(user.id), everyone, ...user.roles.map(roleTopic)];
}
