import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Lets clients in to a connection that is one response. Throws the TidingsError that refuses one. */
export interface ResponseTransport {
  /** @param seconds that the client may be left without a sign of life, or without an answer */
  open(request: IncomingMessage, path: string, seconds: number): Promise<Begin>;
}

/** Begins the connection in a response, to which these headers belong too: those that every answer has. */
export type Begin = (response: ServerResponse, headers: OutgoingHttpHeaders) => void;
