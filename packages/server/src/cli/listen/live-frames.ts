import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { CloseCode, parseFrame, type ServerFrame, TidingsError } from '@tidings/protocol';
import { WebSocket } from 'ws';
import { Position } from './position.ts';
import type { Target } from './target.ts';

export interface LiveFrames {
  /** Asked before each attempt: the server of `tidings dev` may have come back elsewhere, and tokens end. */
  target(): Promise<Target>;
  /** Topics to follow from the start, as `task:import-7` and `room:project:12`. */
  topics: readonly string[];
  /** Every frame once, as it was sent and as it reads. */
  receive(text: string, frame: ServerFrame): void;
  /** A sentence about the state of the connection. */
  onStatus(message: string): void;
  signal: AbortSignal;
}

/** The end of a connection, and the wait before the next, ms; null for the usual back-off. */
interface Ended {
  reason: string;
  delay: number | null;
}

const maxDelay = 10_000;
/** Servers ping every 25 s; one that is silent for so long is gone, ms. */
const silence = 60_000;

/**
 * Receives frames until the signal is aborted, through reconnections, and resumes where it was. Throws TidingsError if the
 * server was never reached, or refuses for good.
 */
export async function receiveFrames(live: LiveFrames): Promise<void> {
  const position = new Position();
  let failures = 0;
  let wasLive = false;
  while (!live.signal.aborted) {
    const opened = (): void => {
      failures = 0;
      wasLive = true;
    };
    const attempt = live.target().then((target) => connect(target, live, position, opened));
    const ended = await attempt.catch((error: TidingsError) => {
      // A server that was there may come back; a request that it refused is refused again.
      if (!wasLive || !error.retryable) throw error;
      return { reason: error.message, delay: null };
    });
    if (live.signal.aborted) return;
    const delay = ended.delay ?? Math.min(maxDelay, 500 * 2 ** failures++) * (0.5 + Math.random());
    live.onStatus(`${ended.reason}; connecting again in ${(delay / 1000).toFixed(1)} s`);
    await pause(delay, live.signal);
  }
}

/** One connection, from its opening to its end. */
function connect(target: Target, live: LiveFrames, position: Position, opened: () => void): Promise<Ended> {
  const socket = new WebSocket(addressOf(target, live.topics, position), { headers: target.headers });
  return new Promise((resolve, reject) => {
    const hangUp = (): void => socket.close(CloseCode.normal);
    live.signal.addEventListener('abort', hangUp, { once: true });
    let watch = setTimeout(() => socket.terminate(), silence);
    const alive = (): void => {
      clearTimeout(watch);
      watch = setTimeout(() => socket.terminate(), silence);
    };
    socket.on('ping', alive);
    socket.on('message', (data) => {
      alive();
      const text = data.toString();
      const frame = parseFrame(text);
      if (!frame) return live.onStatus('the server sent what is no frame; is it a Tidings server?');
      if (frame.type === 'connection_established') opened();
      if (position.accept(frame)) live.receive(text, frame);
    });
    socket.on('unexpected-response', (_request, response) => {
      readProblem(response).then(
        (message) => reject(refusedUpgrade(target, response.statusCode ?? 0, message)),
        reject,
      );
    });
    socket.on('error', (error: Error & { code?: string }) => reject(unreachable(target, error)));
    socket.on('close', (code, reason) => {
      clearTimeout(watch);
      live.signal.removeEventListener('abort', hangUp);
      const ended = endOf(code, reason.toString());
      if (ended instanceof TidingsError) reject(ended);
      else resolve(ended);
    });
  });
}

function addressOf({ socket }: Target, topics: readonly string[], { cursor }: Position): URL {
  const address = new URL(socket);
  if (topics.length > 0) address.searchParams.set('topics', topics.join(','));
  if (cursor !== null) address.searchParams.set('cursor', cursor);
  return address;
}

const notAccepted = (reason: string): TidingsError =>
  new TidingsError('unauthenticated', `the server does not accept who this is: ${reason}`);

function endOf(code: number, reason: string): Ended | TidingsError {
  switch (code) {
    case CloseCode.unauthenticated:
      return notAccepted(reason);
    case CloseCode.forbidden:
      return new TidingsError('forbidden', `the server refuses this user: ${reason}`);
    case CloseCode.restarting:
      return { reason: 'the server restarts', delay: retryAfter(reason) };
    case CloseCode.tooSlow:
      return { reason: 'this program read too slowly', delay: 0 };
    default:
      return { reason: `the connection was lost (${code}${reason ? `, ${reason}` : ''})`, delay: null };
  }
}

function retryAfter(reason: string): number | null {
  try {
    const { retry_after_ms } = JSON.parse(reason) as { retry_after_ms?: unknown };
    return typeof retry_after_ms === 'number' && retry_after_ms >= 0 ? retry_after_ms : null;
  } catch {
    return null;
  }
}

/** The message of a refusal; null if the answer is none of its own. */
async function readProblem(response: IncomingMessage): Promise<string | null> {
  try {
    const { message } = (await json(response)) as { message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

function refusedUpgrade({ server, socket }: Target, status: number, message: string | null): TidingsError {
  if (status === 401 && message !== null) return notAccepted(message);
  if (status === 503 && message !== null)
    return new TidingsError('unavailable', `${server} cannot serve now: ${message}`);
  if (status >= 500)
    return new TidingsError('unavailable', `${server} answers ${status}; it, or what is behind it, is down`);
  return new TidingsError(
    'bad_response',
    `${server} answers ${status} at ${socket.pathname}, and opens no WebSocket there; check the address and --path`,
    { retryable: false },
  );
}

const unreachable = ({ server }: Target, error: Error & { code?: string }): TidingsError =>
  new TidingsError(
    'unreachable',
    `no Tidings server answered at ${server} (${error.code ?? error.message}): check that it runs ("tidings dev" or "tidings serve") and that --url or TIDINGS_URL names it`,
    { cause: error },
  );

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
