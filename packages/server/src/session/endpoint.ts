import type { TidingsError } from '@tidings/protocol';
import type { Identity } from '../domain/identity.ts';
import type { Connection, ConnectionEvents, ConnectionInfo } from './connection.ts';

/** A request for a connection, which somebody opens to an endpoint. */
export interface Visit {
  info: ConnectionInfo;
  query: URLSearchParams;
}

/** Serves some paths: the inbox, tasks, a room. */
export interface Endpoint {
  /** True for its paths, which come without a slash at their end. */
  match(path: string): boolean;
  /** @returns why this person may not open it, null if they may; a rejection is the server's failure */
  authorize(identity: Identity, visit: Visit): Promise<TidingsError | null>;
  /** Begins to serve a connection of somebody who may open it. @returns the handler of what comes on it */
  open(connection: Connection, identity: Identity, visit: Visit): ConnectionEvents;
}
