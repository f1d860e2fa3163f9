import { CloseCode, docsUrl, type ErrorCode, errorCodes } from '@tidings/protocol';
import { internalError } from '../../../domain/internal-error.ts';

/** The meaning of a code, and what to do about it. */
interface Guide {
  means: string;
  todo: string;
}

const errors: Record<ErrorCode, Guide & { example: string }> = {
  bad_request: {
    means: 'The call or frame is not what this server reads.',
    todo: 'Read `message`: it says what was expected and what came. Sending the same again fails again.',
    example: 'title must be string; got 7',
  },
  unauthenticated: {
    means: 'No API key or token came, or one that this server does not take.',
    todo: 'Back ends: compare TIDINGS_API_KEY on both sides. Users: fetch a new token, and look at its `exp`, secret, issuer and audience.',
    example: 'back ends send "Authorization: Bearer <api key>"',
  },
  forbidden: {
    means: 'It is known who asks, and that they may not.',
    todo: 'Notifications are sent by back ends only; give the user the role or grant that this needs.',
    example:
      'notifications are sent by back ends only: POST /api/v1/notifications with an API key, or use @tidings/sender there',
  },
  origin_not_allowed: {
    means: 'A page of an origin that is not on the list has called.',
    todo: 'Name that origin in auth.allowedOrigins (--allowed-origins) of the server, or serve the page from the server’s own.',
    example:
      'the origin https://app.example.com may not connect; name it in auth.allowedOrigins (--allowed-origins) of the server',
  },
  not_found: {
    means: 'It does not exist, or it belongs to somebody else; the answer is the same for both.',
    todo: 'Check the path and the id, and who is asking.',
    example: 'there is no task "transfer-1002", or it is not yours',
  },
  method_not_allowed: {
    means: 'The path is known, and takes other methods.',
    todo: 'Use one of those that the header `Allow` names.',
    example: 'DELETE is no method of /api/v1/notifications; use GET, HEAD or POST',
  },
  conflict: {
    means: 'What is there already does not allow it.',
    todo: 'Read how it stands now, and decide anew.',
    example:
      'task transfer-1002 is completed already; report "queued" or "processing" with "restart": true to begin attempt 2',
  },
  idempotency_mismatch: {
    means: 'This idempotency key was used for something else not long ago.',
    todo: 'Use a new key for a new notification; repeat with the same key only what is the same.',
    example: 'this idempotency key was used for another notification in the last 24 hours; use a new key',
  },
  payload_too_large: {
    means:
      'The body has more than 1 MiB, or `data` or `result` more than 256 KiB as JSON (limits.maxDataBytes, --max-data-bytes).',
    todo: 'Send fewer items at once, and large content as a link.',
    example: 'the body is larger than 1 MiB; send less at once',
  },
  unsupported_media_type: {
    means: 'The body is not plain JSON in UTF-8.',
    todo: 'Send Content-Type: application/json, and the body as it is: not compressed, and in no other charset.',
    example: 'the body must be JSON, with Content-Type: application/json',
  },
  upgrade_required: {
    means: 'This is the address of a WebSocket, and it was asked for as a page.',
    todo: 'Connect by ws:// or wss://; a proxy in between must pass on the headers Upgrade and Connection.',
    example:
      'this is the address of a WebSocket: connect by ws:// or wss://, through proxies that pass on the headers Upgrade and Connection',
  },
  too_many: {
    means: 'More was asked for in a short time, or at once, than one caller may.',
    todo: 'Wait, then go on more slowly; connections are closed with 4429 when they do not.',
    example: 'more than 50 actions a second; slow down',
  },
  internal: {
    means: 'The server has failed at this.',
    todo: 'Its log says why. Repeat with the same idempotency key, so that nothing is stored twice.',
    example: internalError().message,
  },
  unavailable: {
    means: 'It may have been stored or not; nobody knows. Or the server cannot tell now who asks.',
    todo: 'Repeat with the same idempotency key a little later; the message, or GET /healthz, tells what is wrong.',
    example: '100000 writes wait for the disk already; send this again a little later',
  },
  storage_full: {
    means: 'The disk is full; nothing was stored. Reading goes on.',
    todo: 'Make room; the server recovers by itself.',
    example: 'no space is left on the disk; nothing was stored',
  },
  unreachable: {
    means: 'No server answered at the address.',
    todo: 'Check TIDINGS_URL, and that the server runs: curl its /readyz.',
    example: 'nothing answers at http://127.0.0.1:8000',
  },
  timeout: {
    means: 'An answer did not come in time.',
    todo: 'Repeat with the same idempotency key.',
    example: 'no answer came within 5 s',
  },
  bad_response: {
    means: 'The server, or a proxy before it, spoke something else than Tidings.',
    todo: 'Look at what is really at the address; proxies must pass /api/v1 and upgrades of /ws on.',
    example: 'http://127.0.0.1:8000 answered with HTML',
  },
};

/** Every code of an error, with what to do. */
export const errorGuide = (Object.keys(errorCodes) as ErrorCode[]).map((code) => ({
  code,
  status: errorCodes[code].status,
  retryable: errorCodes[code].retryable,
  docs_url: docsUrl(code),
  means: errors[code].means,
  todo: errors[code].todo,
}));

/** An example of the message of an error with this code. */
export const messageOf = (code: ErrorCode): string => errors[code].example;

const closes: Record<keyof typeof CloseCode, Guide> = {
  normal: { means: 'One side ended the session on purpose.', todo: 'Nothing.' },
  frameTooLarge: { means: 'A frame was larger than 64 KiB.', todo: 'Send less in one action.' },
  restarting: {
    means: 'The server restarts; the reason is JSON, {"retry_after_ms": n}.',
    todo: 'Reconnect with the cursor after that time.',
  },
  overloaded: {
    means: 'The server has no room now, or cannot determine the user now.',
    todo: 'Reconnect with the cursor later, backing off.',
  },
  badFrames: {
    means: 'Frames could not be read, again and again, or `max_frame` is none.',
    todo: 'Correct the client; do not reconnect.',
  },
  unauthenticated: {
    means: 'Not, or no longer, authenticated; the reason says why.',
    todo: 'Fetch a new token, then reconnect with the cursor.',
  },
  forbidden: { means: 'The right to be here was withdrawn.', todo: 'Do not reconnect by itself; ask the user.' },
  tooSlow: { means: 'The client reads too slowly.', todo: 'Reconnect with the cursor: nothing is lost.' },
  tooManyConnections: { means: 'This user or address has too many connections.', todo: 'Close some, then reconnect.' },
  tooManyActions: { means: 'The client sends too many actions.', todo: 'Reconnect with the cursor, and slow down.' },
};

/** Every code a socket is closed with, with what to do. */
export const closeGuide = (Object.keys(CloseCode) as (keyof typeof CloseCode)[]).map((name) => ({
  code: CloseCode[name],
  name,
  ...closes[name],
}));
