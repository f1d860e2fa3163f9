/**
 * The phase of a connection. An application sees its `ClientStatus`, which several phases share.
 *
 * - `idle`: never asked to connect
 * - `authorizing`: gets the token
 * - `opening`: the socket is being opened, until the server's first frame
 * - `catching_up`: greeted; the server sends the missed frames
 * - `live`: caught up
 * - `diagnosing`: there is no connection now; the reason is being found
 * - `waiting`: for the time of the next attempt
 * - `closed`: ended, until `connect()` is called again
 */
export type Phase = 'idle' | 'authorizing' | 'opening' | 'catching_up' | 'live' | 'diagnosing' | 'waiting' | 'closed';

/**
 * - `connect`, `disconnect`: the application asked for it
 * - `authorized`: the token is there
 * - `opened`, `synced`: the server's first frame came, and the one that ends the catch-up
 * - `cut`: the attempt or the connection has ended, for a reason that is not known yet
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

/** The phase after each event; none if an event comes too late to matter. */
type Row<Next extends Partial<Record<PhaseEvent, Phase>>> = Partial<Record<Exclude<PhaseEvent, keyof Next>, never>> &
  Next;
/** The events of any attempt that is under way. */
type UnderWay = { cut: 'diagnosing'; lost: 'waiting'; refused: 'closed'; disconnect: 'closed' };

/** Every phase with every event, so that the compiler finds the hole. */
type Transitions = {
  idle: Row<{ connect: 'authorizing'; disconnect: 'closed' }>;
  authorizing: Row<UnderWay & { authorized: 'opening' }>;
  opening: Row<UnderWay & { opened: 'catching_up' }>;
  catching_up: Row<UnderWay & { synced: 'live' }>;
  live: Row<UnderWay>;
  diagnosing: Row<Omit<UnderWay, 'cut'>>;
  waiting: Row<{ connect: 'authorizing'; due: 'authorizing'; disconnect: 'closed' }>;
  closed: Row<{ connect: 'authorizing' }>;
};

const underWay = { cut: 'diagnosing', lost: 'waiting', refused: 'closed', disconnect: 'closed' } as const;

export const transitions: Transitions = {
  idle: { connect: 'authorizing', disconnect: 'closed' },
  authorizing: { ...underWay, authorized: 'opening' },
  opening: { ...underWay, opened: 'catching_up' },
  catching_up: { ...underWay, synced: 'live' },
  live: underWay,
  diagnosing: { lost: 'waiting', refused: 'closed', disconnect: 'closed' },
  waiting: { connect: 'authorizing', due: 'authorizing', disconnect: 'closed' },
  closed: { connect: 'authorizing' },
};
