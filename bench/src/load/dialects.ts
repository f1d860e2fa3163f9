/** The parts of a server's protocol that a receiving client needs. */
export interface Dialect {
  /** The request target of the upgrade; null if frames come without one. */
  target: ((token: string) => string) | null;
  /** The client's first message once it is connected. */
  hello: ((token: string) => string) | null;
  /** True if a text says that the client receives everything from now on. */
  isReady: (text: string) => boolean;
  /** The client's answer to a frame's payload; null for none. */
  answer: (buffer: Buffer, start: number, end: number) => string | null;
  /** The number of notifications in a frame's payload; 0 for other frames. */
  count: (buffer: Buffer, start: number, end: number) => number;
}

const byte = (character: string): number => character.charCodeAt(0);
const lineFeed = byte('\n');
const never = (): null => null;

/** `{"type":"user_notification"` against `{"type":"synced"`, and so on. */
const isNotification = (buffer: Buffer, start: number): boolean => buffer[start + 9] === byte('u');

const tidings: Dialect = {
  target: (token) => `/ws/notifications/?token=${token}`,
  hello: null,
  isReady: (text) => text.startsWith('{"type":"synced"'),
  answer: never,
  count: (buffer, start) => (isNotification(buffer, start) ? 1 : 0),
};

/** https://socket.io/docs/v4/engine-io-protocol and /socket-io-protocol: "40" connects, "42" is an event, "2" a ping. */
const socketIo: Dialect = {
  target: () => '/socket.io/?EIO=4&transport=websocket',
  hello: (token) => `40${JSON.stringify({ token })}`,
  isReady: (text) => text.startsWith('40'),
  answer: (buffer, start, end) => (end === start + 1 && buffer[start] === byte('2') ? '3' : null),
  count: (buffer, start) => (buffer[start] === byte('4') && buffer[start + 1] === byte('2') ? 1 : 0),
};

const isPing = (buffer: Buffer, line: number): boolean => buffer[line + 1] === byte('}');
const isPush = (buffer: Buffer, line: number): boolean =>
  buffer[line + 2] === byte('p') && buffer[line + 3] === byte('u');

function countLines(
  buffer: Buffer,
  start: number,
  end: number,
  counts: (buffer: Buffer, line: number) => boolean,
): number {
  let found = 0;
  for (let line = start; line < end; ) {
    if (counts(buffer, line)) found++;
    const next = buffer.indexOf(lineFeed, line);
    if (next === -1 || next >= end) break;
    line = next + 1;
  }
  return found;
}

/** https://centrifugal.dev/docs/transports/client_protocol: JSON lines, any number in a frame; `{}` is a ping. */
const centrifugo: Dialect = {
  target: () => '/connection/websocket',
  hello: (token) => JSON.stringify({ id: 1, connect: { token } }),
  isReady: (text) => text.includes('"connect":'),
  answer: (buffer, start, end) => (countLines(buffer, start, end, isPing) > 0 ? '{}' : null),
  count: (buffer, start, end) => countLines(buffer, start, end, isPush),
};

/** Ready-made frames on a bare TCP connection, in the words of Tidings. */
const bare: Dialect = { ...tidings, target: null, isReady: () => true };

export const dialects = { tidings, 'socket.io': socketIo, centrifugo, bare };
export type DialectName = keyof typeof dialects;
