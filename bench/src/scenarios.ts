import type { Load } from './load/messages.ts';
import type { PeerName } from './peers/names.ts';

export const scenarioNames = ['fanout', 'flat', 'http', 'sdk', 'batch', 'sender-batch', 'workers'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** The number of connected clients, each a user of its own. */
export const sockets = 1_000;

export interface Scenario {
  name: ScenarioName;
  title: string;
  /** The unit of the per-second figures. */
  unit: 'deliveries' | 'publishes';
  load: Load;
  /** The servers that take part, where they are at hand. */
  peers: readonly PeerName[];
  /** The ceiling's frames for each write: as many as this load lets a server gather. Null if it says nothing. */
  ceilingFrames: number | null;
  note: string;
}

const others = ['tidings', 'socket.io', 'centrifugo'] as const;
const withCeiling = [...others, 'c-send'] as const;
const batching = ['tidings', 'centrifugo'] as const;
const everybody = { audience: 'everyone', via: 'http', batch: 1 } as const;
const single = { audience: 'user', batch: 1 } as const;

const paced: Load = { ...everybody, pace: { perSecond: 20 } };
const flatOut: Load = { ...everybody, pace: { inFlight: 8 } };
const plain: Load = { ...single, via: 'http', pace: { inFlight: 64 } };
const batches = { ...single, batch: 100, pace: { inFlight: 8 } } as const;
const stored = 'Tidings stores each one, with an fsync, before it answers; Centrifugo keeps nothing on disk.';

export const scenarios: Record<ScenarioName, Scenario> = {
  fanout: {
    name: 'fanout',
    title: `One notification to ${sockets} sockets, 20 a second`,
    ...{ unit: 'deliveries', load: paced, peers: withCeiling, ceilingFrames: 1 },
    note: 'Tidings stores each one, with an fsync, before it answers; Socket.IO stores nothing.',
  },
  flat: {
    name: 'flat',
    title: `One notification to ${sockets} sockets, flat out, 8 publishers at once`,
    ...{ unit: 'deliveries', load: flatOut, peers: withCeiling, ceilingFrames: 8 },
    note: 'The C loop writes 8 frames at a time, as 8 publishers allow.',
  },
  http: {
    name: 'http',
    title: `Notifications to single users of ${sockets}, by HTTP, 64 requests in flight, one each`,
    ...{ unit: 'publishes', load: plain, peers: others, ceilingFrames: null },
    note: 'Tidings stores each one, with an fsync, before it answers; the others keep nothing on disk.',
  },
  sdk: {
    name: 'sdk',
    title: `Notifications to single users of ${sockets}, 200 callers at once, through a client that gathers calls`,
    unit: 'publishes',
    load: { ...single, via: 'sdk', pace: { inFlight: 200 } },
    ...{ peers: others, ceilingFrames: null },
    note: 'Tidings through its sender, Centrifugo through /api/batch; Socket.IO has no batches: 200 requests in flight. The others keep nothing on disk.',
  },
  batch: {
    name: 'batch',
    title: `Notifications to single users of ${sockets}, in batches of 100 by HTTP, 8 requests in flight`,
    ...{ unit: 'publishes', load: { ...batches, via: 'http' }, peers: batching, ceilingFrames: null },
    note: `Tidings by its route for batches, Centrifugo by /api/batch. ${stored}`,
  },
  'sender-batch': {
    name: 'sender-batch',
    title: `Notifications to single users of ${sockets}, in batches of 100 by the sender, 8 callers at once`,
    ...{ unit: 'publishes', load: { ...batches, via: 'sdk' }, peers: batching, ceilingFrames: null },
    note: `Tidings by notifyMany, Centrifugo by /api/batch, 8 requests in flight. ${stored}`,
  },
  workers: {
    name: 'workers',
    title: `One notification to ${sockets} sockets, flat out, in one process and with \`serve --workers 2\``,
    ...{ unit: 'deliveries', load: flatOut, peers: ['tidings', 'workers'], ceilingFrames: null },
    note: 'The workers share a port and a SQLite database; the processor time is that of all processes.',
  },
};
