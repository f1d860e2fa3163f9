import { CloseCode } from '@tidings/protocol';
import type { Close } from '../session/close.ts';
import type { Connection } from '../session/connection.ts';
import type { RoomSeat } from '../session/room-seat.ts';
import { departureBy } from '../session/session.ts';

/**
 * To providers of Yjs all codes from 4400 to 4499 are final: they do not come back. So a code of ours that is not has 100 added to it: 4501 for
 * a token that has run out and can be renewed, 4508, 4509, 4529.
 */
const shifted: readonly number[] = [CloseCode.tooSlow, CloseCode.tooManyConnections, CloseCode.tooManyActions];

/** To providers it is final: with the document that they have they would bring back what was deleted. */
export const documentDeleted: Close = {
  code: 4410,
  reason: 'the document was deleted; open it again with a new Y.Doc, and clear what is stored of it in the browser',
};

/** For a document whose content in memory is not what is stored: editors come back, and bring what they have. */
export const reopens: Close = { code: CloseCode.restarting, reason: 'the document is opened again' };

export const cannotStore: Close = {
  code: CloseCode.overloaded,
  reason: 'the server cannot store changes now; try again later',
};

export const cannotRead: Close = {
  code: CloseCode.overloaded,
  reason: 'the server cannot read its database now; try again later',
};

/** A close as providers of Yjs take it. */
export const providerClose = ({ isRenewable = false, ...close }: Close): Close => {
  const isPassing = isRenewable || shifted.includes(close.code);
  return isPassing ? { ...close, code: close.code + 100 } : close;
};

/** The connection of a provider, to its session: closes are those that providers take. */
export const providerConnection = (connection: Connection, hasExpired: () => boolean): Connection => ({
  traits: connection.traits,
  write: (parts) => connection.write(parts),
  probe: (answered) => connection.probe(answered),
  close(code, reason, retryAfterMs) {
    const isRenewable = code === CloseCode.unauthenticated && hasExpired();
    connection.close(providerClose({ code, reason, isRenewable }).code, reason, retryAfterMs);
  },
  destroy: () => connection.destroy(),
});

/** The same, for a session that has a seat: a user who is refused leaves the room at once. */
export const seatedConnection = (connection: Connection, seat: Pick<RoomSeat, 'leave'> | null): Connection => ({
  ...connection,
  close(code, reason, retryAfterMs) {
    seat?.leave(departureBy(code));
    connection.close(code, reason, retryAfterMs);
  },
});

/** The same, for a session that sends its client no frames of JSON. */
export const quietConnection = (connection: Connection): Connection => ({ ...connection, write: () => 'taken' });
