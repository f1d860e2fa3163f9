import { describe, expect, test } from 'vitest';
import type { OpenStore } from '../../testing/store-fixture.ts';
import type { ConsumerLease, Delivery, NewDelivery } from '../domain/deliveries.ts';

const receiver = 'http://127.0.0.1:1';
const draft = (id: string, of = receiver): NewDelivery => ({
  ...{ id, channel: 'webhooks', target: `${of}/`, receiver: of, body: `{"id":"${id}"}`, at: 7 },
});

/** Consumers' cursors and their deliveries, on several nodes. */
export function outboundContract(start: OpenStore): void {
  describe('durable consumers', () => {
    test.concurrent('one at a time has the lease, and goes on where the one before it was', async ({
      onTestFinished,
    }) => {
      const { store, clock, another, again } = await start(onTestFinished);
      const other = await another();
      const nodes = [store, other, store, other];
      const lease = () => Promise.all(nodes.map((node) => node.leaseConsumer('webhooks', 1_000)));
      const [first, ...none] = (await lease()).sort((a, b) => Number(a === null) - Number(b === null));
      expect(none).toEqual([null, null, null]);
      expect(first).toMatchObject({ consumer: 'webhooks', cursor: 0 });
      expect(await store.advanceConsumer(first as ConsumerLease, 5, [draft('a')], 1_000)).toBe(true);
      clock.now += 999;
      expect(await lease()).toEqual([null, null, null, null]);
      expect(await other.advanceConsumer(first as ConsumerLease, 8, [draft('b')], 1_000), 'extends it').toBe(true);
      clock.now += 999;
      expect(await lease()).toEqual([null, null, null, null]);
      clock.now += 1;
      const second = (await lease()).find((one) => one !== null) as ConsumerLease;
      expect(second.cursor).toBe(8);
      expect(second.token).toBeGreaterThan((first as ConsumerLease).token);
      await store.releaseConsumer(first as ConsumerLease);
      expect(await lease(), 'an older lease ends nothing').toEqual([null, null, null, null]);
      await store.releaseConsumer(second);
      const restarted = await again();
      expect(await restarted.leaseConsumer('webhooks', 1_000)).toMatchObject({ cursor: 8 });
      expect(await restarted.leaseConsumer('nobody', 1_000)).toBeNull();
    });

    test.concurrent('who lost the lease moves nothing and stores nothing, and the same delivery is stored once', async ({
      onTestFinished,
    }) => {
      const { store, clock, another } = await start(onTestFinished);
      const other = await another();
      const late = (await store.leaseConsumer('webhooks', 1_000)) as ConsumerLease;
      clock.now += 1_000;
      const now = (await other.leaseConsumer('webhooks', 1_000)) as ConsumerLease;
      const [isLate, isNow] = await Promise.all([
        store.advanceConsumer(late, 9, [draft('late')], 1_000),
        other.advanceConsumer(now, 3, [draft('a'), draft('b'), draft('a')], 1_000),
      ]);
      expect([isLate, isNow]).toEqual([false, true]);
      expect(await other.advanceConsumer(now, 4, [draft('b'), draft('c')], 0)).toBe(true);
      expect(await store.leaseConsumer('webhooks', 1_000)).toMatchObject({ cursor: 4 });
      const taken = await store.takeDeliveries('webhooks', receiver, 10, 1_000);
      expect(taken.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
    });

    test.concurrent('each delivery is under way once at a time, again after its lease, until it ends', async ({
      onTestFinished,
    }) => {
      const { store, clock, another } = await start(onTestFinished);
      const other = await another();
      const count = 20;
      const lease = (await store.leaseConsumer('webhooks', 1_000)) as ConsumerLease;
      const drafts = Array.from({ length: count }, (_, n) => draft(`d${n}`));
      await store.advanceConsumer(lease, 1, drafts, 1_000);
      /** Concurrent takers may get fewer than there are; together they take all in the end. */
      const take = async () => {
        const taken: Delivery[] = [];
        for (let more = true; more; ) {
          const nodes = [store, other, store, other];
          const found = (
            await Promise.all(nodes.map((node) => node.takeDeliveries('webhooks', receiver, 7, 1_000)))
          ).flat();
          taken.push(...found);
          more = found.length > 0;
        }
        return taken;
      };
      const taken = await take();
      expect(taken).toHaveLength(count);
      expect(new Set(taken.map(({ id }) => id)).size).toBe(count);
      expect(taken.find(({ id }) => id === 'd3')).toEqual({ ...draft('d3'), attempt: 1 });
      expect(await store.takeDeliveries('mail', receiver, 10, 1_000), 'of another channel').toEqual([]);
      clock.now += 999;
      expect(await take(), 'the leases run').toEqual([]);
      clock.now += 1;
      const [first, second, third, ...rest] = (await take()) as [Delivery, Delivery, Delivery, ...Delivery[]];
      expect([first, second, third, ...rest].every(({ attempt }) => attempt === 2)).toBe(true);
      await store.endDelivery(first);
      await other.postponeDelivery(second, clock.now + 5_000);
      // The first attempt of it comes to its end only now.
      await store.endDelivery({ ...third, attempt: 1 });
      await store.postponeDelivery({ ...third, attempt: 1 }, 0);
      for (const delivery of rest) await store.endDelivery(delivery);
      clock.now += 1_000;
      expect(await take()).toEqual([{ ...third, attempt: 3 }]);
      await store.endDelivery({ ...third, attempt: 3 });
      clock.now += 3_999;
      expect(await take()).toEqual([]);
      clock.now += 1;
      expect(await take()).toEqual([{ ...second, attempt: 3 }]);
    });

    test.concurrent('of each receiver deliveries are taken alone, the longest due first', async ({
      onTestFinished,
    }) => {
      const { store, clock } = await start(onTestFinished);
      const lease = (await store.leaseConsumer('webhooks', 1_000)) as ConsumerLease;
      const other = 'http://127.0.0.1:2';
      const drafts = [draft('a'), draft('b'), draft('c', other), { ...draft('d', 'x@example.com'), channel: 'mail' }];
      await store.advanceConsumer(lease, 1, drafts, 1_000);
      const due = async () => (await store.dueReceivers('webhooks')).sort();
      expect(await due()).toEqual([receiver, other]);
      const [first] = (await store.takeDeliveries('webhooks', receiver, 1, 1_000)) as [Delivery];
      await store.postponeDelivery(first, clock.now);
      const taken = await store.takeDeliveries('webhooks', receiver, 1, 1_000);
      expect(new Set([first, ...taken].map(({ id }) => id))).toEqual(new Set(['a', 'b']));
      expect(await store.takeDeliveries('webhooks', receiver, 10, 1_000)).toEqual([{ ...first, attempt: 2 }]);
      expect(await due()).toEqual([other]);
      expect(await store.takeDeliveries('webhooks', other, 10, 1_000)).toMatchObject([{ id: 'c' }]);
      expect(await due()).toEqual([]);
      clock.now += 1_000;
      expect(await due()).toEqual([receiver, other]);
    });

    test.concurrent('what is tried again, and what nobody begins, is counted', async ({ onTestFinished }) => {
      const { store, clock } = await start(onTestFinished);
      const lease = (await store.leaseConsumer('webhooks', 1_000)) as ConsumerLease;
      expect(await store.deliveryBacklog(60_000)).toEqual({ failing: 0, late: 0 });
      const drafts = ['a', 'b', 'c'].map((id) => ({ ...draft(id), at: clock.now }));
      await store.advanceConsumer(lease, 1, drafts, 1_000);
      clock.now += 59_999;
      expect(await store.deliveryBacklog(60_000), 'none is late').toEqual({ failing: 0, late: 0 });
      clock.now += 1;
      expect(await store.deliveryBacklog(60_000)).toEqual({ failing: 0, late: 3 });
      const [first] = (await store.takeDeliveries('webhooks', receiver, 1, 1_000)) as [Delivery];
      expect(await store.deliveryBacklog(60_000), 'one is begun').toEqual({ failing: 0, late: 2 });
      await store.postponeDelivery(first, clock.now);
      await store.takeDeliveries('webhooks', receiver, 3, 1_000);
      expect(await store.deliveryBacklog(60_000)).toEqual({ failing: 1, late: 0 });
    });
  });
}
