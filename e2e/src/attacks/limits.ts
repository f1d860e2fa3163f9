import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../until.ts';
import type { Attack } from './attacked-server.ts';
import { transports } from './followers.ts';
import { headOf, RawConnection } from './raw-connection.ts';

export const limits: Attack[] = [
  ...Object.entries(transports).map(
    ([name, connect]): Attack => ({
      name: `${name}: of 400 connections that one user opens at once, no more than 100 stay, and others can connect`,
      async run(server) {
        const sub = `many by ${name}`;
        const token = server.token({ sub });
        const followers = Array.from({ length: 400 }, () => connect(server, token, {}, server.stranger()));
        await until('answers', () => followers.every(({ frames, end }) => frames.length > 0 || end !== null));
        const { connections } = (await server.call('GET', `/api/v1/users/${sub}/connections`)).body;
        expect(connections.length).toBeLessThanOrEqual(100);
        expect(followers.filter(({ end }) => end !== null).length).toBeGreaterThan(250);
        await server.checkUnharmed();
        for (const follower of followers) follower.cut();
      },
    }),
  ),
  ...Object.entries(transports).map(
    ([name, connect]): Attack => ({
      name: `${name}: an address that names 1,040 tasks, or one of 10 KB, follows no more than it may`,
      async run(server) {
        const token = server.token({ sub: `follower by ${name}` });
        const topics = [...Array.from({ length: 1_040 }, (_, n) => `task:${n}`), `task:${'x'.repeat(257)}`].join();
        const follower = connect(server, token, { topics }, server.stranger());
        await until('the error', () => follower.frames.some(({ type }) => type === 'error') || follower.end !== null);
        expect(follower.frames.find(({ type }) => type === 'error')).toMatchObject({ code: 'too_many' });
        const followed = follower.frames.filter(({ type }) => type === 'subscribed');
        expect(followed.length).toBeLessThan(1_000);
        follower.cut();
      },
    }),
  ),
  {
    name: 'bodies that do not tell their size count as others do',
    async run(server) {
      const headers = { ...server.stranger(), authorization: `Bearer ${server.token({ sub: 'chunked' })}` };
      const action = JSON.stringify({ action: 'ping', ref: 'x'.repeat(1_000_000) });
      const statuses: number[] = [];
      for (let n = 0; n < 5; n++) {
        const response = await fetch(`${server.url}/api/v1/actions`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: new Blob([action]).stream(),
          duplex: 'half',
        } as RequestInit);
        statuses.push(response.status);
      }
      // A KiB is a unit of work: a user has 2,000 at once, and the last of them may overdraw.
      expect([statuses[0], statuses.at(-1)]).toEqual([200, 429]);
    },
  },
  {
    name: 'a body in a million chunks of a byte ends its connection',
    async run(server) {
      const head = headOf('POST /api/v1/actions', {
        ...{ Authorization: `Bearer ${server.token({ sub: 'crumbs' })}`, ...server.stranger() },
        ...{ 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
      });
      const connection = await RawConnection.open(server.port, head);
      const chunks = '1\r\n \r\n'.repeat(10_000);
      for (let n = 0; n < 100 && !connection.isOver; n++) await connection.send(chunks);
      expect(await connection.endsWithin(5_000)).toBe(true);
      expect(connection.status).not.toBe(200);
    },
  },
  {
    name: 'a socket that asks for 10,000 subscriptions is closed, and a topic of 10 KB is refused',
    async run(server) {
      const headers = { ...server.stranger(), authorization: `Bearer ${server.token({ sub: 'subscriber' })}` };
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/`, { headers });
      const frames: Record<string, unknown>[] = [];
      let code = 0;
      socket.on('message', (data) => frames.push(JSON.parse(String(data))));
      socket.on('close', (closed) => {
        code = closed;
      });
      socket.on('error', () => {});
      await until('synced', () => frames.some(({ type }) => type === 'synced'));
      socket.send(JSON.stringify({ action: 'subscribe', task_id: 'x'.repeat(10_000), ref: 'long' }));
      await until('a refusal', () => frames.some(({ ref }) => ref === 'long'));
      expect(frames.find(({ ref }) => ref === 'long')).toMatchObject({ type: 'error', code: 'bad_request' });
      for (let n = 0; n < 10_000; n++) socket.send(JSON.stringify({ action: 'subscribe', task_id: `t${n}` }));
      await until('the close', () => code !== 0);
      expect(code).toBe(4429);
      expect(frames.filter(({ type }) => type === 'subscribed').length).toBeLessThanOrEqual(1_000);
    },
  },
];
