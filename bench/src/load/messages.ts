import type { DialectName } from './dialects.ts';

/** A load: to whom, by what, how fast. */
export interface Load {
  audience: 'everyone' | 'user';
  /** One request for each, or the server's own way to gather calls. */
  via: 'http' | 'sdk';
  /** So many a second whatever the answers, or as fast as answers come with so many under way. */
  pace: { perSecond: number } | { inFlight: number };
  /** The notifications of one call, which are published together. */
  batch: number;
}

/** The address that notifications are published to, and their form. */
export interface PublishTarget {
  url: string;
  path: string;
  headers: Record<string, string>;
  form: 'tidings' | 'socket.io' | 'centrifugo';
}

/** One of those who publish at the same time. */
export interface PublishPort {
  /** Publishes the notifications of one call, whose numbers begin with this one. Rejects if the server did not accept all of them. */
  publish(first: number): Promise<void>;
}

export interface PublishPorts {
  ports: PublishPort[];
  close(): Promise<void>;
}

/** To the process that publishes. It answers each `run` with Published. */
export interface PublishOrder {
  do: 'run';
  target: PublishTarget;
  load: Load;
  seconds: number;
  sockets: number;
  /** The number of the first notification; each has one of its own, by which its deliveries are known. */
  firstNumber: number;
}

export interface Published {
  /** The numbers of the notifications that were answered as accepted. */
  accepted: Uint32Array;
  refused: number;
  /** The text of one refusal. */
  refusal: string | null;
  /** The process's own user and system time, seconds. */
  cpu: number;
}

/** To the process that receives. It answers `connect` with Connected, `watch` with Watching, `expect` with Received. */
export type ReceiveOrder =
  | { do: 'connect'; host: string; port: number; dialect: DialectName; tokens: readonly string[]; readsAll: boolean }
  | { do: 'watch' }
  | { do: 'expect'; deliveries: number };

export type Connected = { connected: number } | { failed: string };
export type Watching = { watching: true };

/** The frames received since `watch`. */
export interface Received {
  deliveries: number;
  /** The number of frames each socket received. */
  perSocket: Uint32Array;
  /** The numbers of the notifications that were read, one for each frame, on the sockets that are read. */
  numbers: Uint32Array;
  /** For each of these the socket. */
  readers: Uint32Array;
  /** Milliseconds from just before the publish until the frame was here, for each of these. */
  latencies: Float64Array;
  /** The number of sockets that ended. */
  closed: number;
  /** Monotonic µs of the last frame. */
  lastAt: number;
  cpu: number;
}
