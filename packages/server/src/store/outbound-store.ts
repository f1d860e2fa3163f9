import type { ConsumerStore, DeliveryBacklog, DeliveryStore } from '../domain/deliveries.ts';
import { type SqlDatabase, step } from './steps.ts';

/** The most deliveries that are counted. */
const counted = 10_000;

/** Consumers' cursors, and deliveries. */
export const outboundStore = (database: SqlDatabase): ConsumerStore & DeliveryStore & DeliveryBacklog => ({
  async leaseConsumer(consumer, ms) {
    const now = await database.now();
    const { leased } = await database.write({ leased: step('leaseConsumer', { consumer, now, until: now + ms }) });
    return leased[0] ? { consumer, ...leased[0] } : null;
  },

  async advanceConsumer({ consumer, token }, cursor, deliveries, ms) {
    const until = (await database.now()) + ms;
    const { advanced } = await database.write({
      advanced: step('advanceConsumer', { consumer, token, cursor, until }),
      added: deliveries.map((delivery) => step('addDelivery', { ...delivery, consumer, token })),
    });
    return advanced.length === 1;
  },

  async releaseConsumer({ consumer, token }) {
    await database.write({ released: step('releaseConsumer', { consumer, token }) });
  },

  async dueReceivers(channel) {
    const rows = await database.rows(step('dueReceivers', { channel, now: await database.now() }));
    return rows.map(({ receiver }) => receiver);
  },

  async takeDeliveries(channel, receiver, limit, ms) {
    const now = await database.now();
    const one = step('takeDeliveries', { channel, receiver, now, until: now + ms, limit });
    const { taken } = await database.write({ taken: one });
    return taken.map(({ attempts, ...delivery }) => ({ ...delivery, attempt: attempts }));
  },

  async endDelivery({ id, attempt }) {
    await database.write({ ended: step('endDelivery', { id, attempt }) });
  },

  async postponeDelivery({ id, attempt }, dueAt) {
    await database.write({ postponed: step('postponeDelivery', { id, attempt, dueAt }) });
  },

  async deliveryBacklog(ms) {
    const dueBefore = (await database.now()) - ms;
    const [backlog] = await database.rows(step('deliveryBacklog', { dueBefore, limit: counted }));
    return { failing: Number(backlog?.failing ?? 0), late: Number(backlog?.late ?? 0) };
  },
});
