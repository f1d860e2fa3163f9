import { describe, expect, test } from 'vitest';
import type { Batch, Broker } from '../domain/ports.ts';

const batch = (from: number): Batch => {
  const change = {
    id: 'a',
    kind: 'notification' as const,
    topics: ['user:1'],
    audience: null,
    alertRev: 0,
    recount: false,
    body: '{"type":"x"}',
  };
  return { term: 't', from, to: from, changes: [{ ...change, rev: from }] };
};

/** What every broker promises: it may lose, repeat, reorder or delay, and never alters. `settled` waits for what is on its way. */
export function brokerContract(name: string, make: () => Broker, settled: () => Promise<void>): void {
  describe(name, () => {
    test('brings a batch to every listener as it was published', async () => {
      const broker = make();
      const heard: Batch[][] = [[], []];
      for (const list of heard) broker.onBatch((one) => list.push(one));
      broker.publish(batch(1));
      broker.publish(batch(2));
      await settled();
      for (const list of heard) for (const one of list) expect(one).toEqual(batch(one.from));
      expect(heard.map((list) => new Set(list.map(({ from }) => from)).size)).toEqual([2, 2]);
      expect(broker.health()).toEqual({ ok: true, reason: null });
      await broker.close();
    });

    test('brings nothing after it was closed', async () => {
      const broker = make();
      const heard: Batch[] = [];
      broker.onBatch((one) => heard.push(one));
      await broker.close();
      broker.publish(batch(1));
      await settled();
      expect(heard).toEqual([]);
    });
  });
}
