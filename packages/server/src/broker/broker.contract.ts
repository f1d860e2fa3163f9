import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Broker, Hint } from '../domain/ports.ts';
import type { Batch } from '../domain/writes.ts';

/** Two nodes that reach each other; of one process they may be the same object. */
interface Nodes {
  nodes: readonly [Broker, Broker];
  close(): Promise<void>;
}

const batch = (from: number, to = from): Batch => {
  const change = {
    id: 'a',
    kind: 'notification' as const,
    topics: ['user:1'],
    viewers: null,
    alertRev: 0,
    recount: false,
    body: '{"type":"x"}',
  };
  return { term: 'the-term_1', from, to, changes: [{ ...change, rev: from }] };
};

/**
 * The promises of every `Broker`. It may lose what it carries to other nodes: so each test publishes until something arrives, for 10 s at most.
 * @param make opens two nodes that hear each other
 */
export function brokerContract(name: string, make: () => Promise<Nodes>): void {
  describe(name, () => {
    let opened: Nodes;
    let here: Broker;
    let there: Broker;
    beforeEach(async () => {
      opened = await make();
      [here, there] = opened.nodes;
    });
    afterEach(() => opened.close());

    /** Publishes batches of three revs until `arrived`; returns them. */
    async function publishUntil(arrived: () => boolean): Promise<Batch[]> {
      const sent: Batch[] = [];
      for (const end = Date.now() + 40_000; !arrived() && Date.now() < end; await pause(20)) {
        sent.push(batch(sent.length * 3 + 1, sent.length * 3 + 3));
        here.publish(sent.at(-1) as Batch);
      }
      return sent;
    }

    test('brings a batch to every listener of its own node at once, as it was published', () => {
      const heard: Batch[][] = [[], []];
      for (const list of heard) here.onBatch((one) => list.push(one));
      here.publish(batch(1));
      here.publish(batch(2));
      for (const list of heard) expect(list).toEqual([batch(1), batch(2)]);
      expect(here.health()).toEqual({ ok: true, reason: null });
    });

    test('tells other nodes what was committed, whole or as a hint, and alters neither', async () => {
      const told: (Batch | Hint)[] = [];
      there.onBatch((one) => told.push(one));
      there.onHint((hint) => told.push(hint));
      const sent = await publishUntil(() => told.length > 0);
      expect(told.length).toBeGreaterThan(0);
      for (const one of told) {
        if ('changes' in one) expect(sent).toContainEqual(one);
        else {
          // One hint may tell of several batches.
          expect(one).toMatchObject({ kind: 'committed', term: 'the-term_1' });
          expect(sent.map(({ from }) => from)).toContain((one as { from: number }).from);
          expect(sent.map(({ to }) => to)).toContain((one as { to: number }).to);
        }
      }
    });

    test('tells nothing after it was closed', async () => {
      const told: (Batch | Hint)[] = [];
      there.onBatch((one) => told.push(one));
      there.onHint((hint) => told.push(hint));
      await there.close();
      here.publish(batch(1));
      await pause(50);
      expect(told).toEqual([]);
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
