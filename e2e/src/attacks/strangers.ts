import { expect } from 'vitest';
import { until } from '../until.ts';
import type { Attack, AttackedServer } from './attacked-server.ts';
import { type Follower, type Frame, transports } from './followers.ts';

const secretWord = 'confidential';

/** A notification and a task of somebody else. */
async function belongings(server: AttackedServer): Promise<void> {
  const owner = 'owner';
  await server.call('POST', '/api/v1/notifications', { to: { user: owner }, message: secretWord });
  await server.call('POST', '/api/v1/notifications', { to: { role: 'board' }, message: secretWord });
  await server.call('PATCH', '/api/v1/tasks/owned', { owner, progress: 5, message: secretWord });
}

/** All that a stranger is sent until the connection has caught up, but for what differs between two of them in any case. */
async function sentTo(server: AttackedServer, connect: Connect, sub: string, query: Record<string, string>) {
  const follower = connect(server, server.token({ sub }), query, server.stranger());
  const seen = (type: string) => follower.frames.some((frame) => frame.type === type);
  await until('caught up', () => seen('synced') && (!('topics' in query) || seen('subscribed')));
  follower.cut();
  return follower.frames.map(withoutPlace);
}

type Connect = (typeof transports)[keyof typeof transports];
const places = new Set(['cursor', 'rev', 'as_of', 'session_id', 'server_time', 'read_upto', 'timestamp']);
const withoutPlace = (frame: Frame): Frame =>
  Object.fromEntries(Object.entries(frame).filter(([name]) => !places.has(name)));

/** The cursor that somebody's session has. */
async function cursorOf(server: AttackedServer, sub: string): Promise<string> {
  const follower: Follower = transports.WebSocket(server, server.token({ sub }), {}, server.stranger());
  await until('a cursor', () => follower.frames.some(({ type }) => type === 'synced'));
  follower.cut();
  return String(follower.frames.findLast(({ cursor }) => cursor)?.cursor);
}

/** Cursors that are not honoured, made of a good one. */
const forged: [name: string, forge: (own: string, others: string) => string][] = [
  ['another user’s', (_own, others) => others],
  [
    'another user’s place with the own tag',
    (own, others) => [...others.split(':').slice(0, 2), own.split(':')[2]].join(':'),
  ],
  ['the future', (own) => own.replace(/:\d+:/, ':9007199254740991:')],
  ['beyond all numbers', (own) => own.replace(/:\d+:/, ':99999999999999999999:')],
  ['before all', (own) => own.replace(/:\d+:/, ':-1:')],
  ['another history', (own) => own.replace(/^[^:]+/, 't0')],
  ['a history called __proto__', (own) => own.replace(/^[^:]+/, '__proto__')],
  ['no tag', (own) => own.replace(/:[^:]+$/, '')],
  ['nothing like it', () => '%00:<script>:;--'],
  ['10 KB of it', (own) => own.repeat(300).slice(0, 10_000)],
];

export const strangers: Attack[] = Object.entries(transports).flatMap(([name, connect]): Attack[] => [
  {
    name: `${name}: a task of another user is followed as one that does not exist`,
    async run(server) {
      await belongings(server);
      const [others, none] = await Promise.all(
        ['owned', 'void!'].map((id) => sentTo(server, connect, 'stranger', { topics: `task:${id}` })),
      );
      expect(JSON.stringify(others).replaceAll('owned', 'void!')).toBe(JSON.stringify(none));
      expect(JSON.stringify(others)).not.toContain(secretWord);
    },
  },
  {
    name: `${name}: other topics than tasks cannot be named`,
    async run(server) {
      const topics = 'user:owner,role:board,role:admin,username:owner,everyone,task:void!';
      const frames = await sentTo(server, connect, 'stranger', { topics });
      expect(frames.filter(({ type }) => type === 'subscribed')).toEqual([{ type: 'subscribed', task_id: 'void!' }]);
      expect(JSON.stringify(frames)).not.toContain(secretWord);
    },
  },
  {
    name: `${name}: with a cursor that is not the user’s own, the user’s own records come from the start`,
    async run(server) {
      const reader = `reader-${name}`;
      await server.call('POST', '/api/v1/notifications', { to: { user: reader }, message: 'mine' });
      const [own, others] = [await cursorOf(server, reader), await cursorOf(server, 'owner')];
      for (const [which, forge] of forged) {
        const frames = await sentTo(server, connect, reader, { cursor: forge(own, others) });
        const isOwnPlace = which.includes('with the own tag');
        expect(frames[0], which).toMatchObject({ user_id: reader, recovered: isOwnPlace });
        const records = frames.filter(({ message }) => message !== undefined).map(({ message }) => message);
        expect(records, which).toEqual(isOwnPlace ? [] : ['mine']);
      }
    },
  },
]);
