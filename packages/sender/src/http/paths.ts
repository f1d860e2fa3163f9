import { TidingsError } from '@tidings/protocol';
import type { UserName } from '../port.ts';

/** The id as a path segment. Dots alone would be taken for a folder. */
export function segment(id: string, name: string): string {
  if (id !== '' && id !== '.' && id !== '..') return encodeURIComponent(id);
  throw new TidingsError('bad_request', `${name} must be a non-empty id other than "." and ".."; got "${id}"`);
}

/** A path with a query of what is given. */
export function withQuery(path: string, query: Record<string, string | number | boolean | null | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  return given.length === 0 ? path : `${path}?${text}`;
}

/** `wait` of a long poll, whole seconds; null if it does not wait. */
export const waitSeconds = (ms: number): number | null => (ms > 0 ? Math.ceil(ms / 1000) : null);

export const taskPath = (id: string) => `/tasks/${segment(id, 'taskId')}`;
export const notificationPath = (id: string) => `/notifications/${segment(id, 'id')}`;
export const userPath = (id: string, name = 'userId') => `/users/${segment(id, name)}`;
/** The path of a user, and `by` of its query: null for an id. */
export const pathOfUser = (user: UserName): { id: string; by: 'username' | null } =>
  'id' in user ? { id: userPath(user.id), by: null } : { id: userPath(user.username, 'username'), by: 'username' };

export function roomPath(name: string): string {
  const end = name.indexOf(':');
  return `/rooms/${segment(name.slice(0, end), 'the kind of a room')}/${segment(name.slice(end + 1), 'room')}`;
}

export const documentPath = (room: string) => `${roomPath(room)}/document`;
export const versionPath = (room: string, id: string) => `${documentPath(room)}/versions/${segment(id, 'version')}`;
export const statePath = (room: string, key: string) => `${roomPath(room)}/state/${segment(key, 'key')}`;
