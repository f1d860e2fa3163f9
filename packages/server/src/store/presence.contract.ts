import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { PresenceStore, PresenceWrite } from '../domain/store/presence.ts';

const nothing: PresenceWrite = { put: [], removed: [], upTo: [], closed: [] };
let made = 0;
/** A key, which is JSON. */
const odd = JSON.stringify(['b \u00010', '"']);
/** Names of a test's own, with characters that databases have difficulties with. */
const aTopic = () => `room:p:${++made} \u00010 "\\ 🦉`;
const sorted = (found: Awaited<ReturnType<PresenceStore['presence']>>) =>
  found
    .map(({ node, sessions, ...rest }) => ({
      ...{ node, ...rest, sessions: sessions.map(({ key, session }) => `${key} ${session}`).sort() },
    }))
    .sort((a, b) => (a.node < b.node ? -1 : 1));

/** Sessions in rooms, of nodes with leases. */
export function presenceContract(start: OpenStore): void {
  describe('presence', () => {
    test.concurrent('is read by room, as each node has it, up to its message', async ({ onTestFinished }) => {
      const { store } = await start(onTestFinished);
      const [topic, other] = [aTopic(), aTopic()];
      expect(await store.writePresence('n1', 60_000, nothing)).toBe(false);
      expect(await store.writePresence('n2', 60_000, nothing)).toBe(false);
      const put = ['a', odd].map((key) => ({ topic, key, session: `"${key}" 1` }));
      const write = { ...nothing, put: [...put, { topic: other, key: 'c', session: '1' }], upTo: [{ topic, seq: 7 }] };
      expect(await store.writePresence('n1', 60_000, write)).toBe(true);
      await store.writePresence('n2', 60_000, { ...nothing, put: [{ topic, key: 'a', session: 'x' }] });
      expect(sorted(await store.presence([topic]))).toEqual([
        { node: 'n1', topic, seq: 7, sessions: ['a "a" 1', `${odd} "${odd}" 1`].sort() },
        { node: 'n2', topic, seq: 0, sessions: ['a x'] },
      ]);
      const changed = { ...nothing, put: [{ topic, key: 'a', session: '2' }], removed: [{ topic, key: odd }] };
      await store.writePresence('n1', 60_000, { ...changed, upTo: [{ topic, seq: 9 }] });
      expect(sorted(await store.presence([topic]))[0]).toEqual({ node: 'n1', topic, seq: 9, sessions: ['a 2'] });
      expect(await store.presenceHeads([topic, other])).toMatchObject({ heads: [{ topic, node: 'n1', seq: 9 }] });
      await store.writePresence('n1', 60_000, { ...nothing, removed: [{ topic, key: 'a' }], closed: [topic] });
      expect(sorted(await store.presence([topic])).map(({ node }) => node)).toEqual(['n2']);
    });

    test.concurrent('of a node whose lease has ended is not read, and is removed in time', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const topic = aTopic();
      const write = { ...nothing, put: [{ topic, key: 'a', session: '1' }], upTo: [{ topic, seq: 1 }] };
      await store.writePresence('n1', 1_000, write);
      await store.writePresence('n2', 60_000, write);
      const nodes = async () => (await store.presence([topic])).map(({ node }) => node).sort();
      expect(await nodes()).toEqual(['n1', 'n2']);
      clock.now += 1_001;
      expect(await nodes()).toEqual(['n2']);
      expect((await store.presenceHeads([topic])).nodes).toEqual(['n2']);
      await store.removeLostNodes(5_000);
      expect(await store.writePresence('n1', 1_000, nothing)).toBe(true);
      expect(await nodes()).toEqual(['n1', 'n2']);
      clock.now += 7_000;
      await store.removeLostNodes(5_000);
      expect(await store.writePresence('n1', 1_000, nothing)).toBe(false);
      expect(await nodes()).toEqual(['n2']);
    });
  });
}
