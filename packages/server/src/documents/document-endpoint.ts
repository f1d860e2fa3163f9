import { CloseCode, TidingsError } from '@tidings/protocol';
import { notFound } from '../commands/refuse.ts';
import { hasDocument } from '../domain/document-name.ts';
import type { Identity } from '../domain/identity.ts';
import { newId } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';
import { type Room, roomName, roomTopic } from '../domain/rooms.ts';
import { Pace } from '../identity/pace.ts';
import type { Close } from '../session/close.ts';
import type { Connection, ConnectionEvents } from '../session/connection.ts';
import type { Endpoint, Visit } from '../session/endpoint.ts';
import type { Registry } from '../session/registry.ts';
import { roomOfPath } from '../session/room-path.ts';
import type { RoomSeat } from '../session/room-seat.ts';
import { Session, type SessionParts } from '../session/session.ts';
import type { View } from '../session/view.ts';
import type { Telemetry } from '../telemetry/events.ts';
import type { DocumentFollowers } from './document-followers.ts';
import { DocumentSocket, type SocketLimits } from './document-socket.ts';
import { MemberRights } from './member-rights.ts';
import type { EncodeBinary } from './message.ts';
import type { OpenDocuments } from './open-documents.ts';
import { providerClose, providerConnection, quietConnection, seatedConnection } from './provider-closes.ts';

/** No records: a provider reads none. */
const view: View = { topics: () => [], isInbox: false, room: null };

/**
 * Time between two connections of a user to one document, in the long run, and how many there may be at once before; then each waits, `mostMs`
 * at most. Some clients come back at once, for ever.
 */
const reopening = { everyMs: 1_000, burst: 10, mostMs: 4_000 };

/** The endpoint that serves rooms in JSON, each connection with its session. */
interface RoomSessions extends Endpoint {
  open(connection: Connection, identity: Identity, visit: Visit): ConnectionEvents & { readonly session: Session };
}

/** A connection in a document. */
interface Joined {
  socket: DocumentSocket;
  leave(): void;
}

export interface DocumentEndpointParts extends SessionParts {
  documents: OpenDocuments;
  followers: DocumentFollowers;
  registry: Registry;
  clock: Clock;
  telemetry: Telemetry;
  socketLimits: SocketLimits;
  /** The largest message of a provider, bytes. */
  maxMessageBytes: number;
  /** Counts a message of a user, of so many bytes. Throws `too_many` past the user's limit. */
  countMessage(userId: string, bytes: number): void;
  /** Serves the same room to clients of the JSON protocol. */
  sessions: RoomSessions;
}

/**
 * `/ws/collaboration/{id}/`: the shared document of a room, to providers of Yjs. Clients that offer the subprotocol `tidings.v1` have a session of the
 * room there, in JSON; with `?json=1` a connection has both.
 */
export class DocumentEndpoint implements Endpoint {
  readonly #parts: DocumentEndpointParts;
  readonly #pace = new Pace(reopening.everyMs, reopening.everyMs * reopening.burst + reopening.mostMs);

  constructor(parts: DocumentEndpointParts) {
    this.#parts = parts;
  }

  match(path: string): boolean {
    return hasDocument(roomOfPath(path));
  }

  maxMessageBytes(visit: Visit): number | null {
    return isProvider(visit) ? this.#parts.maxMessageBytes : null;
  }

  translateCloses(visit: Visit): ((close: Close) => Close) | null {
    return isProvider(visit) ? providerClose : null;
  }

  async authorize(identity: Identity, visit: Visit): Promise<TidingsError | null> {
    const { sessions, rooms } = this.#parts;
    if (!isProvider(visit)) return sessions.authorize(identity, visit);
    const room = roomOfPath(visit.path) as Room;
    await this.#pacing(`${identity.id} ${roomName(room)}`);
    const right = await rooms.rights.rightOf(identity, 'read', room);
    return right === null ? new TidingsError('forbidden', notFound('room', roomName(room)).message) : null;
  }

  open(connection: Connection, identity: Identity, visit: Visit): ConnectionEvents {
    if (!isProvider(visit)) return this.#parts.sessions.open(connection, identity, visit);
    const room = roomOfPath(visit.path) as Room;
    return asksForJson(visit)
      ? this.#openBoth(connection, identity, visit, room)
      : this.#openProvider(connection, identity, visit, room);
  }

