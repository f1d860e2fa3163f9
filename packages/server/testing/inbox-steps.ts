import fc from 'fast-check';
import { anyFate, type Fate } from './faulty-broker.ts';

/** People by numbers; the last one has not come yet at first. */
export const people = ['ann', 'bob', 'eve'] as const;
const roles = ['staff', 'admin-like'] as const;

/** Recipients of a notification, by number; see `recipients`. */
export const recipients = [
  { user: 'ann' },
  { user: 'bob' },
  { user: 'eve' },
  { users: ['ann', 'bob'] },
  { username: 'eve' },
  { usernames: ['eve', 'bob'] },
  { role: 'staff' },
  { role: 'admin-like' },
  { everyone: true },
] as const;

export interface PublishStep {
  do: 'publish';
  to: number;
  silent: boolean;
  category: string;
  collapse: string | null;
  /** Time until it expires, and until it is delivered, ms. */
  expires: number | null;
  waits: number | null;
  count: number;
  /** Sent twice, as by a sender that got no answer. */
  retried: boolean;
}

/** One step of a play. Notes and devices are numbers, modulo how many there are. */
export type InboxStep =
  | PublishStep
  | { do: 'edit'; note: number; category: string | null; expires: number | null }
  | { do: 'retract'; note: number }
  | {
      do: 'mark';
      mark: 'read' | 'unread' | 'archive' | 'unarchive' | 'snooze' | 'unsnooze';
      notes: number[];
      until: number;
      device: number;
      over: 'socket' | 'http';
    }
  | { do: 'read all'; device: number; upTo: number | null; over: 'socket' | 'http' }
  | { do: 'roles'; person: number; roles: string[] }
  | { do: 'connect'; device: number; fresh: boolean; roles: string[] | null }
  | { do: 'cut' | 'flow' | 'sweep'; device: number }
  | { do: 'stall'; device: number; bytes: number }
  | { do: 'pass'; ms: number }
  | { do: 'clockwork' | 'purge' | 'compare' | 'wait' | 'look' };

export interface InboxScenario {
  steps: InboxStep[];
  fates: Fate[];
  pageSize: number;
  holdFrames: number;
  recent: number;
}

const device = fc.nat(5);
const note = fc.nat(30);
const soon = fc.constantFrom(null, null, null, 5_000, 60_000, 200_000);
const category = fc.constantFrom('', '', 'jobs', 'mail');
const kind = <T extends string>(...names: T[]) => fc.constantFrom(...names);
const over = kind('socket', 'http');

const publish = fc.record({
  ...{
    do: kind('publish'),
    to: fc.nat(recipients.length - 1),
    silent: fc.constantFrom(false, false, false, false, true),
  },
  ...{ category, collapse: fc.constantFrom(null, null, 'x', 'y'), expires: soon, waits: soon },
  ...{ count: fc.integer({ min: 1, max: 3 }), retried: fc.constantFrom(false, false, false, true) },
});
const mark = fc.record({
  ...{ do: kind('mark'), mark: kind('read', 'unread', 'archive', 'unarchive', 'snooze', 'unsnooze') },
  ...{
    notes: fc.array(note, { minLength: 1, maxLength: 4 }),
    until: fc.constantFrom(1_000, 70_000, 70_000),
    device,
    over,
  },
});
const weighted: [number, fc.Arbitrary<InboxStep>][] = [
  [8, publish],
  [3, fc.record({ do: kind('edit'), note, category: fc.constantFrom(null, '', 'mail'), expires: soon })],
  [2, fc.record({ do: kind('retract'), note })],
  [8, mark],
  [2, fc.record({ do: kind('read all'), device, upTo: fc.constantFrom(null, 0, 1, 3, 8), over })],
  [3, fc.record({ do: kind('roles'), person: fc.nat(2), roles: fc.subarray([...roles]) })],
  [
    5,
    fc.record({
      do: kind('connect'),
      device,
      fresh: fc.constantFrom(false, false, true),
      roles: fc.constantFrom<string[] | null>(null, null, [], ['staff']),
    }),
  ],
  [4, fc.record({ do: kind('cut', 'flow', 'sweep'), device })],
  [2, fc.record({ do: kind('stall'), device, bytes: fc.nat(3_000) })],
  [4, fc.record({ do: kind('pass'), ms: fc.constantFrom(1_000, 61_000, 61_000, 250_000, 700_000, -300_000) })],
  [6, fc.record({ do: kind('clockwork', 'clockwork', 'purge', 'compare', 'wait', 'look') })],
];

export const inboxScenario: fc.Arbitrary<InboxScenario> = fc.record({
  steps: fc.array(fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
    minLength: 5,
    maxLength: 45,
    size: 'max',
  }),
  fates: fc.array(anyFate, { minLength: 1, maxLength: 4 }),
  pageSize: fc.integer({ min: 1, max: 12 }),
  holdFrames: fc.integer({ min: 3, max: 20 }),
  recent: fc.constantFrom(2, 500, 500),
});

const plain = { silent: false, category: '', collapse: null, expires: null, waits: null, count: 1, retried: false };
const small = { pageSize: 1, holdFrames: 3, recent: 2 };

/** Scenarios that once came out wrong, and are played first. */
export const foundBefore: readonly InboxScenario[] = [
  {
    // A notification comes back with its topic, by an edit, as its user had left it.
    ...{ ...small, fates: [{ after: 0, times: 1 }] },
    steps: [
      { do: 'connect', device: 5, fresh: false, roles: ['staff'] },
      { do: 'publish', to: 6, ...plain },
      { do: 'edit', note: 0, category: null, expires: 5_000 },
      { do: 'pass', ms: 700_000 },
      { do: 'mark', mark: 'snooze', notes: [0], until: 1_000, device: 2, over: 'socket' },
      { do: 'roles', person: 2, roles: [] },
      { do: 'roles', person: 2, roles: ['staff'] },
      { do: 'clockwork' },
      { do: 'look' },
    ],
  },
  {
    // The same, whose snooze ended while it was not the user's.
    ...{ ...small, fates: [{ after: 0, times: 1 }] },
    steps: [
      { do: 'connect', device: 5, fresh: false, roles: ['staff'] },
      { do: 'publish', to: 6, ...plain },
      { do: 'publish', to: 6, ...plain },
      { do: 'publish', to: 6, ...plain },
      { do: 'mark', mark: 'snooze', notes: [0], until: 1_000, device: 2, over: 'socket' },
      { do: 'roles', person: 2, roles: [] },
      { do: 'pass', ms: 61_000 },
      { do: 'clockwork' },
      { do: 'roles', person: 2, roles: ['staff'] },
      { do: 'look' },
      { do: 'edit', note: 0, category: 'mail', expires: null },
      { do: 'look' },
    ],
  },
  {
    // One of two names becomes known as the broker has lost what the other was sent.
    ...small,
    fates: [
      { after: 0, times: 1 },
      { after: 0, times: 0 },
    ],
    steps: [
      { do: 'connect', device: 5, fresh: false, roles: null },
      { do: 'publish', to: 5, ...plain },
      { do: 'connect', device: 1, fresh: false, roles: null },
      { do: 'look' },
    ],
  },
];
