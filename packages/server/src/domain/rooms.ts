import { TidingsError } from '@tidings/protocol';

/** A shared place of the application's, such as `project:12`. It exists by its name: nobody creates it. */
export interface Room {
  /** Letters, digits, `_` and `-`, beginning with a letter: at most 64. */
  kind: string;
  id: string;
}

/** A right in a room: `r` to follow it and to read its history, `rw` to send to it as well. */
export type RoomAccess = 'r' | 'rw';

export const roomPrefix = 'room:';
export const isRoomTopic = (topic: string): boolean => topic.startsWith(roomPrefix);

/** The name of a room, as clients and grants write it. */
export const roomName = ({ kind, id }: Room): string => `${kind}:${id}`;
export const roomTopic = (name: string): string => `${roomPrefix}${name}`;
export const roomOfTopic = (topic: string): string => topic.slice(roomPrefix.length);

/** The most characters of a name, the same as of every id. */
const longestName = 256;

/** Reads a name, as `project:12`; null if it is none. The id may have any character, `:` too. */
export function parseRoom(name: string): Room | null {
  const [, kind, id] = /^([A-Za-z][A-Za-z0-9_-]{0,63}):(.+)$/s.exec(name) ?? [];
  const isText = name.length <= longestName && name.isWellFormed() && !name.includes('\0');
  return kind !== undefined && id !== undefined && isText ? { kind, id } : null;
}

/** Takes a grant apart: a room, or `*` for all of a kind, and behind the last `:` the right, as a token says it. */
function readGrant(grant: string): { named: Room | null; access: string } {
  const end = grant.lastIndexOf(':');
  return { named: parseRoom(grant.slice(0, end)), access: grant.slice(end + 1) };
}

/** True if a grant gives a right in some room. */
export function isGrant(grant: string): boolean {
  const { named, access } = readGrant(grant);
  return named !== null && (access === 'r' || access === 'rw');
}

/** The right that the grants of a token give in a room, as `project:12:rw` or `project:*:r`; null for none. */
export function grantedAccess(grants: readonly string[], room: Room): RoomAccess | null {
  let found: RoomAccess | null = null;
  for (const grant of grants) {
    const { named, access } = readGrant(grant);
    if (named?.kind !== room.kind || (named.id !== '*' && named.id !== room.id)) continue;
    if (access === 'rw') return 'rw';
    if (access === 'r') found = 'r';
  }
  return found;
}

/** A person as rights are looked up for one. */
export interface RoomPerson {
  id: string;
  username: string;
  roles: readonly string[];
  grants: readonly string[];
}

/** The source of a right: the token, the membership that back ends keep, or the application that embeds the server. */
type RightSource = 'grant' | 'membership' | 'application';

/** A right that somebody has. */
export interface RoomRight {
  source: RightSource;
  /** Of a membership, the rev of its last change; else 0. */
  rev: number;
}

/** `read` is to follow a room and to read its history, `write` to send to it. */
export type RoomAction = 'read' | 'write';

export const allows = (access: RoomAccess | null, action: RoomAction): boolean =>
  action === 'read' ? access !== null : access === 'rw';

/** The error where a right cannot be told: an outage, which is never a refusal. */
export const rightsUnknown = (): TidingsError =>
  new TidingsError('unavailable', 'the server cannot tell now who may be in this room; try again later');