  /** Serves a provider that is told nothing in JSON. */
  #openProvider(connection: Connection, identity: Identity, { info, query }: Visit, room: Room): ConnectionEvents {
    const { registry, counters, telemetry, clock } = this.#parts;
    const sessionId = newId('s', info.at);
    const seat = query.get('presence') === '0' ? null : this.#seatOf(sessionId, identity, room);
    const translated = providerConnection(connection, () => hasExpired(session, clock));
    const quiet = quietConnection(seatedConnection(translated, seat));
    const session: Session = new Session(sessionId, identity, { connection: quiet, info, view }, this.#parts);
    registry.add(session);
    counters.opened[connection.traits.transport]++;
    const { id } = identity;
    telemetry.emit({ type: 'session_opened', session: session.id, user: id, path: info.path, recovered: true });
    const { socket, leave } = this.#join(session, connection, room);
    const alive = (): void => session.heartbeat.alive();
    return {
      receive: () =>
        session.close(CloseCode.badFrames, 'binary messages of y-protocols come here; for JSON add ?json=1'),
      receiveBinary(bytes) {
        alive();
        if (session.isOpen) socket.receive(bytes);
      },
      alive,
      drained: () => socket.resume(),
      closed(code, reason) {
        leave();
        seat?.leave('cut');
        session.leave();
        registry.remove(session);
        telemetry.emit({ type: 'session_closed', session: session.id, user: id, code, reason });
      },
    };
  }

  /** Takes a seat in the room, by which the editor is shown there like all who follow it. */
  #seatOf(sessionId: string, { id: userId, username }: Identity, room: Room): RoomSeat {
    const arrival = { sessionId, name: null, userId, username, isPoll: false };
    return this.#parts.rooms.presence.enter(roomTopic(roomName(room)), arrival, null);
  }

  /** Serves a session of the room in JSON, and on the same connection its document, from the first message of y-protocols on. */
  #openBoth(connection: Connection, identity: Identity, visit: Visit, room: Room): ConnectionEvents {
    const own = providerConnection(connection, () => hasExpired(json.session, this.#parts.clock));
    const json = this.#parts.sessions.open(own, identity, visit);
    let joined: Joined | null = null;
    return {
      receive: (text) => json.receive(text),
      receiveBinary: (bytes) => {
        if (isJson(bytes)) {
          json.receiveBinary(bytes);
          return;
        }
        json.session.heartbeat.alive();
        if (!json.session.isOpen) return;
        joined ??= this.#join(json.session, connection, room);
        joined.socket.receive(bytes);
      },
      alive: () => json.alive(),
      drained() {
        json.drained();
        joined?.socket.resume();
      },
      closed(code, reason) {
        joined?.leave();
        json.closed(code, reason);
      },
    };
  }

  /** Joins a connection to the document of a room. */
  #join(session: Session, connection: Connection, room: Room): Joined {
    const socket = this.#socketFor(session, connection, room);
    const stop = this.#parts.followers.add(session.identity.id, socket);
    void socket.open();
    const leave = (): void => {
      stop();
      socket.left();
    };
    return { socket, leave };
  }

  #socketFor(session: Session, connection: Connection, room: Room): DocumentSocket {
    const { documents, rooms, clock, socketLimits, countMessage, counters } = this.#parts;
    const rights = new MemberRights({
      ...{ rights: rooms.rights, room, identity: () => session.identity },
      changed: (mayWrite) => (mayWrite ? socket.askForMissing() : socket.denyChanges()),
      lost: ({ code, message }) =>
        socket.close({ code: code === 'not_found' ? CloseCode.forbidden : CloseCode.overloaded, reason: message }),
    });
    const socket: DocumentSocket = new DocumentSocket({
      ...{ connection, encode: connection.traits.encodeBinary as EncodeBinary, name: roomName(room) },
      ...{ user: session.identity.id, documents, rights, clock, limits: socketLimits, count: countMessage },
      end: (close) => {
        if (close.code === CloseCode.tooSlow) counters.refused.documentOutboxBytes++;
        session.end(close);
      },
    });
    return socket;
  }

  /** Resolves when a connection may go on that may be one of many. */
  async #pacing(key: string): Promise<void> {
    const { clock } = this.#parts;
    const wait = this.#pace.count(key, clock.now()) - reopening.everyMs * reopening.burst;
    if (wait > 0) await new Promise<void>((resolve) => clock.after(wait, resolve));
  }
}

/** True for a client that may speak y-protocols: it does not offer the protocol in JSON. */
const isProvider = ({ protocols }: Visit): boolean => !protocols.includes('tidings.v1');
/** True for one that wants the session of the room on the same connection. */
const asksForJson = ({ query }: Visit): boolean => query.get('json') === '1';

/** True for a binary message that is JSON text. It begins with a brace, or a blank before it; none of y-protocols does. */
const isJson = ([first = 0]: Uint8Array): boolean => first > 31;

const hasExpired = ({ identity: { expiresAt } }: Session, clock: Clock): boolean =>
  expiresAt !== null && expiresAt <= clock.now();
