import assert from 'node:assert/strict';
import { type ActionName, actionSchemas } from '@tidings/protocol/schemas';
import fc, { type Arbitrary } from 'fast-check';
import { WebSocket } from 'ws';
import { until } from '../until.ts';
import { someone, type Target } from './target.ts';
import { arbitraryOf, oddJson, oddValue, type Schema } from './values.ts';

const action = (name: ActionName): Arbitrary<string> =>
  arbitraryOf(actionSchemas[name] as Schema, {}).map((value) => JSON.stringify(value) ?? '');
const names = Object.keys(actionSchemas) as ActionName[];

/** Any frame of a client, as text or as bytes. */
const frame = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(...names.map(action)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...names, 'constructor', '__proto__'), oddValue)
      .map(([name, value]) =>
        JSON.stringify({ action: name, ref: 1, id: value, ids: value, task_id: value, data: value }),
      ),
  },
  { weight: 2, arbitrary: oddJson },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
);

interface Received {
  type: string;
  code?: string;
  message?: string;
  ref?: unknown;
}

/** Frames on a socket: each is answered or passed over, and none is an error of the server's own. */
export const frames: Target = {
  name: 'frames',
  async property(server) {
    return fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 12 }), async (sent) => {
      const headers = { ...server.stranger(), authorization: `Bearer ${server.token({ sub: someone() })}` };
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/`, { headers });
      const received: Received[] = [];
      let end: number | null = null;
      socket.on('message', (data) => received.push(JSON.parse(String(data))));
      socket.on('close', (code) => {
        end = code;
      });
      socket.on('error', () => {});
      await until('the end of the catch-up', () => received.some(({ type }) => type === 'synced') || end !== null);
      for (const one of sent) socket.send(one);
      socket.send(JSON.stringify({ action: 'ping', ref: 'the last' }));
      await until('the last reply', () => received.some(({ ref }) => ref === 'the last') || end !== null);
      socket.terminate();
      // A frame that is too large is its sender's fault.
      assert.ok(end === null || end === 1009, `closed with ${end}`);
      for (const { type, code, message } of received) {
        if (type !== 'error') continue;
        assert.equal(typeof message, 'string');
        assert.ok(code !== undefined && !['internal', 'unavailable'].includes(code), `${code}: ${message}`);
      }
    });
  },
};
