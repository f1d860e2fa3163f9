import type { TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import type { Close } from './close.ts';
import type { Connection, ConnectionEvents, ConnectionInfo } from './connection.ts';

/** A request that opens a connection to an endpoint. */
export interface Visit {
  /** The endpoint's path, without a slash at its end: not always the path that was asked for. */
  path: string;
  info: ConnectionInfo;
  query: URLSearchParams;
  /** The WebSocket subprotocols that the client offers. */
  protocols: readonly string[];
}

/** Serves connections on its paths, such as those of the inbox, of tasks or of a room. */
export interface Endpoint {
  /** True for its paths, which come without a slash at their end. */
  match(path: string): boolean;
  /** @returns why this person may not open a connection, null if they may; rejects if the server fails */
  authorize(identity: Identity, visit: Visit): Promise<TidingsError | null>;
  /** The largest message of such a client, bytes; null for the server's own limit. */
  maxMessageBytes?(visit: Visit): number | null;
  /**
   * Translates closes for a client of another protocol, which is refused by a close only and never before the upgrade. Null for a client of
   * our own protocol.
   */
  translateCloses?(visit: Visit): ((close: Close) => Close) | null;
  /** Begins to serve a connection of an authorized person. @returns the handler of its messages */
  open(connection: Connection, identity: Identity, visit: Visit): ConnectionEvents;
}
