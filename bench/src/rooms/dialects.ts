import { message, Reader } from './wire.ts';

/** A message of a server, as far as the load needs it. */
type Heard =
  | { kind: 'synced'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'states'; states: { id: string; at: number }[] }
  | { kind: 'other' };

/** The language of one of the servers. */
export interface RoomDialect {
  /** The target of the upgrade for the document or the cursors of a room. */
  target(room: string, token: string, play: 'cursors' | 'typing'): string;
  /** The messages with which a client begins once it is connected. */
  hello(room: string, play: 'cursors' | 'typing'): (string | Uint8Array)[];
  cursor(room: string, client: number, clock: number, at: number): string | Uint8Array;
  update(room: string, update: Uint8Array): Uint8Array;
  /** Many rooms over one connection; null where a connection has one. */
  many: {
    target(token: string): string;
    join(room: string): (string | Uint8Array)[];
    tell(room: string, update: Uint8Array): string | Uint8Array;
    /** Reads a message of one of the rooms. */
    read(opcode: number, bytes: Buffer): 'joined' | 'told' | null;
  } | null;
  /** Reads a message whole. */
  read(opcode: number, bytes: Buffer): Heard;
}

export type ServerName = 'tidings' | 'hocuspocus' | 'pycrdt';

const kinds = { sync: 0, awareness: 1, auth: 2 };
const empty = Uint8Array.of(0);
const stateOf = (client: number, at: number) => ({ x: at % 1_920, y: (client * 37) % 1_080, color: '#3366ff', at });

/** An awareness message of one client. */
const awareness = (client: number, clock: number, at: number): Buffer =>
  message(1, client, clock, JSON.stringify(stateOf(client, at)));

/** Reads y-protocols from here on: the name of the document is read before, where there is one. */
function readSync(reader: Reader): Heard {
  const kind = reader.number();
  if (kind === kinds.sync) {
    const step = reader.number();
    if (step === 0) return { kind: 'other' };
    return { kind: step === 1 ? 'synced' : 'update', update: reader.bytes() };
  }
  if (kind !== kinds.awareness) return { kind: 'other' };
  const states = new Reader(reader.bytes());
  const found: { id: string; at: number }[] = [];
  for (let left = states.number(); left > 0; left--) {
    const id = String(states.number());
    states.number();
    const state = JSON.parse(Buffer.from(states.bytes()).toString()) as { at: number } | null;
    if (state) found.push({ id, at: state.at });
  }
  return { kind: 'states', states: found };
}

const yjs = {
  many: null,
  hello: () => [message(kinds.sync, 0, empty)],
  cursor: (_room: string, client: number, clock: number, at: number) =>
    message(kinds.awareness, awareness(client, clock, at)),
  update: (_room: string, update: Uint8Array) => message(kinds.sync, 2, update),
  read: (_opcode: number, bytes: Buffer) => readSync(new Reader(bytes)),
};

interface PresenceText {
  type: string;
  changed?: Record<string, { sessions: Record<string, { at?: number }> }>;
}

function readPresence(text: string): Heard {
  const frame = JSON.parse(text) as PresenceText;
  if (frame.type === 'synced') return { kind: 'synced', update: new Uint8Array() };
  if (frame.type !== 'presence' || !frame.changed) return { kind: 'other' };
  const states = Object.entries(frame.changed).map(([id, { sessions }]) => ({
    ...{ id, at: Object.values(sessions)[0]?.at ?? 0 },
  }));
  return { kind: 'states', states };
}

/** Documents by the providers' protocol; cursors as presence of a room, which is JSON. */
const tidings: RoomDialect = {
  ...yjs,
  target: (room, token, play) =>
    play === 'cursors' ? `/ws/rooms/board/${room}/?token=${token}` : `/ws/collaboration/${room}/?token=${token}`,
  hello: (_room, play) => (play === 'cursors' ? [] : yjs.hello()),
  cursor: (room, client, _clock, at) =>
    JSON.stringify({ action: 'presence', room: `board:${room}`, state: stateOf(client, at) }),
  read: (opcode, bytes) => (opcode === 1 ? readPresence(bytes.toString()) : yjs.read(opcode, bytes)),
  many: {
    target: (token) => `/ws/?token=${token}`,
    join: (room) => [JSON.stringify({ action: 'subscribe', room: `board:${room}` })],
    tell: (room) => JSON.stringify({ action: 'send', room: `board:${room}`, event: 'told', data: { text: 'hello' } }),
    read(_opcode, bytes) {
      const { type } = JSON.parse(bytes.toString()) as { type: string };
      return type === 'subscribed' ? 'joined' : type === 'room_event' ? 'told' : null;
    },
  },
};

/** Each message begins with the name of the document, the first of all is the token. */
const hocuspocus: RoomDialect = {
  target: () => '/',
  hello: (room) => [message(room, kinds.auth, 0, 'token', '4.7.0'), message(room, kinds.sync, 0, empty)],
  cursor: (room, client, clock, at) => message(room, kinds.awareness, awareness(client, clock, at)),
  update: (room, update) => message(room, kinds.sync, 2, update),
  read: (_opcode, bytes) => readNamed(bytes),
  many: {
    target: () => '/',
    join: (room) => hocuspocus.hello(room, 'typing'),
    tell: (room, update) => hocuspocus.update(room, update),
    read(_opcode, bytes) {
      const { kind } = readNamed(bytes);
      return kind === 'synced' ? 'joined' : kind === 'update' ? 'told' : null;
    },
  },
};

function readNamed(bytes: Buffer): Heard {
  const reader = new Reader(bytes);
  reader.bytes();
  return readSync(reader);
}

const pycrdt: RoomDialect = { ...yjs, target: (room) => `/${room}` };

export const roomDialects: Record<ServerName, RoomDialect> = { tidings, hocuspocus, pycrdt };
