import { parseCursor } from '@tidings/protocol';
import { isRoomTopic, parseRoom, roomOfTopic } from '../domain/rooms.ts';
import type { Position } from '../domain/store/history.ts';
import { taskTopic } from '../domain/topics.ts';

/** A client's wishes on connecting. */
export interface RecoveryRequest {
  /** The topics it followed besides those of its view, when its cursor was earned. */
  named: readonly string[];
  /** The topics that it subscribes to anew, beside a cursor. */
  added: readonly string[];
  /** The tasks whose logs it follows, by topic, each behind an entry. */
  logs: ReadonlyMap<string, number>;
  cursor: Position | null;
  /** A cursor came that cannot be honoured: it is another user's, or cannot be read. */
  hasBadCursor: boolean;
  /** True if a client without a cursor is sent what there is. */
  replay: boolean;
  /** Tells by topic: false for a room of the address in which the session is neither shown nor sent who is there. */
  isPresent: (topic: string) => boolean;
}

const namedTask = /^task:.{1,256}$/s;

const isNamed = (topic: string): boolean =>
  namedTask.test(topic) || (isRoomTopic(topic) && parseRoom(roomOfTopic(topic)) !== null);

/** @param tag of the user's cursors; no other is honoured */
export function recoveryRequestOf(query: URLSearchParams, tag: string): RecoveryRequest {
  const text = query.get('cursor');
  const cursor = parseCursor(text);
  const unseen = topicsOf(query.get('unseen'));
  const isSeenAtAll = query.get('presence') !== '0';
  const logs = logsOf(query.get('logs'));
  const named = topicsOf(query.get('topics'));
  return {
    ...{ named, logs },
    added: [
      ...new Set([...topicsOf(query.get('subscribe')), ...[...logs.keys()].filter((topic) => !named.includes(topic))]),
    ],
    cursor: cursor?.tag === tag ? cursor : null,
    hasBadCursor: Boolean(text) && cursor?.tag !== tag,
    replay: query.get('replay') !== '0',
    isPresent: (topic) => isSeenAtAll && !unseen.includes(topic),
  };
}

/**
 * The work of the tasks and rooms that an address names, in units: each of which what there is has to be read is one, and ten of those that the
 * cursor vouches for.
 */
export function topicWork(query: URLSearchParams): number {
  const [named, subscribed] = [topicsOf(query.get('topics')).length, topicsOf(query.get('subscribe')).length];
  const added = subscribed + logsOf(query.get('logs')).size;
  return added + (query.has('cursor') ? Math.ceil(named / 10) : named);
}

/** Reads a list as `import-7@0,export-9@112`. */
function logsOf(text: string | null): ReadonlyMap<string, number> {
  const found = (text ?? '').split(',').flatMap((one): [string, number][] => {
    const [, id, after] = /^(.{1,256})@(\d{1,15})$/s.exec(one) ?? [];
    return id === undefined ? [] : [[taskTopic(id), Number(after)]];
  });
  return new Map(found);
}

function topicsOf(text: string | null): readonly string[] {
  const named = (text ?? '').split(',').filter(isNamed);
  return [...new Set(named)];
}
