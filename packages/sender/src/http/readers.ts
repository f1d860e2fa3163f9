import type { ConnectedUser, UserConnections } from '../port.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Reads the answer of `GET /connections`; null where it is anything else. */
export function readUsers(body: unknown): ConnectedUser[] | null {
  if (!isObject(body) || !Array.isArray(body.users)) return null;
  return body.users.every((user) => isObject(user) && 'user_id' in user) ? (body.users as ConnectedUser[]) : null;
}

/** Reads the answer of `GET /users/{id}/connections`; null where it is anything else. */
export function readConnections(body: unknown): UserConnections | null {
  if (!isObject(body) || typeof body.connected !== 'boolean' || !Array.isArray(body.connections)) return null;
  return body as unknown as UserConnections;
}
