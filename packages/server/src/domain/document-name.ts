import { TidingsError } from '@tidings/protocol';
import { parseRoom, type Room } from './rooms.ts';

/** True for rooms that have a document. */
export const hasDocument = (room: Room | null): boolean => room?.kind === 'collaboration';

/** The name of the document of a room: the room's. @throws TidingsError `bad_request` for a room that has none */
export function documentName(room: unknown): string {
  if (typeof room === 'string' && hasDocument(parseRoom(room))) return room;
  const message = `a room with a document is named as "collaboration:notes"; got ${JSON.stringify(room) ?? typeof room}`;
  throw new TidingsError('bad_request', message);
}
