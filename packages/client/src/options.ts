import { guard } from './guard.ts';
import type { Transport } from './transport/transport.ts';

/**
 * A JWT, or a function that gets one, which is called for each attempt and has 15 s to answer. Blanks, quotes, a leading `Bearer` and
 * `{"token": …}` around the token are removed. A function that throws, or returns no token, is called again later; if it throws a
 * `TidingsError` with the code `unauthenticated` (nobody is signed in), the client closes.
 */
export type TokenSource = string | (() => string | Promise<string>);

/** Receives failures that do not stop the client. `console` is one. Errors of a logger are ignored. */
export interface Logger {
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** The clock and its timers, so that tests can control time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once after so many milliseconds. @returns what cancels it */
  after(ms: number, run: () => void): () => void;
}

export interface ReconnectOptions {
  /** Attempts to reconnect after a failure, in a row, before the client gives up; 0 for none. Default: without end. */
  attempts?: number;
  /** About how long to wait after the first failure; doubled after each further one, and jittered by half. Default 500. */
  minDelayMs?: number;
  /** The longest of these waits, before jitter. Default 20,000. */
  maxDelayMs?: number;
}

export interface ClientOptions {
  /**
   * The URL of the server: `https://host`, `http://host:8000` or either with a path before `/ws/` and `/api/`.
   * Default: `tidingsUrlFromEnv()`, else the page's own origin. With Vite: `tidingsUrlFromEnv()` of `@tidings/client/vite`.
   */
  url?: string;
  /** The token for a `connect()` that names none. */
  token?: TokenSource;
  /** Sent along in the address of the socket: `{ user: 'alice', roles: 'admin' }` for `tidings dev`. */
  query?: Record<string, string>;
  reconnect?: ReconnectOptions;
  /** Carries the connection, as `fallbackTransport()` of `@tidings/client/transports`. Default: a WebSocket. */
  transport?: Transport;
  /** Opens the connection where no `transport` is given. Default: the global one. */
  WebSocket?: typeof WebSocket;
  /** Asks why a connection was refused, and calls the HTTP API for versions of documents. Default: the global one. */
  fetch?: typeof fetch;
  /** Default: `console`. */
  logger?: Logger;
  /** Default: the system's. */
  clock?: Clock;
  /** A number from 0 up to 1, for jitter. Default: `Math.random`. */
  random?: () => number;
}

/** Options with their defaults. What depends on the place, as the address, is looked up on connecting. */
export interface Settings extends ClientOptions {
  reconnect: Required<ReconnectOptions>;
  logger: Logger;
  clock: Clock;
  random: () => number;
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function settingsOf(options: ClientOptions): Settings {
  const { logger = console, clock = systemClock, random = Math.random } = options;
  return {
    ...options,
    clock,
    random,
    reconnect: { attempts: Number.POSITIVE_INFINITY, minDelayMs: 500, maxDelayMs: 20_000, ...options.reconnect },
    logger: {
      warn: (...details) => void guard(() => logger.warn(...details)),
      error: (...details) => void guard(() => logger.error(...details)),
    },
  };
}
