import { type Dialect, type DialectName, dialects } from '../load/dialects.ts';

/** One client's side of a protocol, over many connections: what it asks for when it comes back, and what it has read. */
export interface Resuming {
  dialect: Dialect;
  /** Reads a text, and keeps the position in it. True for one that ends a greeting: what was missed is there, or follows at once. */
  read(text: string): boolean;
}

/** Reads every text: a position may stand in any. */
const readsAll = { count: () => 1, isReady: () => false };

function tidings(): Resuming {
  let cursor: string | null = null;
  const target = (token: string) => `/ws/notifications/?token=${token}${cursor === null ? '' : `&cursor=${cursor}`}`;
  return {
    dialect: { ...dialects.tidings, ...readsAll, target },
    read(text) {
      cursor = /"cursor":"([^"]+)"/.exec(text)?.[1] ?? cursor;
      return text.startsWith('{"type":"synced"');
    },
  };
}

/** https://socket.io/docs/v4/connection-state-recovery: the private id of the session, and the last text's own offset. */
function socketIo(): Resuming {
  let pid: string | undefined;
  let offset: string | undefined;
  const hello = (token: string) => `40${JSON.stringify({ token, pid, offset })}`;
  return {
    dialect: { ...dialects['socket.io'], ...readsAll, hello },
    read(text) {
      if (text.startsWith('40')) pid = JSON.parse(text.slice(2)).pid;
      else if (text.startsWith('42')) offset = JSON.parse(text.slice(2)).at(-1);
      return text.startsWith('40');
    },
  };
}

interface Position {
  epoch: string;
  offset: number;
}

/** https://centrifugal.dev/docs/transports/client_protocol: the epoch and offset of each channel. */
function centrifugo(): Resuming {
  const positions = new Map<string, Position>();
  const hello = (token: string) => {
    const subs = Object.fromEntries(
      [...positions].map(([channel, position]) => [channel, { recover: true, ...position }]),
    );
    return JSON.stringify({ id: 1, connect: { token, subs } });
  };
  return {
    dialect: { ...dialects.centrifugo, ...readsAll, hello },
    read(text) {
      let isGreeted = false;
      for (const { connect, push } of text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))) {
        for (const [channel, { epoch, offset = 0 }] of Object.entries<Position>(connect?.subs ?? {})) {
          positions.set(channel, { epoch, offset });
        }
        const position = positions.get(push?.channel);
        if (position && push.pub) position.offset = push.pub.offset;
        isGreeted ||= connect !== undefined;
      }
      return isGreeted;
    },
  };
}

export const resuming: Record<Exclude<DialectName, 'bare'>, () => Resuming> = {
  ...{ tidings, centrifugo, 'socket.io': socketIo },
};
