import type { Position } from '../domain/store/history.ts';
import { LiveBuffer } from './live-buffer.ts';

/** These topics are read; live frames are buffered meanwhile. */
interface Reading {
  topics: readonly string[];
  buffer: LiveBuffer;
}

/**
 * - `behind`: is sent pages of what it missed, and nothing live is delivered to it
 * - `reading`: a page of these topics is being read; their live frames are buffered
 * - `live`: sends what is delivered; `from` is the position up to which all that was missed has been sent
 * - `joining`: live, while the records of topics to be added are read; live frames of any topic are buffered
 * - `closed`: nothing is delivered to it, and it sends nothing any more
 */
export type SessionState =
  | { phase: 'behind' }
  | ({ phase: 'reading' } & Reading)
  | { phase: 'live'; from: Position }
  | ({ phase: 'joining'; from: Position } & Reading)
  | { phase: 'closed' };

/**
 * - `read`: topics are going to be read
 * - `drop`: what was buffered is of no use; the topics are read again, or not at all
 * - `caught_up`: all up to `from` was sent
 * - `joined`: what there is of the topics was sent
 * - `forgotten`: a topic is subscribed to no more, whether it is being read or not
 * - `close`: the session ends
 */
export type SessionEvent =
  | { type: 'read'; topics: readonly string[]; limit: number }
  | { type: 'drop' }
  | { type: 'caught_up'; from: Position }
  | { type: 'joined' }
  | { type: 'forgotten'; topic: string }
  | { type: 'close' };

type Phase = SessionState['phase'];
type In<P extends Phase> = Extract<SessionState, { phase: P }>;
type Of<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;
type Row<P extends Phase> = { [T in SessionEvent['type']]: (state: In<P>, event: Of<T>) => SessionState };

const closed: SessionState = { phase: 'closed' };
const behind: SessionState = { phase: 'behind' };
const stay = (state: SessionState): SessionState => state;
const close = (): SessionState => closed;
const without = <S extends Reading>(state: S, { topic }: { topic: string }): S => ({
  ...state,
  topics: state.topics.filter((one) => one !== topic),
});
const backToLive = ({ from }: { from: Position }): SessionState => ({ phase: 'live', from });

/** Every phase with every event, so that the compiler finds the hole. `stay` if an event comes too late to matter. */
const transitions: { [P in Phase]: Row<P> } = {
  behind: {
    read: (_, { topics, limit }) => ({ phase: 'reading', topics, buffer: new LiveBuffer(limit) }),
    drop: stay,
    caught_up: (_, { from }) => ({ phase: 'live', from }),
    joined: stay,
    forgotten: stay,
    close,
  },
  reading: {
    read: (state, { topics }) => ({ ...state, topics }),
    drop: () => behind,
    caught_up: (_, { from }) => ({ phase: 'live', from }),
    joined: stay,
    forgotten: without,
    close,
  },
  live: {
    read: ({ from }, { topics, limit }) => ({ phase: 'joining', from, topics, buffer: new LiveBuffer(limit) }),
    drop: stay,
    caught_up: (_, { from }) => ({ phase: 'live', from }),
    joined: stay,
    forgotten: stay,
    close,
  },
  joining: {
    read: (state, { topics }) => ({ ...state, topics: [...state.topics, ...topics] }),
    drop: backToLive,
    caught_up: (_, { from }) => ({ phase: 'live', from }),
    joined: backToLive,
    forgotten: without,
    close,
  },
  closed: { read: stay, drop: stay, caught_up: stay, joined: stay, forgotten: stay, close: stay },
};

export const initialState = behind;

/** The state that follows one state by an event. */
export function nextState(state: SessionState, event: SessionEvent): SessionState {
  const row = transitions[state.phase] as Row<Phase>;
  return (row[event.type] as (state: SessionState, event: SessionEvent) => SessionState)(state, event);
}
