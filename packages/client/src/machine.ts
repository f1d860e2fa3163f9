/**
 * Where a connection stands. What the application sees of it is `ClientStatus`, which several phases share.
 *
 * - `idle`: never asked to connect
 * - `authorizing`: gets the token
 * - `opening`: the socket is being opened, until the server's first frame
 * - `catching_up`: greeted, hearing what was missed
 * - `live`: caught up
 * - `probing`: there is no connection now, and it is found out why
 * - `waiting`: for the time of the next attempt
 * - `closed`: ended, until `connect()` is called again
 */
export type Phase = 'idle' | 'authorizing' | 'opening' | 'catching_up' | 'live' | 'probing' | 'waiting' | 'closed';

/**
 * - `connect`, `disconnect`: the application asked for it
 * - `authorized`: the token is there
 * - `opened`, `synced`: the server's first frame came, and the one that ends the catch-up
 * - `cut`: the attempt or the connection has ended, and it is not known yet why
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

/** Which phases follow one phase; nothing where an event comes too late to matter. */
type Row<Next extends Partial<Record<PhaseEvent, Phase>>> = Partial<Record<Exclude<PhaseEvent, keyof Next>, never>> &
  Next;
/** What may happen to any attempt that is under way. */
type UnderWay = { cut: 'probing'; lost: 'waiting'; refused: 'closed'; disconnect: 'closed' };

/** Every phase with every event, so that the compiler finds the hole. */
type Transitions = {
  idle: Row<{ connect: 'authorizing'; disconnect: 'closed' }>;
  authorizing: Row<UnderWay & { authorized: 'opening' }>;
  opening: Row<UnderWay & { opened: 'catching_up' }>;
  catching_up: Row<UnderWay & { synced: 'live' }>;
  live: Row<UnderWay>;
  probing: Row<Omit<UnderWay, 'cut'>>;
  waiting: Row<{ connect: 'authorizing'; due: 'authorizing'; disconnect: 'closed' }>;
  closed: Row<{ connect: 'authorizing' }>;
};

const underWay = { cut: 'probing', lost: 'waiting', refused: 'closed', disconnect: 'closed' } as const;

export const transitions: Transitions = {
  idle: { connect: 'authorizing', disconnect: 'closed' },
  authorizing: { ...underWay, authorized: 'opening' },
  opening: { ...underWay, opened: 'catching_up' },
  catching_up: { ...underWay, synced: 'live' },
  live: underWay,
  probing: { lost: 'waiting', refused: 'closed', disconnect: 'closed' },
  waiting: { connect: 'authorizing', due: 'authorizing', disconnect: 'closed' },
  closed: { connect: 'authorizing' },
};
