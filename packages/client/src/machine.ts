/**
 * Where a connection stands. What the application sees of it is `ClientStatus`, which several phases share.
 *
 * - `idle`: never asked to connect
 * - `authorizing`: gets the token
 * - `opening`: the socket is being opened
 * - `catching_up`: open, hearing what was missed
 * - `live`: caught up
 * - `probing`: the upgrade was refused, and whoever refused it is asked why
 * - `waiting`: for the time of the next attempt
 * - `closed`: ended, until `connect()` is called again
 */
export type Phase = 'idle' | 'authorizing' | 'opening' | 'catching_up' | 'live' | 'probing' | 'waiting' | 'closed';

/**
 * - `connect`, `disconnect`: the application asked for it
 * - `authorized`: the token is there
 * - `opened`, `synced`: the server said so
 * - `cut`: the socket closed before it was open, which tells no reason
 * - `lost`: there is no connection now, and another attempt is due later
 * - `refused`: there will be none: refused for good, or out of attempts
 * - `due`: the time of the next attempt has come
 */
export type PhaseEvent =
  | 'connect'
  | 'authorized'
  | 'opened'
  | 'synced'
  | 'cut'
  | 'lost'
  | 'refused'
  | 'due'
  | 'disconnect';

/** Which phases follow one phase; null where an event comes too late to matter. */
type Row<Next extends Partial<Record<PhaseEvent, Phase>>> = Record<Exclude<PhaseEvent, keyof Next>, null> & Next;
/** What may happen to any attempt that is under way. */
type UnderWay = { lost: 'waiting'; refused: 'closed'; disconnect: 'closed' };

/** Every phase with every event, so that the compiler finds the hole. */
type Transitions = {
  idle: Row<{ connect: 'authorizing'; disconnect: 'closed' }>;
  authorizing: Row<UnderWay & { authorized: 'opening' }>;
  opening: Row<UnderWay & { opened: 'catching_up'; cut: 'probing' }>;
  catching_up: Row<UnderWay & { synced: 'live' }>;
  live: Row<UnderWay>;
  probing: Row<UnderWay>;
  waiting: Row<{ connect: 'authorizing'; due: 'authorizing'; disconnect: 'closed' }>;
  closed: Row<{ connect: 'authorizing' }>;
};

const late = {
  connect: null,
  authorized: null,
  opened: null,
  synced: null,
  cut: null,
  lost: null,
  refused: null,
  due: null,
  disconnect: null,
} as const;
const underWay = { ...late, lost: 'waiting', refused: 'closed', disconnect: 'closed' } as const;

export const transitions: Transitions = {
  idle: { ...late, connect: 'authorizing', disconnect: 'closed' },
  authorizing: { ...underWay, authorized: 'opening' },
  opening: { ...underWay, opened: 'catching_up', cut: 'probing' },
  catching_up: { ...underWay, synced: 'live' },
  live: underWay,
  probing: underWay,
  waiting: { ...late, connect: 'authorizing', due: 'authorizing', disconnect: 'closed' },
  closed: { ...late, connect: 'authorizing' },
};
