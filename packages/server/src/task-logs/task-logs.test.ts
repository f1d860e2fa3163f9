import { expect, test } from 'vitest';
import { onDeployments } from '../../testing/deployments.ts';
import type { FrameReader } from '../../testing/frame-clients.ts';
import { LogClient } from '../../testing/log-client.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

let made = 0;

onDeployments((transport, nodesOf) => {
  test('a handler that streams is followed by two clients, of which one is cut again and again', async () => {
    const nodes = nodesOf();
    const [first, last] = [nodes[0], nodes.at(-1)] as [(typeof nodes)[number], (typeof nodes)[number]];
    const name = `stream-${++made}`;
    const { tasks } = first.tidings;
    const go = Promise.withResolvers<void>();
    const chunks = Array.from({ length: 10_000 }, (_, n) => `${n} 🦉`);
    tasks.define(name, async ({ stream }) => {
      await go.promise;
      for (const [n, chunk] of chunks.entries()) {
        const stored = stream(chunk);
        // So that it takes a while, and is stored in many parts.
        if (n % 500 === 0) await stored;
      }
    });
    const { task_id } = await tasks.start(name, null, { owner: 'ann' });
    const whole = chunks.join('');

    const open = (client: LogClient, server: typeof first) => {
      const logs = `${task_id}@${client.seq}`;
      const reader = transport.open(server, token({ sub: 'ann' }), { subscribe: `task:${task_id}`, logs });
      let read = 0;
      const take = () => {
        for (; read < reader.frames.length; read++) client.apply(reader.frames[read] as object);
      };
      return { reader, take };
    };
    const [steady, cut] = [new LogClient(), new LogClient()];
    const steadily = open(steady, last);
    let now: { reader: FrameReader; take: () => void } = open(cut, last);
    go.resolve();
    let cuts = 0;
    await until(() => {
      steadily.take();
      now.take();
      if (cuts < 20 && cut.text.length > (whole.length * cuts) / 20) {
        now.reader.cut();
        now.take();
        now = open(cut, nodes[++cuts % nodes.length] as typeof first);
      }
      return steady.text.length >= whole.length && cut.text.length >= whole.length;
    });
    expect([steady.text === whole, cut.text === whole]).toEqual([true, true]);
    expect(cuts).toBeGreaterThan(3);
    steadily.reader.cut();
    now.reader.cut();
  }, 120_000);
});
