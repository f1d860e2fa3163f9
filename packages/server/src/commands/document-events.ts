import type { DocumentEvents, DocumentVersion } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import { roomEventRecord } from '../domain/room-events.ts';
import { type Room, roomName } from '../domain/rooms.ts';
import type { DocumentVersionRow } from '../domain/store/document-versions.ts';
import type { BackEnd, CommandContext } from './context.ts';
import { shownSender } from './room-access.ts';

/** A document, and who wants something of it. */
export interface DocumentTarget {
  room: Room;
  caller: BackEnd | Identity;
}

/** A version as everybody is shown it. */
export const shownVersion = ({ id, kind, name, at, from, bytes }: DocumentVersionRow): DocumentVersion => ({
  ...{ id, kind, name, timestamp: new Date(at).toISOString(), from, bytes },
});

/**
 * Sends an event about a document to its room, after what it tells of was stored. Never throws, since that is done: where the event cannot be
 * stored, the log says so, and who shows versions learns of it when they are listed next.
 *
 * @param once events with the same one are stored once; null for none
 */
export async function sendDocumentEvent<E extends keyof DocumentEvents>(
  { store, clock, telemetry }: CommandContext,
  { room, caller }: DocumentTarget,
  event: E,
  data: DocumentEvents[E],
  once: string | null = null,
): Promise<void> {
  const now = clock.now();
  const sent = { room: roomName(room), event, from: shownSender(caller), data };
  const key = once === null ? null : { key: `document\n${event}\n${once}`, hash: once };
  try {
    const [outcome] = await store.commit([roomEventRecord(newId('e', now), sent, now, key)]);
    if (outcome?.status === 'stored') telemetry.emit({ type: 'published', kind: 'room_event', count: 1 });
  } catch (error) {
    telemetry.emit({ type: 'failure', where: 'documents', error: error as Error });
  }
}
