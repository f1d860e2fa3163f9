/** The server, and the credentials and members of the address to reach it with. */
export interface TransportAddress {
  /** The server's base, as http(s), which ends in `/`. */
  url: URL;
  /** A JWT; empty if the browser's cookie signs in. */
  token: string;
  /** Members of the address, as `cursor` and `topics`. */
  query: Record<string, string>;
}

/** The end of a connection, by the close codes of PROTOCOL.md. */
export interface TransportClose {
  code: number;
  reason: string;
}

/** Receives the events of one connection. */
export interface TransportEvents {
  /** One frame as JSON text, in the order in which the server sent them. */
  receive(text: string): void;
  /** The connection was refused or lost; once, and the last event. */
  closed(close: TransportClose): void;
}

/** The properties of a connection that the client reckons with. */
export interface TransportTraits {
  /** The longest silence of a connection that lives, in milliseconds. */
  silenceMs: number;
}

/** One connection, from the moment it is asked for. */
export interface TransportConnection {
  /** Read anew whenever they are needed: a fallback has those of the transport it arrived at. */
  readonly traits: TransportTraits;
  /** Sends one action as JSON text. Called after the first frame only; what cannot be sent is lost, and `closed` follows. */
  send(text: string): void;
  /** Ends the connection. No event follows, and a second call does nothing. */
  close(): void;
}

/**
 * Carries text between the client and the server and knows nothing of its meaning: no frame types, no reconnecting, no cursor. A
 * transport that falls back on another is made of transports: it hands on the events of the first that delivers a frame.
 *
 * `transport.contract.ts` is the suite that every implementation runs.
 */
export interface Transport {
  /** Its name in messages to people, as `WebSocket`. */
  readonly name: string;
  /** @throws if the address or the token cannot be used */
  connect(address: TransportAddress, events: TransportEvents): TransportConnection;
}

/** The platform's own functions, where the application has others: with its session's cookie, or through a proxy. */
export interface TransportOptions {
  /** Opens WebSockets. Default: the global one. */
  WebSocket?: typeof globalThis.WebSocket;
  /** Sends requests. Default: the global one. */
  fetch?: typeof globalThis.fetch;
}
