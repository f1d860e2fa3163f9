import { ephemeralMessageBytes } from '../domain/ports.ts';
import type { PeerMessage } from './peer-sessions.ts';
import type { PresentSession, SessionKey } from './present-users.ts';

/** Bytes of a message beside its changes: the name of the node, and numbers. */
const envelopeBytes = 200;

/** A message as it travels: a change of a session as text of its own, null for one that is gone. */
interface Sent {
  node: string;
  from: number;
  seq: number;
  changes: [key: string, session: string | null][];
}

/** Says that there is more of a room in the table than fits into messages. */
interface Hint {
  node: string;
  isStored: true;
}

export type Received = { node: string; message: PeerMessage | null };

export const keyOf = ({ userId, sessionId }: SessionKey): string => JSON.stringify([userId, sessionId]);

export const textOf = ({ sessionId, userId, username, state, goneAt, saidAt }: PresentSession): string =>
  JSON.stringify([sessionId, userId, username, state, goneAt, saidAt]);

export function sessionOf(text: string): PresentSession {
  // A node of an older version does not say when.
  const [sessionId, userId, username, state, goneAt, saidAt = 0] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    number | null,
    number?,
  ];
  return { sessionId, userId, username, state, goneAt, saidAt };
}

export const channelOf = (topic: string): string => `presence:${topic}`;

export const messageText = (node: string, { from, seq, changes }: PeerMessage): string =>
  JSON.stringify({
    ...{ node, from, seq },
    changes: changes.map(([key, session]) => [key, session && textOf(session)]),
  } satisfies Sent);

export const hintText = (node: string): string => JSON.stringify({ node, isStored: true } satisfies Hint);

/** Reads a message; null for a hint. */
export function received(text: string): Received {
  const sent = JSON.parse(text) as Sent | Hint;
  if ('isStored' in sent) return { node: sent.node, message: null };
  const changes = sent.changes.map(([key, session]) => [key, session === null ? null : sessionOf(session)] as const);
  return { node: sent.node, message: { from: sent.from, seq: sent.seq, changes } };
}

/** Takes the first of what is to be sent, as much as fits into one message of a room. One that fits into none is left out. */
export function takeFitting(
  unsent: Map<string, PresentSession | null>,
  topic: string,
): { changes: [string, PresentSession | null][]; isAnyTooLarge: boolean } {
  const space = ephemeralMessageBytes - envelopeBytes - Buffer.byteLength(channelOf(topic));
  const changes: [string, PresentSession | null][] = [];
  let isAnyTooLarge = false;
  let bytes = 0;
  for (const [key, session] of unsent) {
    const size = Buffer.byteLength(JSON.stringify([key, session && textOf(session)])) + 1;
    if (size > space) isAnyTooLarge = true;
    else if (bytes + size > space) break;
    else {
      changes.push([key, session]);
      bytes += size;
    }
    unsent.delete(key);
  }
  return { changes, isAnyTooLarge };
}
