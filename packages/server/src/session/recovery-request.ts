import { parseCursor } from '@tidings/protocol';
import { isRoomTopic, parseRoom, roomOfTopic } from '../domain/rooms.ts';
import type { Position } from '../domain/store/history.ts';

/** A client's wishes on connecting. */
export interface RecoveryRequest {
  /** The topics it followed besides those of its view, when its cursor was earned. */
  named: readonly string[];
  /** The topics that it subscribes to anew, beside a cursor. */
  added: readonly string[];
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
  return {
    named: topicsOf(query.get('topics')),
    added: topicsOf(query.get('subscribe')),
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
  const [named, added] = [topicsOf(query.get('topics')).length, topicsOf(query.get('subscribe')).length];
  return added + (query.has('cursor') ? Math.ceil(named / 10) : named);
}

function topicsOf(text: string | null): readonly string[] {
  const named = (text ?? '').split(',').filter(isNamed);
  return [...new Set(named)];
}
