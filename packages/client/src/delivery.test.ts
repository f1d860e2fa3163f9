import type { ServerFrame } from '@tidings/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTidingsClient } from './create-client.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { message, synced, taskFrame } from './testing/frames.ts';
import { type MemorySocket, memoryNetwork } from './testing/memory-network.ts';

/** A step: a record changes, a frame is sent again, the connection is cut some frames later, a ping, a topic's snapshot. */
type Step =
  | { do: 'change'; record: number }
  | { do: 'repeat'; back: number }
  | { do: 'cut'; after: number }
  | { do: 'ping' }
  | { do: 'snapshot' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('change' as const), record: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), back: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), after: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'ping' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'snapshot' as const }) },
);

/** A server by the rules: one sequence; a resume sends each record whose rev is past the cursor, once, as it is now. */
class Model {
  head = 0;
  readonly revs = new Map<string, number>();
  readonly sent: ServerFrame[] = [];
  socket: MemorySocket | null = null;
  /** The number of frames that get through before the connection is cut; null while it holds. */
  cutAfter: number | null = null;

  frame(record: string, marks: object): ServerFrame {
    const rev = this.revs.get(record) ?? 0;
    return record === 'r0' ? taskFrame(record, rev, { id: record, ...marks }) : message(record, rev, marks);
  }

  change(record: string): void {
    this.revs.set(record, ++this.head);
    this.write(this.frame(record, {}));
  }

  /** A topic's state, read from the store, overtakes what is still on its way. */
  snapshot(): void {
    this.revs.set('r1', ++this.head);
    this.revs.set('r0', ++this.head);
    this.write(this.frame('r0', { snapshot: true }));
    this.write(this.frame('r1', {}));
    this.write(this.frame('r0', {}));
  }

  /** A lost line loses every frame behind the cut. */
  write(frame: ServerFrame): void {
    if (!this.socket) return;
    if (this.cutAfter !== null && this.cutAfter-- <= 0) {
      this.cut();
      return;
    }
    this.sent.push(frame);
    this.socket.deliver(frame);
  }

  cut(): void {
    const { socket } = this;
    this.socket = null;
    this.cutAfter = null;
    socket?.drop();
  }

  welcome(socket: MemorySocket): void {
    this.socket = socket;
    const cursor = socket.query.get('cursor');
    const after = cursor ? Number(cursor.split(':')[1]) : 0;
    this.write({
      ...{ type: 'connection_established', user_id: '1', username: 'u', session_id: 's', roles: [] },
      ...{ cursor, recovered: true, server_time: '' },
    });
    const missed = [...this.revs].filter(([, rev]) => rev > after).sort(([, a], [, b]) => a - b);
    for (const [record] of missed) this.write(this.frame(record, { replayed: true }));
    this.write(synced(this.head));
  }

  run(next: Step): void {
    if (next.do === 'change') this.change(`r${next.record}`);
    else if (next.do === 'cut') this.cutAfter ??= next.after;
    else if (next.do === 'ping') this.write({ type: 'ping', cursor: `t:${this.head}` });
    else if (next.do === 'snapshot') this.snapshot();
    else {
      const again = this.sent.filter((frame) => 'rev' in frame).at(-1 - next.back);
      if (again) this.write(again);
    }
  }
}

test('whatever is cut, sent again or sent twice: each change is applied once, in order, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const model = new Model();
      const clock = new FakeClock();
      const network = memoryNetwork((socket) => model.welcome(socket));
      const client = createTidingsClient({ url: 'http://h', clock, WebSocket: network.WebSocket, random: () => 0.5 });
      const applied: { id: string; rev: number }[] = [];
      const fresh: number[] = [];
      client.on('*', (frame) => {
        if (!('rev' in frame)) return;
        applied.push({ id: frame.id, rev: frame.rev });
        if (!('snapshot' in frame)) fresh.push(frame.rev);
      });
      client.connect();
      for (const next of steps) {
        await network.settle();
        model.run(next);
        if (next.do === 'cut') clock.advance(100);
        else clock.advance(model.socket ? 0 : 10_000);
      }
      model.cutAfter = null;
      for (let n = 0; n < 20; n++) {
        await network.settle();
        clock.advance(10_000);
      }
      await network.settle();
      expect(client.state.status).toBe('connected');

      const held = new Map<string, number>();
      for (const { id, rev } of applied) {
        expect(rev).toBeGreaterThan(held.get(id) ?? 0);
        held.set(id, rev);
      }
      expect(Object.fromEntries(held)).toEqual(Object.fromEntries(model.revs));
      expect(fresh).toEqual([...fresh].sort((a, b) => a - b));
      const items = [...model.revs].filter(([id]) => id !== 'r0').sort(([, a], [, b]) => b - a);
      expect(client.inbox.getSnapshot().items.map(({ id, rev }) => [id, rev])).toEqual(items);
      client.disconnect();
    }),
    { numRuns: 300 },
  );
});
