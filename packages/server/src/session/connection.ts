import type { Encoding } from '../fanout/frame.ts';
import type { Transport } from '../telemetry/counters.ts';

/**
 * The fate of bytes that were written: `taken`, and they may be used anew; `kept`, to be read until they are out; or `full`,
 * which is kept by a connection whose peer does not keep up: nothing more until `drained` was called.
 */
export type Written = 'taken' | 'kept' | 'full';

/** Traits of one kind of connection, as sessions need them. */
export interface ConnectionTraits {
  transport: Transport;
  /** The encoding of frames for it. */
  encoding: Encoding;
  /** Puts bytes into a binary message. Absent if the connection carries only text. */
  encodeBinary?: (bytes: Uint8Array) => Buffer;
  /** True if the peer answers `probe`: one that does not is given up. */
  answersProbes: boolean;
  /** Time between two pings, ms; null for the server's own. */
  pingIntervalMs: number | null;
  /** Age at which it is closed, so that its client resumes on another, ms; null for none. */
  maxAgeMs: number | null;
  /** The evidence that records have arrived: they were written, or the client comes back with a cursor past them. */
  deliveredBy: 'write' | 'cursor';
}

/** A moment at which all that was sent is written, and a client may go on from the last cursor in it. */
export interface Checkpoint {
  /** True if something was sent that its client has yet to see. */
  hasNews: boolean;
  /** True if all that was missed was sent. */
  isLive: boolean;
}

/** One connection, whatever carries it. */
export interface Connection {
  readonly traits: ConnectionTraits;
  /** Takes whole encoded frames, in parts. */
  write(parts: readonly Buffer[]): Written;
  /** Asks the peer for a sign of life, if it can answer; `answered` is given the round trip, ms. */
  probe(answered?: (roundTrip: number) => void): void;
  /** For connections of one answer only: it may end here. */
  checkpoint?(at: Checkpoint): void;
  /**
   * Ends it with a WebSocket close code, after what was written.
   * @param retryAfterMs the time that the reason tells the client to wait, if it does
   */
  close(code: number, reason: string, retryAfterMs?: number): void;
  /** Ends it at once. */
  destroy(): void;
}

/** Handles what comes on a connection. */
export interface ConnectionEvents {
  /** One text message of the peer. */
  receive(text: string): void;
  /** One binary message of the peer. */
  receiveBinary(bytes: Buffer): void;
  /** The peer has answered a probe. */
  alive(): void;
  /** The peer keeps up again. */
  drained(): void;
  /** The time of a poll is over, and it is about to be answered: sends what alone would not have ended it. */
  timedOut?(): void;
  closed(code: number, reason: string): void;
}

/** The circumstances of a connection. */
export interface ConnectionInfo {
  /** The largest frame its client takes, bytes. */
  maxFrame: number;
  /** The name of its session in rooms, by which it takes the place of a connection that has ended; null for none. */
  sessionName: string | null;
  path: string;
  address: string;
  userAgent: string;
  /** When it was asked for, epoch milliseconds. */
  at: number;
}
