import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { PresenceStore, PresenceWrite } from '../domain/store/presence.ts';

const nothing = { put: [], removed: [], upTo: [], closed: [] };
/** The first write of a node, and a later one, by its number, behind the one before or another. */
const first = (changes: Partial<PresenceWrite>): PresenceWrite => ({ ...nothing, number: 1, after: null, ...changes });
const later = (number: number, changes: Partial<PresenceWrite> = {}, after = number - 1): PresenceWrite => ({
  ...nothing,
  ...{ number, after, ...changes },
});
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
      const put = ['a', odd].map((key) => ({ topic, key, session: `"${key}" 1` }));
      const all = { put: [...put, { topic: other, key: 'c', session: '1' }], upTo: [{ topic, seq: 7 }] };
      await store.writePresence('n1', 60_000, first(all));
      await store.writePresence('n2', 60_000, first({ put: [{ topic, key: 'a', session: 'x' }] }));
      expect(sorted(await store.presence([topic]))).toEqual([
        { node: 'n1', topic, seq: 7, sessions: ['a "a" 1', `${odd} "${odd}" 1`].sort() },
        { node: 'n2', topic, seq: 0, sessions: ['a x'] },
      ]);
      const changed = { put: [{ topic, key: 'a', session: '2' }], removed: [{ topic, key: odd }] };
      await store.writePresence('n1', 60_000, later(2, { ...changed, upTo: [{ topic, seq: 9 }] }));
      expect(sorted(await store.presence([topic]))[0]).toEqual({ node: 'n1', topic, seq: 9, sessions: ['a 2'] });
      expect(await store.presenceHeads([topic, other])).toMatchObject({ heads: [{ topic, node: 'n1', seq: 9 }] });
      await store.writePresence('n1', 60_000, later(3, { removed: [{ topic, key: 'a' }], closed: [topic] }));
      expect(sorted(await store.presence([topic])).map(({ node }) => node)).toEqual(['n2']);
    });

    test.concurrent('is written behind the write that it follows, or in place of all there is of the node, and by none that comes late', async ({
      onTestFinished,
    }) => {
      const { store } = await start(onTestFinished);
      const topic = aTopic();
      const isThere = { put: [{ topic, key: 'a', session: '1' }], upTo: [{ topic, seq: 1 }] };
      const isGone = { removed: [{ topic, key: 'a' }], upTo: [{ topic, seq: 2 }] };
      expect(await store.writePresence('n1', 60_000, first(isThere))).toBe(true);
      expect(await store.writePresence('n2', 60_000, first(isThere))).toBe(true);
      expect(await store.writePresence('n1', 60_000, later(4, isGone, 1))).toBe(true);
      const late = [later(2, isThere, 1), later(3, { ...isThere, after: null }), later(6, isThere, 5)];
      for (const write of late) expect(await store.writePresence('n1', 60_000, write)).toBe(false);
      const closed = { removed: isGone.removed, closed: [topic] };
      expect(await store.writePresence('n2', 60_000, later(3, closed, 2))).toBe(false);
      expect(await store.writePresence('n3', 60_000, later(2, isThere))).toBe(false);
      expect(sorted(await store.presence([topic]))).toEqual([
        { node: 'n1', topic, seq: 2, sessions: [] },
        { node: 'n2', topic, seq: 1, sessions: ['a 1'] },
      ]);
      const instead = { put: [{ topic, key: 'b', session: '3' }], after: null };
      expect(await store.writePresence('n2', 60_000, later(5, instead))).toBe(true);
      expect(sorted(await store.presence([topic]))[1]).toEqual({ node: 'n2', topic, seq: 0, sessions: ['b 3'] });
    });

    test.concurrent('of a node whose lease has ended is not read, and is removed in time', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const topic = aTopic();
      const write = first({ put: [{ topic, key: 'a', session: '1' }], upTo: [{ topic, seq: 1 }] });
      await store.writePresence('n1', 1_000, write);
      await store.writePresence('n2', 60_000, write);
      const nodes = async () => (await store.presence([topic])).map(({ node }) => node).sort();
      expect(await nodes()).toEqual(['n1', 'n2']);
      clock.now += 1_001;
      expect(await nodes()).toEqual(['n2']);
      expect((await store.presenceHeads([topic])).nodes).toEqual(['n2']);
      await store.removeLostNodes(5_000);
      expect(await store.writePresence('n1', 1_000, later(2))).toBe(true);
      expect(await nodes()).toEqual(['n1', 'n2']);
      clock.now += 7_000;
      await store.removeLostNodes(5_000);
      expect(await store.writePresence('n1', 1_000, later(3))).toBe(false);
      expect(await nodes()).toEqual(['n2']);
    });

    test.concurrent('of a node that died before the clock was set back is not read, and is removed', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const topic = aTopic();
      const write = first({ put: [{ topic, key: 'a', session: '1' }], upTo: [{ topic, seq: 1 }] });
      await store.writePresence('n1', 8_000, write);
      await store.writePresence('n2', 8_000, write);
      clock.now -= 3_600_000;
      expect(await store.writePresence('n2', 8_000, later(2))).toBe(true);
      expect(sorted(await store.presence([topic])).map(({ node }) => node)).toEqual(['n2']);
      expect(await store.presenceHeads([topic])).toMatchObject({ nodes: ['n2'], heads: [{ node: 'n2' }] });
      await store.removeLostNodes(60_000);
      expect(await store.writePresence('n1', 8_000, later(2))).toBe(false);
      expect(await store.writePresence('n2', 8_000, later(3))).toBe(true);
    });
  });
}
