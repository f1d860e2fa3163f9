import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ephemeral, ephemeralMessageBytes } from '../domain/ports.ts';

/** Two nodes that reach each other; of one process they may be the same object. */
interface Nodes {
  nodes: readonly [Ephemeral, Ephemeral];
  close(): Promise<void>;
}

/**
 * The promises of every `Ephemeral`. It may lose messages: so each test sends until one arrives, for 10 s at most.
 * @param make opens two nodes that are ready to deliver
 */
export function ephemeralContract(name: string, make: () => Promise<Nodes>): void {
  describe(name, () => {
    let opened: Nodes;
    let here: Ephemeral;
    let there: Ephemeral;
    beforeEach(async () => {
      opened = await make();
      [here, there] = opened.nodes;
    });
    afterEach(() => opened.close());

    /** Publishes numbered texts on `channel` until `arrived`; returns all of them. */
    async function publishUntil(arrived: () => boolean, channel: string, text: (n: number) => string) {
      const sent: string[] = [];
      for (const end = Date.now() + 40_000; !arrived() && Date.now() < end; await pause(20)) {
        sent.push(text(sent.length));
        here.publish(channel, sent.at(-1) as string);
      }
      return sent;
    }

    test('brings a message to the subscribers of its channel on every node, unaltered and once at most', async () => {
      const received: string[][] = [[], [], []];
      const [own, other, second] = received as [string[], string[], string[]];
      here.subscribe('a', (text) => own.push(text));
      there.subscribe('a', (text) => other.push(text));
      there.subscribe('a', (text) => second.push(text));
      const sent = await publishUntil(
        () => received.every((texts) => texts.length > 0),
        'a',
        (n) => `${n} "quoted" 'é' \n \\ 漢 😀 ${'x'.repeat(100)}`,
      );
      await pause(50);
      for (const texts of received) {
        expect(texts.length).toBeGreaterThan(0);
        expect(sent).toEqual(expect.arrayContaining(texts));
        expect(new Set(texts).size).toBe(texts.length);
      }
    });

    test('keeps channels apart, whatever their names', async () => {
      const received: string[] = [];
      const wrong: string[] = [];
      there.subscribe('room:order/12 "ü"', (text) => received.push(text));
      for (const near of ['room:order/12 "u"', 'room', 'ROOM:ORDER/12 "Ü"', 'room:order/12 "ü" ']) {
        there.subscribe(near, (text) => wrong.push(text));
      }
      await publishUntil(() => received.length > 0, 'room:order/12 "ü"', String);
      expect(received.length).toBeGreaterThan(0);
      expect(wrong).toEqual([]);
    });

    test('delivers nothing to a subscription that was ended, and goes on delivering to the others', async () => {
      const ended: string[] = [];
      const going: string[] = [];
      const end = there.subscribe('a', (text) => ended.push(text));
      there.subscribe('a', (text) => going.push(text));
      await publishUntil(() => ended.length > 0 && going.length > 0, 'a', String);
      await pause(50);
      end();
      end();
      const before = [ended.length, going.length] as const;
      await publishUntil(() => going.length > before[1], 'a', String);
      expect(ended).toHaveLength(before[0]);
      expect(going.length).toBeGreaterThan(before[1]);
    });

    test('takes messages up to its limit, and refuses a larger one', async () => {
      const received: string[] = [];
      there.subscribe('a', (text) => received.push(text));
      const odd = '\\"é😀'.repeat(300);
      const sent = odd + 'x'.repeat(ephemeralMessageBytes - Buffer.byteLength(odd));
      await publishUntil(
        () => received.length > 0,
        'a',
        () => sent,
      );
      expect(received[0]).toBe(sent);
      expect(() => here.publish('a', `${sent}x`)).toThrow(RangeError);
    });

    test('is well while it is open, and delivers nothing after it was closed', async () => {
      expect(here.health()).toEqual({ ok: true, reason: null });
      const received: string[] = [];
      there.subscribe('a', (text) => received.push(text));
      await there.close();
      here.publish('a', 'late');
      await pause(50);
      expect(received).toEqual([]);
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
